// @ts-check
/** The field that finds a unit: two or three keys, arrows, Enter. Without this script its button asks the server instead. */
import { get } from './api.js';

const PAUSE_MS = 120;

/** @typedef {{id: string, name: string, short: string}} Unit */

/** @param {HTMLFieldSetElement} field */
function enliven(field) {
  const input = /** @type {HTMLInputElement} */ (field.querySelector('.find input'));
  const offers = /** @type {HTMLElement} */ (field.querySelector('.offers'));
  const blank = /** @type {HTMLTemplateElement} */ (field.querySelector('template'));
  const status = /** @type {HTMLElement} */ (field.querySelector('[role=status]'));
  const list = document.createElement('ul');
  list.id = `${field.id}-list`;
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', input.getAttribute('aria-label') ?? '');
  list.hidden = true;
  field.querySelector('.find')?.after(list);
  field.querySelector('.find button')?.remove();
  for (const [name, value] of [['role', 'combobox'], ['aria-autocomplete', 'list'], ['aria-controls', list.id], ['aria-expanded', 'false']]) {
    input.setAttribute(name, value);
  }
  /** @type {Unit[]} */ let found = [];
  let at = 0;
  let asked = 0;
  let timer = 0;

  const show = () => {
    list.replaceChildren(...found.map((unit, n) => {
      const line = document.createElement('li');
      line.id = `${list.id}-${n}`;
      line.setAttribute('role', 'option');
      line.setAttribute('aria-selected', String(n === at));
      line.textContent = unit.short === unit.name ? unit.name : `${unit.short} · ${unit.name}`;
      line.addEventListener('mousedown', (e) => { e.preventDefault(); take(unit); });
      return line;
    }));
    list.hidden = !found.length;
    input.setAttribute('aria-expanded', String(!list.hidden));
    if (list.hidden) input.removeAttribute('aria-activedescendant');
    else input.setAttribute('aria-activedescendant', `${list.id}-${at}`);
    list.children[at]?.scrollIntoView({ block: 'nearest' });
  };
  const close = () => { asked += 1; clearTimeout(timer); found = []; show(); };

  /** @param {Unit} unit */
  const take = (unit) => {
    const there = [...offers.querySelectorAll('input')].find((one) => one.value === unit.id);
    let choice = there;
    if (!choice) {
      const line = /** @type {DocumentFragment} */ (blank.content.cloneNode(true));
      choice = /** @type {HTMLInputElement} */ (line.querySelector('input'));
      choice.value = unit.id;
      /** @type {HTMLElement} */ (line.querySelector('span')).textContent = unit.short;
      offers.append(line);
    }
    choice.checked = true;
    input.value = '';
    status.textContent = '';
    close();
  };
  const look = async () => {
    const typed = input.value.trim();
    const mine = ++asked;
    if (!typed) { status.textContent = ''; close(); return; }
    const answer = await get('/api/units', { q: typed, ...(field.dataset.units === 'below' ? { below: '1' } : {}) });
    if (mine !== asked) return;
    found = answer.ok ? answer.body.units : [];
    at = 0;
    status.textContent = answer.ok && !found.length ? input.dataset.none ?? '' : '';
    show();
  };
  const soon = () => { clearTimeout(timer); timer = window.setTimeout(look, PAUSE_MS); };

  // While an input method composes, the letters are not yet words; what it commits is looked for at once.
  input.addEventListener('input', (e) => { if (!(e instanceof InputEvent && e.isComposing)) soon(); });
  input.addEventListener('compositionend', soon);
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (e) => {
    if (e.isComposing || e.keyCode === 229) return;
    if (e.key === 'Enter') {
      e.preventDefault();  // never sends the form: what was found is to be looked at first
      if (found[at]) take(found[at]); else { clearTimeout(timer); look(); }
    } else if (e.key === 'Escape' && found.length) { e.preventDefault(); close(); }
    else if ((e.key === 'ArrowDown' || e.key === 'ArrowUp') && found.length) {
      e.preventDefault();
      at = (at + (e.key === 'ArrowDown' ? 1 : -1) + found.length) % found.length;
      show();
    }
  });
}

for (const field of document.querySelectorAll('fieldset[data-units]')) enliven(/** @type {HTMLFieldSetElement} */ (field));
