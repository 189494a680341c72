// @ts-check
/** The agent's desk: one island. It never navigates, because the phone lives in it. */
import { effect, html, render, signal } from '../vendor/preact.js';
import { Left, Timer } from './desk-call.js';
import { submit } from './desk-form.js';
import { Middle } from './desk-middle.js';
import { CloseOwed } from './desk-owed.js';
import { Notices, ReasonChoice, Right } from './desk-side.js';
import * as d from './desk-state.js';
import { clock, percent, spell, stamp } from './format.js';
import { t } from './i18n.js';
import { bind } from './keys.js';
import { icon, Keypad, Layer, Meter, second } from './parts.js';

const MICROPHONE_AGAIN_MS = 5000;
const SHIFT_END_MS = 15 * 60e3;
const level = signal(0);
const quality = signal(/** @type {any} */ (null));

/** @type {import('./keys.js').Shortcut[]} */
const SHORTCUTS = [
  { keys: 'F2', label: 'keys.f2', act: d.answerOrHangUp, guarded: true },
  { keys: 'F6', label: 'keys.f6', act: d.toggleMute },
  { keys: 'F7', label: 'keys.f7', act: d.toggleHold },
  { keys: 'F10', label: 'keys.f10', act: () => { d.layer.value = d.layer.value === 'pad' ? '' : 'pad'; }, when: () => Boolean(d.phone.leg) },
  { keys: 'Alt+R', label: 'keys.ready', act: d.goReady },
  { keys: 'Alt+B', label: 'keys.ring_out', act: () => d.ringOut(), guarded: true, when: () => d.idle.value && d.owed.value.length > 0 },
  { keys: 'Ctrl+S', label: 'keys.save', act: () => d.draft.value?.save() },
  { keys: 'Ctrl+Enter', label: 'keys.dispatch', act: () => d.draft.value && submit(d.draft.value, 'dispatch'), guarded: true },
  { keys: 'Ctrl+Shift+Enter', label: 'keys.answer', act: () => d.draft.value && submit(d.draft.value, 'answer'), guarded: true },
  ...['1', '2', '3', 'Q', 'W', 'E'].map((key) => ({ keys: `Alt+${key}`, label: `keys.suggest${'123'.includes(key) ? '' : '_unit'}`, act: () => takeSuggestion(`Alt+${key}`) })),
  { keys: 'Alt+0', label: 'keys.summary', act: readSummary },
  { keys: '?', label: 'keys.help', act: () => { d.layer.value = 'keys'; }, free: true },
];

/** @param {string} keys */
function takeSuggestion(keys) {
  const button = document.querySelector(`[data-suggest="${keys}"]`);
  if (button instanceof HTMLElement) button.click();
}

function readSummary() {
  const caller = d.pop.value?.caller;
  const text = caller ? t('say.talking', { nth: caller.nth, open: d.pop.value.open_cases.length }) : t(`state.${d.state.value}`);
  d.said.value = '';
  setTimeout(() => { d.said.value = text; });
}

function Figures() {
  second.value;
  const line = d.desk.value?.line;
  if (!line) return null;
  const longest = line.longest_since == null ? null : d.live.now() - line.longest_since;
  return html`<div class="q" role="group" aria-label=${t('top.line')}>
    <span>${t('top.waiting')}<b>${line.waiting}</b></span>
    <span class=${longest != null && longest > 30000 ? 'hot' : ''}>${t('top.longest')}<b>${longest == null ? '—' : spell(longest)}</b></span>
    <span class="wide">${t('top.answered_15s')}<b>${percent(line.answered_15s)}</b></span><span class="wide">${t('top.my_calls')}<b>${line.my_calls ?? '—'}</b></span></div>`;
}

/** @param {string} name @param {string} value @param {string} label */
const preference = (name, value, label) => html`<button type="button" class="btn small" aria-pressed=${(document.documentElement.dataset[name] ?? '') === value ? 'true' : 'false'}
  onClick=${() => setPreference(name, value)}>${label}</button>`;

const looks = signal(0);

/** @param {string} name @param {string} value */
function setPreference(name, value) {
  document.cookie = `${name}=${value}; Path=/; SameSite=Lax; Max-Age=31536000`;
  if (value) document.documentElement.dataset[name] = value;
  else delete document.documentElement.dataset[name];
  looks.value += 1;
}

