// @ts-check
/** A kiosk's pages: home after a minute without a touch, a number pad, reading aloud, and a sign of life. All else works without. */
import { count } from '/static/js/kiosk-kept.js';

/** A page of somebody else's inside ours has more time: fingers in there are not felt here. */
const IDLE_S = Number(document.body.dataset.idle) || 60;
const WARN_S = 15;
const BEAT_MS = 60_000;
const HOME = '/kiosk';

let left = IDLE_S;
const still = document.querySelector('[data-still]');
const question = document.getElementById('still');
const words = question?.textContent ?? '';

/** Whether somebody talks to the hotline from here: then silence of the fingers means nothing. */
const talking = () => document.querySelector('.call-state') !== null;

function touched() {
  left = IDLE_S;
  if (still instanceof HTMLElement) still.hidden = true;
}

/** How large, how strong and in which language the last visitor read is not how the next one reads. */
function usualLook() {
  for (const name of ['size', 'contrast', 'lang']) document.cookie = `${name}=; path=/; max-age=0; samesite=lax`;
}

function wipe() {
  usualLook();
  document.querySelectorAll('form').forEach((form) => form.reset());
  document.querySelectorAll('input:not([type=hidden]), textarea').forEach((field) => {
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) field.value = '';
  });
  const ticket = document.querySelector('input[name=ticket]');
  if (ticket instanceof HTMLInputElement) navigator.sendBeacon(`${HOME}/leave`, new URLSearchParams({ ticket: ticket.value }));
  location.replace(HOME);
}

function tick() {
  if (talking()) { touched(); return; }
  left -= 1;
  if (left <= 0) { left = IDLE_S; wipe(); return; }
  if (left > WARN_S || !(still instanceof HTMLElement) || !question) return;
  // At home nothing is lost; elsewhere one is asked, and the words change with the seconds.
  if (location.pathname === HOME) return;
  question.textContent = words.replace('{n}', String(left));
  if (still.hidden) {
    still.hidden = false;
    const stay = still.querySelector('[data-stay]');
    if (stay instanceof HTMLElement) stay.focus();
  }
}

for (const kind of ['pointerdown', 'keydown', 'input', 'scroll']) addEventListener(kind, touched, { passive: true });
setInterval(tick, 1000);
// What a browser kept of a page that was left is not shown to the next visitor.
addEventListener('pageshow', (e) => { if (e.persisted) location.replace(HOME); });

// A finger in another's page takes the focus there, once.
addEventListener('blur', () => { if (document.activeElement instanceof HTMLIFrameElement) touched(); });

/** Only browsers that reach us by https keep anything for us. */
const workers = 'serviceWorker' in navigator && 'locks' in navigator ? navigator.serviceWorker : null;
/** @param {'flush' | 'refresh' | 'locked'} what */
const order = async (what) => { (await workers?.ready)?.active?.postMessage(what); };

/** Say how much waits here for the network. */
async function showKept() {
  const shown = document.querySelector('[data-kept]');
  const n = workers ? await count() : 0;
  if (!(shown instanceof HTMLElement)) return;
  const words = shown.querySelector('span');
  if (words) words.textContent = (shown.dataset.kept ?? '').replace('{n}', String(n));
  shown.hidden = n === 0;
}

async function beat() {
  const kept = workers ? await count() : 0;
  try {
    const answer = await fetch('/api/kiosk/beat', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ kept: String(kept) }) });
    if (answer.status === 403) {
      await order('locked');
      if (!talking()) location.replace(HOME);
    } else if (answer.ok) {
      void order('flush');
      // The network is back: who is not in the middle of something gets the whole kiosk again.
      if (document.querySelector('[data-offline]') && left < IDLE_S - WARN_S) location.replace(HOME);
    }
  } catch { /* Without a network there is nobody to tell; the next beat tries again. */ }
}
setInterval(beat, BEAT_MS);
addEventListener('online', beat);
workers?.addEventListener('message', showKept);
if (workers) {
  if (location.pathname === HOME) {
    // What a visitor left here goes; what waits for the network is sealed and stays.
    sessionStorage.clear();
    localStorage.clear();
    workers.register('/kiosk/worker.js', { scope: HOME, type: 'module' }).then(() => order('refresh')).catch(() => undefined);
  }
  void order('flush');
  void showKept();
}

/** Put a pad of large digits below the field of numbers that has the focus. @param {HTMLInputElement} field */
function padFor(field) {
  const text = JSON.parse(document.getElementById('pad-texts')?.textContent || '{}');
  const pad = document.createElement('div');
  pad.className = 'pad-keys';
  pad.setAttribute('role', 'group');
  pad.setAttribute('aria-label', text.pad ?? '0-9');
  for (const key of ['1', '2', '3', '4', '5', '6', '7', '8', '9', 'clear', '0', 'delete']) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = key.length > 1 ? 'btn word' : 'btn';
    button.textContent = text[key] ?? key;
    button.addEventListener('click', () => {
      const value = key === 'clear' ? '' : key === 'delete' ? field.value.slice(0, -1) : field.value + key;
      field.value = field.maxLength > 0 ? value.slice(0, field.maxLength) : value;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
    pad.append(button);
  }
  return pad;
}

/** @type {HTMLElement | null} */
let pad = null;
document.addEventListener('focusin', (e) => {
  const field = e.target;
  if (!(field instanceof HTMLInputElement) || !(field.inputMode === 'numeric' || field.type === 'tel')) return;
  pad?.remove();
  pad = padFor(field);
  field.closest('.f')?.append(pad);
});

const speak = document.querySelector('[data-speak]');
if (speak instanceof HTMLButtonElement && 'speechSynthesis' in window) {
  speak.hidden = false;
  speak.addEventListener('click', () => {
    speechSynthesis.cancel();
    const said = new SpeechSynthesisUtterance(document.getElementById('main')?.innerText ?? '');
    said.lang = document.documentElement.lang;
    speechSynthesis.speak(said);
  });
}
