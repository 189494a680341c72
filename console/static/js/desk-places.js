// @ts-check
/**
 * The address field: free text in which the city's places are recognised, down to the grid. Two letters find a street, an
 * estate or a community; on an empty end the places below the last one are offered, level by level.
 */
import { html, signal, useMemo, useRef, useState } from '../vendor/preact.js';
import { get } from './api.js';
import { Gazetteer } from './gazetteer.js';
import { t } from './i18n.js';
import { icon } from './parts.js';

const TOGETHER = 5000;

/** @typedef {import('./gazetteer.js').Offer} Offer */

export const gazetteer = signal(new Gazetteer());

/** Taken in little by little: a call may be coming back to a page that was just loaded. */
export async function loadPlaces() {
  const answer = await get('/api/places');
  if (!answer.ok) return;
  const { city, places } = answer.body;
  const known = new Gazetteer(city);
  for (let first = 0; first < places.length; first += TOGETHER) {
    known.add(places.slice(first, first + TOGETHER).map((/** @type {any[]} */ [id, parent, name, initials, level, ...streets]) => ({ id, parent, name, initials, level, streets })));
    await new Promise((resolve) => setTimeout(resolve));
  }
  gazetteer.value = known;
}

/** Where the text lies, in the levels of the city. @param {{text: string}} props */
function Trail({ text }) {
  const known = gazetteer.value;
  const place = useMemo(() => (text ? known.recognised(text).place : null), [text, known]);
  if (!place) return null;
  const line = known.chain(place);
  const names = line.map((one, i) => (one.level === 5 ? one.name.replace(line[i - 1]?.name ?? '', '') : one.name));
  return html`<p class="xs muted trail path" aria-label=${t('place.trail')}>${[known.city, ...names].filter(Boolean).map((name) => html`<span>${name}</span>`)}</p>`;
}

/** @param {{draft: import('./drafts.js').Draft, bound: any}} props */
export function Address({ draft, bound }) {
  const [shown, show] = useState(/** @type {Offer[]} */ ([]));
  const [at, setAt] = useState(-1);
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  const value = draft.value('address');
  const close = () => { show([]); setAt(-1); };
  const open = (/** @type {string} */ text, first = 0) => {
    show(gazetteer.value.offers(text));
    setAt(first);
  };
  const typed = (/** @type {any} */ e) => {
    draft.set('address', e.target.value);
    const { rest } = gazetteer.value.recognised(e.target.value);
    // Nothing is chosen for who only types on: Enter without an arrow leaves the text as it is.
    if (!e.isComposing && rest.length >= 2) open(e.target.value, -1);
    else close();
  };
  const take = (/** @type {Offer | undefined} */ offer) => {
    if (!offer) return;
    draft.set('address', offer.text);
    draft.save();
    const below = offer.place.level < 5 ? gazetteer.value.offers(offer.text) : [];
    show(below);
    setAt(below.length ? 0 : -1);
  };
  const key = (/** @type {KeyboardEvent} */ e) => {
    if (e.isComposing || e.keyCode === 229 || e.ctrlKey || e.altKey) return;
    if (e.key === 'ArrowDown' && !shown.length) open(value);
    else if (!shown.length) return;
    else if (e.key === 'ArrowDown') setAt((at + 1) % shown.length);
    else if (e.key === 'ArrowUp') setAt((at - 1 + shown.length) % shown.length);
    else if (e.key === 'Enter' && at >= 0) take(shown[at]);
    else if (e.key === 'Escape') close();
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  return html`<div class="picker with-button"><input ref=${box} type="text" ...${bound} role="combobox" autocomplete="off" spellcheck=${false} placeholder=${t('field.address_hint')}
      aria-expanded=${shown.length ? 'true' : 'false'} aria-controls="f-address-list" aria-autocomplete="list" aria-activedescendant=${at >= 0 && shown[at] ? `f-address-${at}` : undefined}
      onInput=${typed} onCompositionEnd=${typed} onKeyDown=${key} onBlur=${() => { close(); draft.save(); }} />
    <button type="button" class="btn" id="f-address-open" tabindex="-1" aria-label=${t('place.open')} title=${t('place.open')} onMouseDown=${(/** @type {Event} */ e) => e.preventDefault()}
      onClick=${() => { box.current?.focus(); if (shown.length) close(); else open(value); }}>${icon('list')}</button>
    <ul id="f-address-list" role="listbox" aria-label=${t('place.offers')} hidden=${!shown.length}>${shown.map((one, i) => html`<li key=${one.place.id + one.text} id=${`f-address-${i}`} role="option" aria-selected=${i === at ? 'true' : 'false'}
      onMouseDown=${(/** @type {Event} */ e) => { e.preventDefault(); take(one); }}>${one.text}${one.note && html`<span class="xs muted"> ${one.note}</span>`}</li>`)}</ul></div>
    <${Trail} text=${value} />`;
}

/** The key of the address: into the field, with what can stand at its end. */
export function openPlaces() {
  document.getElementById('f-address')?.focus();
  document.getElementById('f-address-open')?.click();
}