function Menu() {
  looks.value;
  const token = document.querySelector('meta[name=csrf]')?.getAttribute('content') ?? '';
  const quiet = ['ready', 'break', 'offline', 'disabled'].includes(d.state.value);
  return html`<p class="muted">${d.boot.login} ${d.boot.name}</p>
    <div class="menu-row"><span>${t('prefs.theme')}</span>${preference('theme', '', t('prefs.auto'))}${preference('theme', 'light', t('prefs.light'))}${preference('theme', 'dark', t('prefs.dark'))}</div>
    <div class="menu-row"><span>${t('prefs.size')}</span>${preference('size', 'normal', t('prefs.size_normal'))}${preference('size', 'large', t('prefs.size_large'))}</div>
    <div class="menu-row"><span>${t('prefs.language')}</span>${quiet ? html`<a class="btn small" href="?lang=zh" lang="zh-CN">中文</a><a class="btn small" href="?lang=en" lang="en">English</a>` : html`<span class="muted s">${t('prefs.language_later')}</span>`}</div>
    <div class="menu-row"><span>${t('menu.account')}</span><a class="btn small" href="/account" target="_blank" rel="noopener">${t('menu.sessions')}</a>
      <form method="post" action="/logout" onSubmit=${() => d.live.send({ do: 'sign_off' })}><input type="hidden" name="csrf" value=${token} /><button class="btn small" disabled=${!quiet}>${t('nav.logout')}</button></form></div>
    ${!quiet && html`<p class="help">${t('menu.busy')}</p>`}`;
}

function Top() {
  const seat = d.desk.value?.seat;
  const call = d.call.value;
  const since = call && ['talking', 'ringing'].includes(d.state.value) ? call.answered_at ?? call.offered_at ?? call.since : seat?.since;
  return html`<header class="top"><div class="brandmark"><span class="mark">12345</span><span class="wide">${t('app.name')}</span></div>
    <div class=${`state is-${d.state.value}`}><i aria-hidden="true"></i><span>${t(call?.outgoing && !call.reached_at ? 'out.state' : `state.${d.state.value}`)}</span><${Timer} since=${since} /></div>
    ${seat?.next_break && html`<span class="tag warn">${t('seat.break_next')}</span>`}
    <${ShiftEnd} />
    <${Figures} />
    ${['ready', 'talking', 'hold', 'wrap_up'].includes(d.state.value) && html`<button type="button" class="top-btn sp" onClick=${() => { d.layer.value = 'break'; }}>${icon('cup')}${t('seat.take_break')}</button>`}
    <a class=${`top-btn ${['ready', 'talking', 'hold', 'wrap_up'].includes(d.state.value) ? '' : 'sp'}`} href="/cases" target="_blank" rel="noopener">${icon('search')}${t('top.cases')}</a>
    <button type="button" class="top-btn" aria-haspopup="dialog" onClick=${() => { d.layer.value = 'menu'; }}>${icon('person')}${d.boot.login} ${d.boot.name}</button></header>`;
}

/** Said from a quarter of an hour before the planned end on: who takes one more call should know. */
function ShiftEnd() {
  second.value;
  const shift = d.desk.value?.roster;
  if (!shift) return null;
  const left = shift.ends_at - d.live.now();
  if (left > SHIFT_END_MS) return null;
  return html`<span class="tag warn">${left > 0 ? t('shift.ends', { at: stamp(shift.ends_at).slice(-5) }) : t('shift.over', { at: stamp(shift.ends_at).slice(-5) })}</span>`;
}

/** What is going on in the city: the agent says it before being asked. */
const EventBar = () => (d.desk.value?.events ?? []).map((/** @type {any} */ event) => html`<p key=${event.id} class="link-bar warn">${icon('sound')}<b>${t('wall.event', { name: event.name })}</b><span>${[event.area, event.banner].filter(Boolean).join(' · ')}</span></p>`);

function LinkBar() {
  second.value;
  if (d.bye.value) return html`<p class="link-bar" role="alert">${icon('alert')}<b>${d.bye.value}</b><a class="btn small" href="/desk">${t('link.here')}</a></p>`;
  if (d.link.value === 'down') {
    const left = Math.max(0, Math.ceil((d.live.retryAt - Date.now()) / 1000));
    return html`<p class="link-bar">${icon('offline')}<b>${t('link.down')}</b><span>${t('link.down_more', { n: left })}</span><button type="button" class="btn small" onClick=${() => d.live.connect()}>${t('link.now')}</button></p>`;
  }
  if (d.desk.value && !d.desk.value.asterisk) return html`<p class="link-bar warn">${icon('alert')}<b>${t('link.asterisk')}</b><span>${t('link.asterisk_more')}</span></p>`;
  return null;
}

function Quality() {
  const now = quality.value;
  if (!now) return null;
  const good = now.rtt < 150 && now.lost < 0.01 ? 'good' : now.rtt < 400 && now.lost < 0.05 ? 'fair' : 'poor';
  return html`<span class=${good === 'poor' ? 'poor' : ''}>${t(`quality.${good}`)} · ${t('quality.figures', { rtt: now.rtt, lost: (now.lost * 100).toFixed(1) })}</span>`;
}

