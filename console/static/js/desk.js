// @ts-check
/** The agent's desk: one island. It never navigates, because the phone lives in it. */
import { effect, html, render, signal } from '../vendor/preact.js';
import { Left } from './desk-call.js';
import { Find } from './desk-find.js';
import { submit } from './desk-form.js';
import { KeyChanges, KeyList, keyOf } from './desk-keys.js';
import { candidates, MergeLayer, openMerge } from './desk-merge.js';
import { Middle } from './desk-middle.js';
import { LastCalls } from './desk-mine.js';
import { CloseOwed } from './desk-owed.js';
import { loadPlaces, openPlaces } from './desk-places.js';
import { toggleRecording } from './desk-recording.js';
import { Notices, readFirst, ReasonChoice, Right, showTab, unread } from './desk-side.js';
import * as d from './desk-state.js';
import { openThreeWay, openTransfer, toSurvey, TransferLayer } from './desk-transfer.js';
import { Bars, Menu, Top } from './desk-top.js';
import { lastLine } from './desk-words.js';
import { clock } from './format.js';
import { t } from './i18n.js';
import { bind } from './keys.js';
import { Keypad, Layer, Meter, second } from './parts.js';

const MICROPHONE_AGAIN_MS = 5000;
const level = signal(0);
const quality = signal(/** @type {any} */ (null));

/** Everything a key can do here; which key it is, the person decides. @type {{action: string, act: () => void, guarded?: boolean, free?: boolean, when?: () => boolean}[]} */
const ACTS = [
  { action: 'answer', act: d.answerOrHangUp, guarded: true },
  { action: 'help', act: d.askForHelp, guarded: true },
  { action: 'mute', act: d.toggleMute },
  { action: 'hold', act: d.toggleHold },
  { action: 'survey', act: toSurvey, guarded: true, when: () => d.busy.value },
  { action: 'transfer', act: openTransfer, guarded: true, when: () => d.busy.value },
  { action: 'three_way', act: openThreeWay, guarded: true, when: () => d.busy.value },
  { action: 'recording', act: toggleRecording, guarded: true, when: () => d.busy.value && Boolean(d.desk.value?.recording) },
  { action: 'pad', act: () => { d.layer.value = d.layer.value === 'pad' ? '' : 'pad'; }, when: () => Boolean(d.phone.leg) },
  { action: 'ready', act: d.goReady, when: () => ['wrap_up', 'offline', 'break', 'disabled'].includes(d.state.value) },
  { action: 'break', act: () => { d.layer.value = 'break'; }, when: () => ['ready', 'talking', 'hold', 'wrap_up'].includes(d.state.value) },
  { action: 'ring_out', act: () => d.ringOut(), guarded: true, when: () => d.idle.value && d.owed.value.length > 0 },
  { action: 'message', act: readFirst, guarded: true, when: () => unread().length > 0 },
  { action: 'save', act: () => d.draft.value?.save() },
  { action: 'dispatch', act: () => d.draft.value && submit(d.draft.value, 'dispatch'), guarded: true, when: () => Boolean(d.draft.value) },
  { action: 'answered', act: () => d.draft.value && submit(d.draft.value, 'answer'), guarded: true, when: () => Boolean(d.draft.value) },
  ...['category_1', 'category_2', 'category_3', 'unit_1', 'unit_2', 'unit_3'].map((action) => ({ action, act: () => suggestion(action)?.click(), when: () => suggestion(action) !== null })),
  { action: 'merge', act: () => openMerge(), when: () => Boolean(d.draft.value && !d.filed.value && candidates().length) },
  { action: 'place', act: openPlaces, when: () => Boolean(d.draft.value && !d.filed.value) },
  { action: 'knowledge', act: () => showTab('knowledge') },
  { action: 'find', act: () => { d.layer.value = 'find'; } },
  { action: 'summary', act: readSummary },
  { action: 'last_words', act: readLastWords, when: () => Boolean(d.pop.value) },
  { action: 'keys', act: () => { d.layer.value = 'keys'; }, free: true },
];

/** @param {string} action @returns {HTMLElement | null} */
const suggestion = (action) => document.querySelector(`[data-suggest="${action}"]`);

/** @param {string} text */
function read(text) {
  d.said.value = '';
  setTimeout(() => { d.said.value = text; });
}

