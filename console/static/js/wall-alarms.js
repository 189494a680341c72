// @ts-check
/** Limits that are passed, what can be done about it, and the help that goes on already. The server judges, for all walls alike. */
import { html } from '../vendor/preact.js';
import { clock, spell, stamp } from './format.js';
import { known, t } from './i18n.js';
import { icon, second } from './parts.js';
import * as w from './wall-state.js';

const NAMED = 6;

/** @param {string} skill */
const named = (skill) => (!skill ? t('wall.whole_line') : known(`skill.${skill}`) ? t(`skill.${skill}`) : skill);

/** @param {import('./wall-state.js').Alarm} alarm */
function sentence(alarm) {
  const what = named(alarm.skill);
  if (alarm.kind === 'waiting') return t('wall.alarm_waiting', { what, n: alarm.waiting, limit: alarm.limit });
  return t('wall.alarm_longest', { what, time: alarm.oldest == null ? '—' : spell(w.live.now() - alarm.oldest), limit: alarm.limit });
}

/** @param {import('./wall-state.js').Alarm} alarm */
const support = (alarm) => { w.layer.value = `support:${alarm.skill}:${alarm.offer?.group ?? ''}`; };

// The one with something that can be done about it first.
const first = () => w.alarms.value.find((one) => one.offer) ?? w.alarms.value[0];

export function Alarms() {
  second.value;
  const alarm = first();
  if (!alarm) return null;
  const rest = w.alarms.value.length - 1;
  return html`<p class="alert" role="alert">${icon('alert')}<b>${sentence(alarm)}</b><span>${t('wall.alarm_free', { n: alarm.ready })}${alarm.offer && html` · ${t('wall.offer', { group: alarm.offer.group, n: alarm.offer.ready })}`}${rest > 0 && html` · ${t('wall.more_alarms', { n: rest })}`}</span>
    ${alarm.offer && w.boot.supervise && html`<button type="button" class="btn sp" aria-haspopup="dialog" aria-keyshortcuts="S" onClick=${() => support(alarm)}>${t('wall.support_now')} <kbd>S</kbd></button>`}</p>`;
}

export const Helps = () => html`${w.helps.value.map((one) => html`<p key=${one.id} class="alert band info" role="status"><span>${t('wall.help_going', { group: one.group, skill: named(one.skill), at: clock(one.until).slice(0, 5) })} · ${one.by}</span>
  ${w.boot.supervise && html`<button type="button" class="btn sp" onClick=${() => w.give({ do: 'unsupport', id: one.id })}>${t('wall.undo')}</button>`}</p>`)}`;

/** @param {string[]} seats */
const numbers = (seats) => seats.slice(0, NAMED).map((id) => id.replace(/^s/, '')).join(' ') + (seats.length > NAMED ? ' …' : '');

/** Messages that were not read in time: who is to be reminded, by word of mouth. */
export function Overlooked() {
  second.value;
  const [one, ...rest] = w.overlooked.value;
  if (!one) return null;
  return html`<p class="alert band warn" role="status">${icon('alert')}<b>${t('message.overlooked', { n: one.unread.length, time: spell(w.live.now() - one.at) })}</b><span>${numbers(one.unread)}${rest.length > 0 && ` · ${t('wall.more_alarms', { n: rest.length })}`}</span>
    ${w.boot.supervise && html`<button type="button" class="btn sp" aria-haspopup="dialog" onClick=${() => { w.layer.value = 'message:'; }}>${t('wall.look_at')}</button>`}</p>`;
}

/** The newest messages with their receipts; what went to one seat is not read out to the hall. */
export const Receipts = () => html`<h3>${t('message.receipts')}</h3>${w.messages.value.length ? html`<ul class="list framed">${w.messages.value.map((one) => html`<li key=${one.id}><div class="r"><span class="t">${one.text || t('message.to', { seat: numbers([one.seat]) })}</span><span class=${`sp tag ${one.late ? 'bad' : one.read === one.told ? 'ok' : ''}`}>${t('message.read_by', { read: one.read, told: one.told })}</span></div>
  <div class="xs muted">${one.by} · ${stamp(one.at)}${one.unread.length > 0 && ` · ${t('message.unread', { seats: numbers(one.unread) })}`}</div></li>`)}</ul>` : html`<p class="empty s">${t('message.none')}</p>`}`;

addEventListener('keydown', (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.key.toLowerCase() !== 's') return;
  if (target.closest?.('input, textarea, select, dialog')) return;
  const alarm = w.alarms.value.find((one) => one.offer);
  if (alarm && w.boot.supervise) {
    event.preventDefault();
    support(alarm);
  }
});
