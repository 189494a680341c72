// @ts-check
/** The page without a network: a new key for each submission, and what was kept just now. */
import { random } from '/static/js/kiosk-kept.js';

const asked = new URLSearchParams(location.search);
const form = document.querySelector('[data-offline]');
const key = form?.querySelector('input[name=key]');
if (key instanceof HTMLInputElement) key.value = random(16);

const slip = asked.get('kept') ?? '';
const done = document.querySelector('[data-slip]');
const number = document.querySelector('[data-slip-number]');
if (/^[0-9]{6}$/.test(slip) && done instanceof HTMLElement && number instanceof HTMLElement) {
  done.hidden = false;
  number.textContent = `${slip.slice(0, 3)} ${slip.slice(3)}`;
}
const full = document.querySelector('[data-full]');
if (full instanceof HTMLElement) full.hidden = !asked.has('full');

// A required choice inside a closed group cannot be shown by the browser itself.
const missing = document.querySelector('[data-no-matter]');
form?.addEventListener('invalid', (e) => {
  if (!(e.target instanceof HTMLInputElement) || e.target.name !== 'category') return;
  e.preventDefault();
  if (missing instanceof HTMLElement) missing.hidden = false;
}, true);
form?.addEventListener('change', () => { if (missing instanceof HTMLElement) missing.hidden = true; });
