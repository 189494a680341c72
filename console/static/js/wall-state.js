// @ts-check
/** What the wall knows: the server's picture kept up to date, how old each part of it is, and who may give orders. */
import { batch, computed, signal } from '../vendor/preact.js';
import { Live } from './live.js';
import { second } from './parts.js';

const SILENT_MS = 5000;
// So old a comparison with the exchange, or a figure of the store, may be; the tile turns grey and says so.
const COMPARED_MS = 10_000;
const COUNTED_MS = 15_000;
export const LONGEST_MS = 30_000;
// From when on a seat's state deserves a look; the frame and a word say so, not the colour alone.
/** @type {Record<string, number>} */
const LONG_MS = { ringing: 20_000, hold: 45_000, wrap_up: 180_000, break: 1_800_000, talking: 900_000 };
const NOTICES = 3;
// A page that nobody sees gets no frames; it goes on without.
const HIDDEN_MS = 300;

/** @type {{supervise?: boolean, desk?: boolean, login?: string}} */
export const boot = JSON.parse(document.getElementById('boot')?.textContent || '{}');
export const live = new Live('/live/wall');
export const line = signal(/** @type {any} */ (null));
export const callers = signal(/** @type {any[]} */ ([]));
export const order = signal(/** @type {string[]} */ ([]));
export const stuck = signal(/** @type {any[]} */ ([]));
export const repairs = signal(/** @type {{total: number, newest: any[]}} */ ({ total: 0, newest: [] }));
export const roster = signal(/** @type {{late: any[], staying: any[]}} */ ({ late: [], staying: [] }));
export const events = signal(/** @type {any[]} */ ([]));
export const overloaded = signal(false);
/** @typedef {{skill: string, kind: 'longest'|'waiting', limit: number, since: number, waiting: number, oldest: number|null, ready: number, offer: {group: string, ready: number}|null}} Alarm */
export const alarms = signal(/** @type {Alarm[]} */ ([]));
export const helps = signal(/** @type {{id: number, skill: string, group: string, seats: number, until: number, by: string}[]} */ ([]));
export const watches = signal(/** @type {{seat: string, by: string, name: string, mode: string, since: number}[]} */ ([]));
/** @typedef {{id: number, seat: string, text: string, by: string, at: number, told: number, read: number, unread: string[], late: boolean}} Sent */
export const messages = signal(/** @type {Sent[]} */ ([]));
export const curve = signal(/** @type {[number, number, number, number][]} */ ([]));
/** Hears of the telephone's credentials. @type {{take: (told: any) => void}} */
export const telephone = { take: () => {} };
export const notices = signal(/** @type {{id: number, level: string, text: string}[]} */ ([]));
export const layer = signal('');
const link = signal('opening');
const fresh = signal({ at: 0, age: 0 });
const sources = signal(/** @type {{nodes: any[], counted: number | null, owed: number | null}} */ ({ nodes: [], counted: null, owed: null }));
/** @type {Map<string, any>} */ export const seats = new Map();
/** @typedef {{wrong: string, stuck: boolean, inTalk: {name: string, mode: string}[]}} Around */
/** @type {Map<string, import('../vendor/preact.js').ReadonlySignal<Around>>} */ const arounds = new Map();
let seq = -1;
let numbers = 0;

/** @param {Set<string>} here who is not among them is gone */
function leave(here) {
  for (const id of [...seats.keys()].filter((one) => !here.has(one))) {
    seats.delete(id);
    arounds.delete(id);
  }
}

const inOrder = new Intl.Collator('en', { numeric: true });

/** @param {any[]} changed @param {boolean} whole */
function takeSeats(changed, whole) {
  const before = seats.size;
  for (const seat of changed) {
    const one = seats.get(seat.id);
    // A tile keeps its signal over a new picture: it listens to no other one.
    if (one) one.value = whole ? seat : { ...one.value, ...seat };
    else seats.set(seat.id, signal(seat));
  }
  if (whole) leave(new Set(changed.map((seat) => seat.id)));
  // Five hundred seats are not put in order again for each of their changes.
  if (whole || seats.size !== before) order.value = [...seats.keys()].sort(inOrder.compare);
}

