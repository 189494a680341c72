// @ts-check
/** The supervisors' wall: one signal for each tile, so that a change repaints one tile and not the wall. */
import { batch, computed, html, render, signal } from '../vendor/preact.js';
import { clock, percent, spell } from './format.js';
import { known, t } from './i18n.js';
import { Live } from './live.js';
import { icon, second } from './parts.js';

const LATE_MS = 5000;
const LONGEST_MS = 30_000;
const RAISE_MS = 10_000;
const CLEAR_MS = 30_000;
// From when on a seat's state deserves a look; the frame and a word say so, not the colour alone.
/** @type {Record<string, number>} */
const LONG_MS = { ringing: 20_000, hold: 45_000, wrap_up: 180_000, break: 900_000, talking: 900_000 };

const live = new Live('/live/wall');
const line = signal(/** @type {any} */ (null));
const callers = signal(/** @type {any[]} */ ([]));
const order = signal(/** @type {string[]} */ ([]));
const source = signal('');
const link = signal('opening');
const fresh = signal({ at: 0, age: 0 });
/** @type {Map<string, any>} */ const seats = new Map();
let seq = -1;

/** @param {any[]} changed @param {boolean} whole */
function takeSeats(changed, whole) {
  if (whole) seats.clear();
  for (const seat of changed) {
    const one = seats.get(seat.id);
    if (one) one.value = { ...one.value, ...seat };
    else seats.set(seat.id, signal(seat));
  }
  const ids = [...seats.keys()].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (ids.join() !== order.value.join()) order.value = ids;
}

/** @param {any} message */
function take(message) {
  const whole = message.t === 'wall';
  if (!whole && message.t !== 'wall_delta') return;
  if (!whole && seq >= 0 && message.seq !== seq + 1) {
    live.restart();
    return;
  }
  seq = message.seq;
  batch(() => {
    if (message.line) line.value = whole ? message.line : { ...line.value, ...message.line };
    if (message.callers) callers.value = message.callers;
    if (message.source) source.value = message.source;
    if (message.seats) takeSeats(message.seats, whole);
    fresh.value = { at: Date.now(), age: message.age_ms ?? 0 };
  });
}

live.addEventListener('message', (e) => take(/** @type {CustomEvent} */ (e).detail));
live.addEventListener('link', (e) => {
  link.value = /** @type {CustomEvent} */ (e).detail ? 'up' : 'down';
  seq = -1;
});

const age = computed(() => { second.value; return fresh.value.at ? Date.now() - fresh.value.at + fresh.value.age : 0; });
const late = computed(() => age.value > LATE_MS || (link.value === 'down' && fresh.value.at > 0));
const longest = computed(() => { second.value; return line.value?.longest_since == null ? 0 : live.now() - line.value.longest_since; });

let over = 0;
let under = 0;
/** Raised after ten seconds over the threshold, taken down after thirty below it, so that the board does not flicker. */
const alarm = computed(() => {
  const now = live.now();
  if (longest.value > LONGEST_MS) { over ||= now; under = 0; } else { under ||= now; if (now - under > CLEAR_MS) over = 0; }
  return over > 0 && now - over >= RAISE_MS;
});

/** @param {{id: string}} props */
function Tile({ id }) {
  second.value;
  const seat = seats.get(id).value;
  const ms = seat.since == null ? 0 : live.now() - seat.since;
  const long = ms > (LONG_MS[seat.state] ?? Infinity);
  const reason = seat.reason && known(`break.${seat.reason}`) ? t(`break.${seat.reason}`) : '';
  return html`<li class=${`tile is-${seat.state} ${long ? 'long' : ''}`}><b>${seat.id.replace(/^s/, '')}<span class="name"> ${seat.name}</span></b>
    <span>${t(`state.${seat.state}`)}${reason && html`<span class="reason"> · ${reason}</span>`}${long && html`<span class="sr">${t('wall.long')}</span>`}</span><span class="num since">${seat.state === 'offline' ? '' : spell(ms)}</span></li>`;
}

/** @param {{name: string, figure: any, note: string, tone?: string}} props */
const Figure = ({ name, figure, note, tone = '' }) => html`<div class=${`card k ${tone}`}><span>${name}</span><b>${figure}</b><small>${note}</small></div>`;

