// @ts-check
/** To ask somebody, hand the citizen over, or bring in a third voice. What is shown is what the server has confirmed. */
import { effect, html, signal, useEffect, useRef } from '../vendor/preact.js';
import { get } from './api.js';
import { Kbd } from './desk-keys.js';
import * as d from './desk-state.js';
import { spell } from './format.js';
import { t } from './i18n.js';
import { icon, Layer, second } from './parts.js';

const EMERGENCY = ['110', '119', '120'];
const TYPING_MS = 150;

/** @typedef {{to: string, name: string, kind: 'emergency'|'seat'|'unit'|'number', note: string, free: boolean}} Choice */

const q = signal('');
const found = signal(/** @type {Choice[]} */ ([]));
const at = signal(0);
let asked = 0;
let timer = 0;

/** The talk in which something can be begun: answered, not held, and not a guest's. */
const possible = () => d.state.value === 'talking' && Boolean(d.call.value) && !d.call.value.guest && !d.call.value.aside;

export function openTransfer() {
  const aside = d.call.value?.aside;
  if (aside) handOver();
  else open('transfer');
}

export function openThreeWay() {
  if (d.call.value?.aside) notice('moves.busy');
  else open('three_way');
}

/** The citizen is asked for a score: the server ends the seat's part of the talk, and only that. */
export function toSurvey() {
  if (d.call.value?.aside) notice('moves.busy');
  else if (d.busy.value && !d.call.value?.guest) d.live.send({ do: 'hang_up' });
}

export function comeBack() {
  d.live.send({ do: 'come_back' });
}

export function handOver() {
  if (d.call.value?.aside?.step !== 'talking') notice('moves.not_yet');
  else d.live.send({ do: 'hand_over' });
}

/** @param {string} key */
const notice = (key) => d.notice('warn', t(key));

/** @param {'transfer'|'three_way'} layer */
function open(layer) {
  if (d.state.value === 'hold') { notice('moves.held'); return; }
  if (!possible()) { notice('moves.no_call'); return; }
  q.value = '';
  d.layer.value = layer;
  look();
}

async function look() {
  const turn = ++asked;
  const answer = await get('/api/whom', { q: q.value });
  if (turn !== asked || !answer.ok) return;
  found.value = choices(answer.body, d.layer.value === 'three_way');
  at.value = 0;
}

/** @param {any} body @param {boolean} three @returns {Choice[]} colleagues who are free first, then departments, then the number */
function choices(body, three) {
  const row = (/** @type {Choice['kind']} */ kind, /** @type {string} */ to, /** @type {string} */ name, note = '', free = true) => ({ to, name, kind, note, free });
  const urgent = three && !q.value ? EMERGENCY.map((to) => row('emergency', to, t(`moves.${to}`))) : [];
  const seats = body.seats.map((/** @type {any} */ s) => row('seat', s.to, `${s.name} ${s.to}`,
    [t(`state.${s.state}`), ...s.expert.map((/** @type {string} */ skill) => t('moves.expert', { skill })), ...s.skills.filter((/** @type {string} */ skill) => !s.expert.includes(skill))].join(' · '), s.free));
  const units = body.units.flatMap((/** @type {any} */ u) => [['day', u.day], ['night', u.night]].filter(([, to]) => to)
    .map(([when, to]) => row('unit', to, u.name, `${t(`moves.${when}`)} ${to}`)));
  const number = body.number ? [row('number', body.number, body.number, t('moves.number'))] : [];
  return [...urgent, ...seats.filter((/** @type {Choice} */ s) => s.free), ...units, ...number, ...seats.filter((/** @type {Choice} */ s) => !s.free)];
}

/** @param {'ask'|'join'|'hand_on'} what @param {Choice | undefined} whom */
function order(what, whom) {
  if (!whom?.free) return;
  d.live.send({ do: what, to: whom.to, name: whom.name });
  d.layer.value = '';
}

/** @param {KeyboardEvent} e @param {boolean} three */
function keys(e, three) {
  if (e.isComposing || e.keyCode === 229) return;
  if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
    const n = found.value.length;
    at.value = n ? (at.value + (e.key === 'ArrowDown' ? 1 : n - 1)) % n : 0;
  } else if (e.key === 'Enter') {
    order(three ? 'join' : e.ctrlKey ? 'hand_on' : 'ask', found.value[at.value]);
  } else {
    return;
  }
  e.preventDefault();
  e.stopPropagation();
}