function Foot() {
  second.value;
  const { state, mic, leg } = d.sound.value;
  return html`<footer class="foot"><span><span class=${`dot ${state === 'registered' ? '' : 'off'}`}></span>${t(state === 'registered' ? 'foot.registered' : 'foot.unregistered')}</span>
    <${Quality} /><span>${t('meter.mic')} ${mic === 'open' ? html`<${Meter} level=${level} label=${t('meter.mic')} />` : t(`mic.${mic}`)}</span>
    ${leg && leg.state !== 'ringing' && html`<span>${t('foot.recorded')}</span>`}
    <button type="button" class="foot-btn sp" onClick=${() => { d.layer.value = 'keys'; }}>${t('foot.keys')}</button><span class="num">${clock(d.live.now())}</span></footer>`;
}

/** Keys with the same meaning stand on one line. */
function KeyList() {
  const labels = [...new Set(SHORTCUTS.map((s) => s.label))];
  const of = (/** @type {string} */ label) => SHORTCUTS.filter((s) => s.label === label);
  return html`<dl class="keys">${labels.map((label) => html`<div><dt>${of(label).map((s) => html`<kbd>${s.keys.replaceAll('+', ' ')}</kbd>`)}</dt><dd>${t(label)}</dd></div>`)}
    <div><dt><kbd>Esc</kbd></dt><dd>${t('keys.esc')}</dd></div></dl>`;
}

function Layers() {
  const open = d.layer.value;
  // Only its own closing: one layer may have been exchanged for another.
  const close = (/** @type {string} */ name) => () => { if (d.layer.value === name) d.layer.value = ''; };
  return html`<${Layer} open=${open === 'keys'} title=${t('keys.title')} onClose=${close('keys')}><${KeyList} /><//>
    <${Layer} open=${open === 'pad'} title=${t('keypad.title')} onClose=${close('pad')}><${Keypad} onKey=${(/** @type {string} */ key) => d.phone.key(key)} disabled=${!d.sound.value.leg} /><//>
    <${Layer} open=${open === 'break'} title=${t('break.title')} onClose=${close('break')}><${ReasonChoice} kind="break" onClose=${close('break')} /><//>
    <${Layer} open=${open === 'extend'} title=${t('extend.title')} onClose=${close('extend')}><${ReasonChoice} kind="extend" onClose=${close('extend')} /><//>
    <${Layer} open=${open.startsWith('owed:')} title=${t('owed.close_title')} onClose=${() => { if (d.layer.value.startsWith('owed:')) d.layer.value = ''; }}><${CloseOwed} id=${open.slice(5)} /><//>
    <${Layer} open=${open === 'menu'} title=${t('menu.title')} onClose=${close('menu')}><${Menu} /><//>`;
}

const Desk = () => html`<${Top} /><div class="bars"><${LinkBar} /><${EventBar} /><${Notices} /></div>
  <main id="main" class=${`columns is-${d.state.value} ${d.bye.value ? 'is-over' : ''}`}>
    <div class="column"><${Left} /></div><div class="column"><${Middle} level=${level} keys=${html`<${KeyList} />`} /></div><div class="column"><${Right} /></div></main>
  <${Foot} /><${Layers} />
  <div class="sr" role="status" id="polite">${d.said.value}</div><div class="sr" role="alert" id="assertive">${d.shouted.value}</div>`;

// Above a layer the call's own keys still work: it may ring while the menu is open.
bind(() => (d.layer.value && d.layer.value !== 'pad' ? SHORTCUTS.filter((s) => s.keys.startsWith('F')) : SHORTCUTS));
addEventListener('keydown', (e) => { if (d.layer.value === 'pad' && /^[0-9*#]$/.test(e.key)) d.phone.key(e.key); });
effect(() => { document.title = `${t(`state.${d.state.value}`)} · 12345`; });
setInterval(() => { if (!document.hidden) level.value = d.phone.level('mic'); }, 200);
setInterval(async () => { quality.value = d.phone.leg && d.phone.leg.state !== 'ringing' ? await d.phone.statistics() : null; }, 2000);
d.phone.openMicrophone();
// A headset that is plugged in or let go by another program is found without the agent's asking; a refusal is final.
const microphoneAgain = () => { if (d.phone.mic === 'missing') d.phone.openMicrophone(); };
navigator.mediaDevices?.addEventListener('devicechange', microphoneAgain);
setInterval(microphoneAgain, MICROPHONE_AGAIN_MS);

const island = document.getElementById('island');
if (island) {
  island.textContent = '';
  render(html`<${Desk} />`, island);
}
