// @ts-check
/** What the desk knows and what it can do; no drawing here. The server says what the call is, the phone only carries it. */
import { batch, computed, signal } from '../vendor/preact.js';
import { get } from './api.js';
import { Draft } from './drafts.js';
import { takeWords } from './desk-words.js';
import { t } from './i18n.js';
import { Live } from './live.js';
import { Phone } from './phone.js';
import { ring } from './ring.js';

// A goodbye and the server's word of it come within milliseconds of each other; the next call comes later.
const GHOST_MS = 500;
const INFO_MS = 8000;

/** @type {{login: string, name: string, seat: string, role: string, looks?: Record<string, string>}} */
export const boot = JSON.parse(document.getElementById('boot')?.textContent || '{}');
export const live = new Live('/live/desk');
export const phone = new Phone();

export const link = signal(/** @type {'opening'|'up'|'down'} */ ('opening'));
export const desk = signal(/** @type {any} */ (null));
/** The call in hand, or the one before it: its wrap-up still tells what it was. */
export const lastCall = signal(/** @type {any} */ (null));
export const pop = signal(/** @type {any} */ (null));
export const draft = signal(/** @type {Draft | null} */ (null));
export const filed = signal(/** @type {any} */ (null));
export const outcome = signal('');
export const outcomeMissing = signal(false);
export const owed = signal(/** @type {any[]} */ ([]));
export const notices = signal(/** @type {{id: number, level: string, text: string, open: string}[]} */ ([]));
export const bye = signal('');
export const layer = signal('');
export const said = signal('');
export const shouted = signal('');
export const directory = signal(/** @type {{categories: any[], units: any[]}} */ ({ categories: [], units: [] }));
export const sound = signal({ state: phone.state, mic: phone.mic, leg: phone.leg });
export const shift = signal(/** @type {any[]} */ (JSON.parse(sessionStorage.getItem('hotline.shift') ?? '[]')));

export const state = computed(() => (desk.value?.seat.state ?? 'offline'));
export const call = computed(() => desk.value?.call ?? null);
export const busy = computed(() => ['talking', 'hold'].includes(state.value));

let numbers = 0;
let told = '';
let heard = 0;
/** Whether the account in use is the one this connection's server has given. */
let account = true;

/** @param {string} level @param {string} text @param {string} [open] where what it speaks of is */
export function notice(level, text, open = '') {
  const id = ++numbers;
  notices.value = [...notices.value.slice(-2), { id, level, text, open }];
  if (level === 'bad') shouted.value = text;
  if (level === 'info') setTimeout(() => dismiss(id), INFO_MS);
}

/** @param {number} id */
export const dismiss = (id) => { notices.value = notices.value.filter((n) => n.id !== id); };

/** @param {string} id @param {Record<string, string>} start @param {any} kept */
export function openDraft(id, start, kept = null) {
  if (draft.value?.call === id) return;
  draft.value?.save();
  const next = new Draft(id, boot.login, { reply_way: '电话', urgency: '一般', ...start });
  next.restore(kept);
  batch(() => {
    draft.value = next;
    filed.value = null;
    outcome.value = '';
    outcomeMissing.value = false;
  });
}

/** Another case for the same citizen, on the same call. */
export function anotherCase() {
  const before = draft.value;
  if (!before) return;
  draft.value = null;
  openDraft(before.call, { contact_name: before.value('contact_name'), contact_number: before.value('contact_number') });
}

/** @param {any} message */
function showPop(message) {
  pop.value = message;
  openDraft(message.call, { contact_number: message.caller.number ?? '', ...(message.caller.category ? { category: message.caller.category } : {}) }, message.draft);
}

/** @param {any} message */
function showDesk(message) {
  const before = state.value;
  desk.value = message;
  if (message.call) lastCall.value = message.call;
  const now = message.seat.state;
  if (before !== now) announce(now);
  hearMessages(message.messages ?? []);
  ring(now === 'ringing');
  if (now === 'talking') sessionStorage.setItem('hotline.talking', message.call?.id ?? '');
  if (!message.call && ['ready', 'break', 'offline', 'disabled'].includes(now) && pop.value) leaveCall();
  if (isGhost()) setTimeout(endGhost, GHOST_MS);
}

/** The call and its wrap-up are over; what was typed and not filed waits on the desk. */
function leaveCall() {
  draft.value?.save();
  batch(() => {
    pop.value = null;
    draft.value = null;
    filed.value = null;
  });
}

/**
 * The phone believes in a call that the server knows has ended: its goodbye went to a socket that was gone.
 * A server that does not hear Asterisk knows nothing of calls, and must not end one.
 */
const isGhost = () => {
  const { leg } = phone;
  return Boolean(desk.value?.asterisk && leg && leg.state !== 'ringing' && desk.value.call?.id !== leg.id);
};
phone.isGhost = isGhost;

function endGhost() {
  if (link.value === 'up' && isGhost()) phone.hangUp();
}

/** Say what a supervisor has written since. @param {{id: number, by: string, text: string}[]} all the oldest first */
function hearMessages(all) {
  for (const one of all.filter((each) => each.id > heard)) {
    heard = one.id;
    shouted.value = `${one.by}: ${one.text}`;
  }
}

/** @param {string} now */
function announce(now) {
  if (now === 'ringing') {
    shouted.value = t('say.ringing', { number: desk.value.call?.number ?? '' });
    return;
  }
  const open = pop.value?.caller.open ?? 0;
  said.value = now === 'talking' ? t('say.talking', { nth: pop.value?.caller.nth ?? 1, open }) : t(`state.${now}`);
}