/** @type {any[]} */ let inbox = [];
let awaited = false;

/** After a rest worked in at once, so that the next frame has only to be drawn; what comes before that waits for it. @param {any} message */
function take(message) {
  if (message.t === 'phone') telephone.take(message);
  if (message.t === 'notice') notices.value = [...notices.value.slice(1 - NOTICES), { id: ++numbers, level: message.level, text: message.text }];
  if (!['wall', 'wall_delta'].includes(message.t)) return;
  inbox.push(message);
  if (awaited) return;
  workIn();
  awaited = true;
  requestAnimationFrame(workIn);
  setTimeout(workIn, HIDDEN_MS);
}

function workIn() {
  const all = inbox;
  inbox = [];
  awaited = false;
  batch(() => all.forEach(work));
}

/** @param {any} message */
function work(message) {
  const whole = message.t === 'wall';
  if (!whole && seq >= 0 && message.seq !== seq + 1) {
    live.restart();
    return;
  }
  seq = message.seq;
  batch(() => {
    if (message.line) line.value = whole ? message.line : { ...line.value, ...message.line };
    if (message.callers) callers.value = message.callers;
    if (message.seats) takeSeats(message.seats, whole);
    if (message.stuck) stuck.value = message.stuck;
    if (message.repairs) repairs.value = message.repairs;
    if (message.roster) roster.value = message.roster;
    if (message.events) events.value = message.events;
    if (message.alarms) alarms.value = message.alarms;
    if (message.helps) helps.value = message.helps;
    if (message.watches) watches.value = message.watches;
    if (message.messages) messages.value = message.messages;
    if (message.curve) curve.value = message.curve;
    if (message.overloaded != null) overloaded.value = message.overloaded;
    if (message.nodes) sources.value = { nodes: message.nodes, counted: message.counted_at, owed: message.owed_at };
    fresh.value = { at: Date.now(), age: message.age_ms ?? 0 };
  });
}

live.addEventListener('message', (e) => take(/** @type {CustomEvent} */ (e).detail));
live.addEventListener('link', (e) => {
  link.value = /** @type {CustomEvent} */ (e).detail ? 'up' : 'down';
  seq = -1;
  inbox = [];
});

/** @param {number} id */
export const dismiss = (id) => { notices.value = notices.value.filter((n) => n.id !== id); };

const now = () => { second.value; return live.now(); };
/** In seconds: so it is said. */
export const age = computed(() => { second.value; return fresh.value.at ? Math.round((Date.now() - fresh.value.at + fresh.value.age) / 1000) : 0; });
/** The feed itself is late: nothing here is to be relied on. */
export const late = computed(() => { second.value; return fresh.value.at > 0 && (link.value === 'down' || Date.now() - fresh.value.at > SILENT_MS); });
/** Messages that somebody who is there has not read for too long. */
export const overlooked = computed(() => messages.value.filter((one) => one.late));
export const longest = computed(() => (line.value?.longest_since == null ? 0 : now() - line.value.longest_since));

/** @typedef {{kind: 'event'|'snapshot'|'record', ms: number, late: boolean}} Source */

/**
 * Worked out anew with every message and every second; whoever shows it is drawn again only when it says something else.
 * @template T @param {() => T} work @param {(value: T) => unknown} [said] @returns {import('../vendor/preact.js').ReadonlySignal<T>}
 */
export function steady(work, said = (value) => value) {
  let before = /** @type {{value: T, said: string} | null} */ (null);
  return computed(() => {
    const value = work();
    const text = JSON.stringify(said(value));
    if (before?.said !== text) before = { value, said: text };
    return before.value;
  });
}