function Figures() {
  const now = line.value;
  if (!now) return html`<section class="kpi" aria-busy="true">${[1, 2, 3, 4, 5, 6].map(() => html`<div class="card k skeleton"></div>`)}</section>`;
  const states = now.states ?? {};
  const rate = now.answered_15s;
  const rest = ['wrap_up', 'break', 'ringing', 'hold'].filter((s) => states[s]).map((s) => `${t(`state.${s}`)} ${states[s]}`).join(' · ');
  return html`<section class="kpi" aria-label=${t('wall.figures')}>
    <${Figure} name=${t('wall.waiting')} figure=${now.waiting} note=${t('wall.waiting_note')} tone=${now.waiting > 0 ? 'warn' : ''} />
    <${Figure} name=${t('wall.longest')} figure=${longest.value ? spell(longest.value) : '—'} note=${t('wall.longest_note')} tone=${longest.value > LONGEST_MS ? 'bad' : ''} />
    <${Figure} name=${t('wall.answered_15s')} figure=${percent(rate)} note=${t('wall.answered_15s_note')} tone=${rate == null ? '' : rate >= 0.95 ? 'ok' : rate >= 0.9 ? 'warn' : 'bad'} />
    <${Figure} name=${t('wall.abandoned')} figure=${percent(now.abandon_rate)} note=${t('wall.abandoned_note', { n: now.abandoned ?? 0 })} tone=${(now.abandon_rate ?? 0) > 0.05 ? 'warn' : ''} />
    <${Figure} name=${t('wall.calls')} figure=${(now.calls_today ?? 0).toLocaleString('en')} note=${t('wall.calls_note')} />
    <${Figure} name=${t('wall.ready_talking')} figure=${`${states.ready ?? 0} / ${(states.talking ?? 0) + (states.hold ?? 0)}`} note=${rest || t('wall.nobody_else')} />
  </section>`;
}

function Callers() {
  second.value;
  const rows = callers.value;
  return html`<section class="card callers" aria-labelledby="callers"><header><h2 id="callers">${t('wall.callers')}</h2><span class="sp muted">${t('count.people', { n: rows.length })}</span></header>
    ${rows.length ? html`<table><thead><tr><th scope="col">${t('wall.position')}</th><th scope="col">${t('wall.number')}</th><th scope="col">${t('wall.waited')}</th></tr></thead>
      <tbody>${rows.slice(0, 14).map((c) => { const ms = live.now() - c.since; return html`<tr key=${c.call}><td>${c.position}</td><td>${c.number || t('caller.withheld')}</td><td class=${ms > LONGEST_MS ? 'bad' : ms > 15000 ? 'warn' : ''}>${spell(ms)}</td></tr>`; })}</tbody></table>
      ${rows.length > 14 && html`<p class="pad muted">${t('wall.more_callers', { n: rows.length - 14 })}</p>`}`
    : html`<p class="empty tall"><b>${t('wall.no_callers')}</b><span>${t('wall.no_callers_more')}</span></p>`}</section>`;
}

// What is left for the tiles beside the callers and below the figures and a possible alarm.
const wide = innerWidth > 1500;
const room = signal(0);
const measure = () => { room.value = (innerWidth - (wide ? 536 : 400)) * (innerHeight - (wide ? 342 : 304)); };
measure();
addEventListener('resize', measure);

/** The largest tiles with which all seats are seen at once; the smallest carry the number and the state alone. */
const tileSize = computed(() => {
  const each = room.value / Math.max(1, order.value.length);
  return each > 20000 ? 'xl' : each > 8600 ? 'l' : each > 7000 ? 'm' : each > 5200 ? 's' : 'xs';
});

function Seats() {
  const ids = order.value;
  const size = tileSize.value;
  return html`<section class="card seats" aria-labelledby="seats"><header><h2 id="seats">${t('wall.seats')}</h2>
    <ul class="legend sp">${['ready', 'talking', 'ringing', 'hold', 'wrap_up', 'break'].map((s) => html`<li><i class=${`is-${s}`} aria-hidden="true"></i>${t(`state.${s}`)}</li>`)}<li><i class="long" aria-hidden="true"></i>${t('wall.long')}</li></ul></header>
    ${ids.length ? html`<ul class=${`tiles ${size}`}>${ids.map((id) => html`<${Tile} key=${id} id=${id} />`)}</ul>` : html`<p class="empty tall"><b>${t('wall.no_seats')}</b><span>${t('wall.no_seats_more')}</span></p>`}</section>`;
}

function Alert() {
  if (late.value) return html`<p class="alert bad" role="alert">${icon('offline')}<b>${t('wall.late')}</b><span>${t('wall.late_more', { n: Math.round(age.value / 1000) })}</span></p>`;
  if (!alarm.value) return null;
  const ready = line.value?.states?.ready ?? 0;
  return html`<p class="alert" role="alert">${icon('alert')}<b>${t('wall.alarm', { time: spell(longest.value) })}</b><span>${t(ready ? 'wall.alarm_ready' : 'wall.alarm_none', { n: ready })}</span></p>`;
}

function Head() {
  second.value;
  const on = order.value.filter((id) => !['offline', 'disabled'].includes(seats.get(id).value.state)).length;
  return html`<header class="head"><h1>${t('wall.title')}</h1><span class=${`tag ${late.value ? 'bad' : 'ok'}`}>${t(late.value ? 'wall.feed_late' : 'wall.feed_good')}</span>
    <span class="tag">${t('wall.seats_on', { n: on })}</span><span class="clock num sp">${clock(live.now())}</span></header>`;
}

const Wall = () => html`<${Head} /><div class="alerts"><${Alert} /></div><main id="main" class=${late.value ? 'stale' : ''}><${Figures} /><div class=${`halves ${tileSize.value === 'xs' ? 'crowd' : ''}`}><${Callers} /><${Seats} /></div></main>`;

const island = document.getElementById('island');
if (island) {
  island.textContent = '';
  render(html`<${Wall} />`, island);
}