function readLastWords() {
  read(lastLine(d.pop.value?.call ?? ''));
}

function readSummary() {
  const caller = d.pop.value?.caller;
  const text = caller ? t('say.talking', { nth: caller.nth, open: caller.open }) : t(`state.${d.state.value}`);
  read(text);
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

function Layers() {
  const open = d.layer.value;
  // Only its own closing: one layer may have been exchanged for another.
  const close = (/** @type {string} */ name) => () => { if (d.layer.value === name) d.layer.value = ''; };
  return html`<${Layer} open=${open === 'keys'} title=${t('keys.title')} onClose=${close('keys')}><${KeyList} />
      <p class="menu-row"><button type="button" class="btn small" onClick=${() => { d.layer.value = 'change_keys'; }}>${t('keys.change')}</button></p><//>
    <${Layer} open=${open === 'change_keys'} title=${t('keys.change')} onClose=${close('change_keys')}><${KeyChanges} /><//>
    <${Layer} open=${open === 'find'} title=${t('find.label')} onClose=${close('find')}><${Find} acts=${ACTS} /><//>
    <${Layer} open=${open === 'merge'} title=${t('merge.layer')} onClose=${close('merge')}><${MergeLayer} /><//>
    <${TransferLayer} />
    <${Layer} open=${open === 'pad'} title=${t('keypad.title')} onClose=${close('pad')}><${Keypad} onKey=${(/** @type {string} */ key) => d.phone.key(key)} disabled=${!d.sound.value.leg} /><//>
    <${Layer} open=${open === 'break'} title=${t('break.title')} onClose=${close('break')}><${ReasonChoice} kind="break" onClose=${close('break')} /><//>
    <${Layer} open=${open === 'extend'} title=${t('extend.title')} onClose=${close('extend')}><${ReasonChoice} kind="extend" onClose=${close('extend')} /><//>
    <${Layer} open=${open.startsWith('owed:')} title=${t('owed.close_title')} onClose=${() => { if (d.layer.value.startsWith('owed:')) d.layer.value = ''; }}><${CloseOwed} id=${open.slice(5)} /><//>
    <${Layer} open=${open === 'menu'} title=${t('menu.title')} onClose=${close('menu')}><${Menu} /><//>`;
}

const Desk = () => html`<${Top} /><div class="bars"><${Bars} /><${Notices} /></div>
  <main id="main" class=${`columns is-${d.state.value} ${d.bye.value ? 'is-over' : ''}`}>
    <div class="column"><${Left} /><${LastCalls} /></div><div class="column"><${Middle} level=${level} /></div><div class="column"><${Right} /></div></main>
  <${Foot} /><${Layers} />
  <div class="sr" role="status" id="polite">${d.said.value}</div><div class="sr" role="alert" id="assertive">${d.shouted.value}</div>`;

// Above a layer the call's own keys still work: it may ring while the menu is open.
const ABOVE = new Set(['answer', 'mute', 'hold', 'help']);
const table = () => ACTS.map((one) => ({ ...one, keys: keyOf(one.action) }));
bind(() => (d.layer.value && d.layer.value !== 'pad' ? table().filter((one) => ABOVE.has(one.action)) : table()));
addEventListener('keydown', (e) => { if (d.layer.value === 'pad' && /^[0-9*#]$/.test(e.key)) d.phone.key(e.key); });
effect(() => { document.title = `${t(`state.${d.state.value}`)} · 12345`; });
setInterval(() => { if (!document.hidden) level.value = d.phone.level('mic'); }, 200);
setInterval(async () => { quality.value = d.phone.leg && d.phone.leg.state !== 'ringing' ? await d.phone.statistics() : null; }, 2000);
d.phone.openMicrophone();
// A headset that is plugged in or let go by another program is found without the agent's asking; a refusal is final.
const microphoneAgain = () => { if (d.phone.mic === 'missing') d.phone.openMicrophone(); };
navigator.mediaDevices?.addEventListener('devicechange', microphoneAgain);
setInterval(microphoneAgain, MICROPHONE_AGAIN_MS);
loadPlaces();

const island = document.getElementById('island');
if (island) {
  island.textContent = '';
  render(html`<${Desk} />`, island);
}