/** @param {Source} one */
const ofSource = (one) => [one.kind, Math.floor(one.ms / 1000), one.late];

/** Each node: when it last spoke or was last looked at as a whole, and whether that is too long ago. */
export const nodes = steady(() => sources.value.nodes.map((node) => {
  const at = now();
  const [heard, compared] = [node.heard_at ?? 0, node.compared_at ?? 0];
  return { name: node.node, linked: node.linked, kind: heard > compared ? 'event' : 'snapshot', ms: Math.max(0, at - Math.max(heard, compared)), late: !node.linked || at - compared > COMPARED_MS };
}), (all) => all.map((node) => [node.name, node.linked, node.kind, Math.floor(node.ms / 1000), node.late]));

/** Of the line as it is now: as old as the oldest node. @type {import('../vendor/preact.js').ReadonlySignal<Source>} */
export const liveSource = steady(() => {
  const all = nodes.value;
  const oldest = all.reduce((a, b) => (b.ms > a.ms ? b : a), all[0] ?? { kind: 'snapshot', ms: Infinity });
  return /** @type {Source} */ ({ kind: oldest.kind, ms: oldest.ms, late: late.value || !all.length || all.some((node) => node.late) });
}, ofSource);

/** Of what the records say. @param {'counted'|'owed'} what */
const ofRecord = (what) => steady(() => {
  const at = sources.value[what];
  const ms = at == null ? Infinity : Math.max(0, now() - at);
  return /** @type {Source} */ ({ kind: 'record', ms, late: late.value || ms > COUNTED_MS });
}, ofSource);
export const recorded = { counted: ofRecord('counted'), owed: ofRecord('owed') };

/** @param {any} seat @param {number} at @returns {string} what is wrong with it, '' if nothing */
export function trouble(seat, at) {
  if (seat.help_at) return 'wall.asks_help';
  if (seat.over_at && at > seat.over_at) return 'wall.over_quota';
  if (seat.misses >= 2 && seat.state === 'break') return 'wall.missed';
  return at - (seat.since ?? at) > (LONG_MS[seat.state] ?? Infinity) ? 'wall.long' : '';
}

/** What a tile says beside the seat's own state. @param {string} id */
export function around(id) {
  const kept = arounds.get(id) ?? steady(() => ({
    wrong: seats.has(id) ? trouble(seats.get(id).value, now()) : '',
    stuck: stuck.value.some((each) => each.seat === id),
    inTalk: watches.value.filter((one) => one.seat === id).map(({ name, mode }) => ({ name, mode })),
  }));
  arounds.set(id, kept);
  return kept;
}

const SORT = 'wall.sort';
export const byTrouble = signal(localStorage.getItem(SORT) !== 'number');

/** @param {boolean} on */
export function sortByTrouble(on) {
  byTrouble.value = on;
  localStorage.setItem(SORT, on ? 'trouble' : 'number');
}

/** @param {any} seat @param {number} at @param {Set<string>} hung */
const rank = (seat, at, hung) => (seat.help_at ? 0 : hung.has(seat.id) ? 1 : trouble(seat, at) ? 2 : seat.state === 'offline' ? 4 : 3);
let before = /** @type {string[]} */ ([]);
/** The seats as they are shown: who needs a look first, and among those by number, so that a tile moves only when it must. */
export const shown = computed(() => {
  if (!byTrouble.value) return order.value;
  const at = now();
  const hung = new Set(stuck.value.map((one) => one.seat));
  const ranks = new Map(order.value.map((id) => [id, rank(seats.get(id).value, at, hung)]));
  const ids = [...order.value].sort((a, b) => Number(ranks.get(a)) - Number(ranks.get(b)));
  if (ids.join() !== before.join()) before = ids;
  return before;
});
export const asking = computed(() => order.value.filter((id) => seats.get(id).value.help_at).length);

/** @param {Record<string, unknown>} command */
export const give = (command) => live.send(command);