/** @param {string} text */
function type(text) {
  q.value = text;
  clearTimeout(timer);
  timer = window.setTimeout(look, TYPING_MS);
}

/** @param {{three: boolean}} props */
function Panel({ three }) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  // The layer opens after this is drawn, and what cannot be seen cannot be focused.
  useEffect(() => { requestAnimationFrame(() => input.current?.focus()); }, []);
  const chosen = found.value[at.value];
  return html`<div class="whom" onKeyDown=${(/** @type {KeyboardEvent} */ e) => keys(e, three)}>
    <label class="sr" for="whom-q">${t('moves.find')}</label>
    <input id="whom-q" ref=${input} type="text" maxlength="40" autocomplete="off" role="combobox" aria-expanded="true" aria-controls="whom-list" placeholder=${t('moves.find')}
      aria-activedescendant=${chosen ? `whom-${at.value}` : undefined} value=${q.value} onInput=${(/** @type {any} */ e) => type(e.target.value)} />
    <ul id="whom-list" class="list whom-list" role="listbox" aria-label=${t('moves.whom')}>${found.value.map((one, n) => html`<li key=${`${one.kind}${one.to}`} id=${`whom-${n}`} role="option"
      aria-selected=${String(n === at.value)} aria-disabled=${String(!one.free)} onClick=${() => { at.value = n; }}><b>${one.name}</b> <span class="muted s">${one.note}</span></li>`)}</ul>
    ${!found.value.length && html`<p class="empty s">${t('moves.nobody')}</p>`}
    <p class="bar">${three
      ? html`<button type="button" class="btn primary" disabled=${!chosen?.free} onClick=${() => order('join', chosen)}>${t('moves.join')} <kbd>Enter</kbd></button>`
      : html`<button type="button" class="btn primary" disabled=${!chosen?.free} onClick=${() => order('ask', chosen)}>${t('moves.ask')} <kbd>Enter</kbd></button>
        <button type="button" class="btn" disabled=${!chosen?.free} onClick=${() => order('hand_on', chosen)}>${t('moves.hand_on')} <kbd>Ctrl Enter</kbd></button>`}</p>
    <p class="help">${t(three ? 'moves.join_help' : 'moves.ask_help')}</p></div>`;
}

export function TransferLayer() {
  const now = d.layer.value;
  const close = () => { if (['transfer', 'three_way'].includes(d.layer.value)) d.layer.value = ''; };
  return html`<${Layer} open=${now === 'transfer'} title=${t('moves.transfer')} onClose=${close}><${Panel} three=${false} /><//>
    <${Layer} open=${now === 'three_way'} title=${t('moves.three_way')} onClose=${close}><${Panel} three=${true} /><//>`;
}

/** Who is beside the talk, who hears what, and the two ways on. */
export function Beside() {
  second.value;
  const { aside, guest } = d.call.value ?? {};
  if (guest) return html`<p class="note brand" role="status">${icon('phone')}<span>${t(guest.third ? 'moves.guest_third' : 'moves.guest', { name: guest.name })}</span></p>`;
  if (!aside) return null;
  const talking = aside.step === 'talking';
  const key = `moves.${aside.third ? 'third' : 'asking'}_${talking ? 'talking' : 'ringing'}`;
  return html`<div class="note warn beside" role="status">${icon('phone')}<span>${t(key, { name: aside.name })} <span class="timer">${spell(d.live.now() - aside.since)}</span></span>
    <p class="bar"><button type="button" class="btn primary small" disabled=${!talking} onClick=${handOver}>${t(aside.third ? 'moves.leave' : 'moves.hand_over')} <${Kbd} action="transfer" /></button>
      <button type="button" class="btn small" onClick=${comeBack}>${t(aside.third ? 'moves.drop' : 'moves.come_back')} <${Kbd} action="answer" /></button></p></div>`;
}

// A talk that ends takes the panel with it: what was chosen there would be for the next citizen.
effect(() => { if (!d.call.value && ['transfer', 'three_way'].includes(d.layer.value)) d.layer.value = ''; });
