// @ts-check
/** The desk's upper edge: the state and its timer, the line, the command bar, who sits here; and the bars that say what is wrong. */
import { html, signal } from '../vendor/preact.js';
import { ask } from './api.js';
import { Timer } from './desk-call.js';
import { Kbd } from './desk-keys.js';
import * as d from './desk-state.js';
import { percent, spell, stamp } from './format.js';
import { t } from './i18n.js';
import { icon, second } from './parts.js';

const SHIFT_END_MS = 15 * 60e3;
const LONG_WAIT_MS = 30e3;
const PAUSABLE = ['ready', 'talking', 'hold', 'wrap_up'];

function Figures() {
  second.value;
  const line = d.desk.value?.line;
  if (!line) return null;
  const longest = line.longest_since == null ? null : d.live.now() - line.longest_since;
  return html`<div class="q" role="group" aria-label=${t('top.line')}>
    <span>${t('top.waiting')}<b>${line.waiting}</b></span>
    <span class=${longest != null && longest > LONG_WAIT_MS ? 'hot' : ''}>${t('top.longest')}<b>${longest == null ? '—' : spell(longest)}</b></span>
    <span class="wide">${t('top.answered_15s')}<b>${percent(line.answered_15s)}</b></span><span class="wide">${t('top.my_calls')}<b>${line.my_calls ?? '—'}</b></span></div>`;
}

const looks = signal(0);
/** @type {Record<string, string[]>} */
const LOOKS = { theme: ['', 'light', 'dark'], size: ['normal', 'large'], contrast: ['', 'usual', 'more'] };

/** @param {string} name @param {string} value */
function look(name, value) {
  document.cookie = `${name}=${value}; Path=/; SameSite=Lax; Max-Age=31536000`;
  if (value) document.documentElement.dataset[name] = value;
  else delete document.documentElement.dataset[name];
  looks.value += 1;
}

// What a person has chosen comes with them to another computer. Once a page has been asked for in another look, that counts.
for (const [name, value] of Object.entries(d.boot.looks ?? {})) if (LOOKS[name]?.includes(value) && !new URLSearchParams(location.search).has(name)) look(name, value);

/** @param {{name: string, label: string, words: Record<string, string>}} props */
const Look = ({ name, label, words }) => html`<div class="menu-row" role="group" aria-label=${label}><span>${label}</span>${LOOKS[name].map((value) => html`<button type="button" class="btn small"
  aria-pressed=${(document.documentElement.dataset[name] ?? '') === value ? 'true' : 'false'} onClick=${() => { look(name, value); ask('PUT', '/api/preferences/looks', { [name]: value }); }}>${t(words[value])}</button>`)}</div>`;

export function Menu() {
  looks.value;
  const token = document.querySelector('meta[name=csrf]')?.getAttribute('content') ?? '';
  const quiet = ['ready', 'break', 'offline', 'disabled'].includes(d.state.value);
  return html`<p class="muted">${d.boot.login} ${d.boot.name}</p>
    <${Look} name="theme" label=${t('prefs.theme')} words=${{ '': 'prefs.auto', light: 'prefs.light', dark: 'prefs.dark' }} />
    <${Look} name="size" label=${t('prefs.size')} words=${{ normal: 'prefs.size_normal', large: 'prefs.size_large' }} />
    <${Look} name="contrast" label=${t('prefs.contrast')} words=${{ '': 'prefs.auto', usual: 'prefs.contrast_usual', more: 'prefs.contrast_more' }} />
    <div class="menu-row"><span>${t('keys.title')}</span><button type="button" class="btn small" onClick=${() => { d.layer.value = 'keys'; }}>${t('keys.keys')}</button><button type="button" class="btn small" onClick=${() => { d.layer.value = 'change_keys'; }}>${t('keys.change')}</button></div>
    <div class="menu-row"><span>${t('prefs.language')}</span>${quiet ? html`<a class="btn small" href="?lang=zh" lang="zh-CN">中文</a><a class="btn small" href="?lang=en" lang="en">English</a>` : html`<span class="muted s">${t('prefs.language_later')}</span>`}</div>
    <div class="menu-row"><span>${t('menu.account')}</span><a class="btn small" href="/account" target="_blank" rel="noopener">${t('menu.sessions')}</a>
      <form method="post" action="/logout" onSubmit=${() => d.live.send({ do: 'sign_off' })}><input type="hidden" name="csrf" value=${token} /><button class="btn small" disabled=${!quiet}>${t('nav.logout')}</button></form></div>
    ${!quiet && html`<p class="help">${t('menu.busy')}</p>`}`;
}

export function Top() {
  const seat = d.desk.value?.seat;
  const call = d.call.value;
  const since = call && ['talking', 'ringing'].includes(d.state.value) ? call.answered_at ?? call.offered_at ?? call.since : seat?.since;
  return html`<header class="top"><div class="brandmark"><span class="mark">12345</span><span class="wide">${t('app.name')}</span></div>
    <div class=${`state is-${d.state.value}`}><i aria-hidden="true"></i><span>${t(call?.outgoing && !call.reached_at ? 'out.state' : `state.${d.state.value}`)}</span><${Timer} since=${since} /></div>
    ${seat?.next_break && html`<span class="tag warn">${t('seat.break_next')}</span>`}
    ${d.desk.value?.help && html`<span class="tag warn">${t('help.sign')}</span>`}
    <${ShiftEnd} />
    <${Figures} />
    <button type="button" class="top-btn search sp" aria-haspopup="dialog" onClick=${() => { d.layer.value = 'find'; }}>${icon('search')}<span>${t('find.short')}</span><${Kbd} action="find" /></button>
    ${PAUSABLE.includes(d.state.value) && html`<button type="button" class="top-btn" aria-haspopup="dialog" onClick=${() => { d.layer.value = 'break'; }}>${icon('cup')}${t('seat.take_break')}</button>`}
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


/** Who listens in is shown where the city's rules say so; the server tells it only then. */
function WatchedBar() {
  const watched = d.desk.value?.watched;
  return watched ? html`<p class="link-bar warn">${icon('sound')}<b>${t(`watched.${watched.mode}`, { who: watched.by })}</b></p>` : null;
}

export const Bars = () => html`<${LinkBar} /><${WatchedBar} /><${EventBar} />`;
