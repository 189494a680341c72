// @ts-check
/** A field that finds one entry of a long list: type a part of its name, arrows choose, Enter takes. */
import { html, useMemo, useRef, useState } from '../vendor/preact.js';
import { t } from './i18n.js';

const SHOWN = 12;

/** @typedef {{value: string, text: string, also?: string}} Choice */

/** @param {Choice[]} choices @param {string} typed */
export function matching(choices, typed) {
  const parts = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (/** @type {Choice} */ c) => parts.every((part) => `${c.text} ${c.also ?? ''}`.toLowerCase().includes(part));
  return choices.filter(fits);
}

/**
 * @param {{id: string, choices: Choice[], value: string, placeholder: string, invalid?: boolean, describedby?: string,
 *   onPick: (value: string) => void}} props
 */
export function Picker({ id, choices, value, placeholder, invalid = false, describedby, onPick }) {
  const [typed, setTyped] = useState(/** @type {string | null} */ (null));
  const [at, setAt] = useState(0);
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  const chosen = choices.find((c) => c.value === value);
  const found = useMemo(() => (typed === null ? [] : matching(choices, typed)), [choices, typed]);
  const shown = found.slice(0, SHOWN);
  const open = typed !== null;

  const take = (/** @type {Choice | undefined} */ choice) => {
    if (choice) onPick(choice.value);
    setTyped(null);
    setAt(0);
  };
  const move = (/** @type {number} */ step) => {
    if (!open) setTyped('');
    else setAt((at + step + shown.length) % Math.max(1, shown.length));
  };
  const key = (/** @type {KeyboardEvent} */ e) => {
    if (e.isComposing || e.keyCode === 229 || e.ctrlKey || e.altKey) return;
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') move(e.key === 'ArrowDown' ? 1 : -1);
    else if (e.key === 'Enter' && open) take(shown[at]);
    else if (e.key === 'Escape' && open) setTyped(null);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  const leave = () => {
    if (typed === '' && value) onPick('');
    setTyped(null);
  };

  return html`<div class="picker">
    <input ref=${box} id=${id} type="text" role="combobox" autocomplete="off" spellcheck=${false} placeholder=${placeholder}
      aria-expanded=${open ? 'true' : 'false'} aria-controls=${`${id}-list`} aria-autocomplete="list" aria-invalid=${invalid ? 'true' : undefined}
      aria-describedby=${describedby} aria-activedescendant=${open && shown[at] ? `${id}-${at}` : undefined}
      value=${typed ?? chosen?.text ?? ''} onInput=${(/** @type {any} */ e) => { setTyped(e.target.value); setAt(0); }}
      onKeyDown=${key} onBlur=${leave} onClick=${() => open || setTyped('')} />
    <ul id=${`${id}-list`} role="listbox" aria-label=${placeholder} hidden=${!open}>
      ${shown.map((choice, i) => html`<li key=${choice.value} id=${`${id}-${i}`} role="option" aria-selected=${i === at ? 'true' : 'false'}
        onMouseDown=${(/** @type {Event} */ e) => { e.preventDefault(); take(choice); }}>${choice.text}</li>`)}
      ${open && !shown.length && html`<li role="option" aria-selected="false" aria-disabled="true" class="muted">${t('picker.none')}</li>`}
      ${found.length > SHOWN && html`<li role="option" aria-selected="false" aria-disabled="true" class="muted">${t('picker.more', { n: found.length - SHOWN })}</li>`}
    </ul></div>`;
}