live.addEventListener('link', (e) => {
  const up = /** @type {CustomEvent} */ (e).detail;
  link.value = up ? 'up' : 'down';
  if (up) {
    told = ''; // the server may be a new process that knows nothing of this phone
    tellPhone();
    draft.value?.save();
    if (!directory.value.categories.length) loadDirectory();
  } else {
    account = false;
    shouted.value = t('link.down');
  }
});

live.addEventListener('message', (e) => {
  const message = /** @type {CustomEvent} */ (e).detail;
  if (message.t === 'desk') showDesk(message);
  else if (message.t === 'pop') showPop(message);
  else if (message.t === 'phone') phone.openMicrophone().then(() => startPhone(message));
  else if (message.t === 'notice') notice(message.level, message.text, message.open);
  else if (message.t === 'owed') owed.value = message.calls;
  else if (message.t === 'words') takeWords(message);
  else if (message.t === 'bye') {
    bye.value = message.text;
    phone.stop();
    live.close();
  }
});

phone.addEventListener('change', () => {
  sound.value = { state: phone.state, mic: phone.mic, leg: phone.leg };
  tellPhone();
});

phone.addEventListener('ring', (e) => {
  const { id, purpose } = /** @type {CustomEvent} */ (e).detail;
  // After a reload the server rings again for the call this page was in: take it up without asking.
  const mine = id && id === sessionStorage.getItem('hotline.talking') && call.value?.id === id && call.value.state !== 'ringing';
  // We ring somebody: the telephone rings only to fetch the sound, and nobody waits at the other end yet. The call itself
  // says so, since the server's word of it may come before or after, and the agent need not have asked for it.
  if (purpose) answerCall();
  else if (mine) phone.answer();
});

/** @param {any} message */
function startPhone(message) {
  phone.start(message);
  account = true;
  tellPhone();
}

function tellPhone() {
  // After a break in the line the registration of before says nothing: it may be at a switchboard that is gone.
  const command = { do: 'phone', registered: account && phone.state === 'registered', mic: phone.mic === 'open' };
  const text = JSON.stringify(command);
  if (text === told && link.value === 'up') return;
  told = live.send(command) ? text : '';
}

async function loadDirectory() {
  const answer = await get('/api/directory');
  if (answer.ok) directory.value = answer.body;
}

export function answerOrHangUp() {
  if (phone.leg?.state === 'ringing') answerCall();
  else if (phone.leg && call.value?.aside) live.send({ do: 'come_back' });
  else if (phone.leg) phone.hangUp();
  else if (call.value && call.value.state !== 'ringing') live.send({ do: 'hang_up' });
  else if (call.value) notice('warn', t('phone.not_yet'));
}

async function answerCall() {
  if (!(await phone.answer())) {
    notice('bad', t(phone.mic === 'open' ? 'phone.gone' : `mic.${phone.mic}`));
    return;
  }
  const typing = document.activeElement instanceof HTMLElement && document.activeElement.matches('input, textarea');
  if (!typing) document.getElementById('f-content')?.focus();
}

export const idle = computed(() => ['ready', 'break'].includes(state.value));

/** Ring back the citizen to whom we owe a call; without a choice, the most urgent one. @param {any} [one] */
export function ringOut(one = owed.value[0]) {
  if (!one || !idle.value) return;
  live.send({ do: 'ring_out', call: one.call });
}

/** @param {string} id @param {string} reason @param {string} note */
export const closeOwed = (id, reason, note) => live.send({ do: 'close_owed', call: id, reason, note });

export const toggleMute = () => phone.mute(!phone.leg?.muted);
export const toggleHold = () => phone.hold(phone.leg?.state !== 'held');

/** A sign on the supervisors' wall; asked for again, it is taken back. */
export function askForHelp() {
  const asked = Boolean(desk.value?.help);
  if (live.send({ do: 'help', on: !asked })) said.value = t(asked ? 'help.taken_back' : 'help.asked');
}

/** @param {string} code @param {string} [no] the case it led to */
export function setOutcome(code, no = '') {
  const id = draft.value?.call;
  if (!id) return;
  outcome.value = code;
  outcomeMissing.value = false;
  live.send({ do: 'outcome', call: id, code, case: no || null }, { keep: true });
}

export function goReady() {
  if (state.value === 'wrap_up') {
    if (!outcome.value) {
      outcomeMissing.value = true;
      shouted.value = t('wrap.outcome_missing');
      /** @type {HTMLElement | null} */ (document.querySelector('#outcomes input'))?.focus();
      return;
    }
    live.send({ do: 'wrapped' });
  } else if (['offline', 'break', 'disabled'].includes(state.value)) {
    live.send({ do: 'ready' });
  }
}

/** @param {any} result @param {string} title @param {string} code */
export function showFiled(result, title, code) {
  filed.value = { ...result, title };
  shift.value = [{ no: result.no, title, state_text: result.state_text, at: live.now() }, ...shift.value].slice(0, 50);
  sessionStorage.setItem('hotline.shift', JSON.stringify(shift.value));
  setOutcome(code, result.no);
}

addEventListener('pagehide', () => draft.value?.save({ leaving: true }));
addEventListener('beforeunload', (e) => { if (phone.leg) e.preventDefault(); });
