// @ts-check
/**
 * The address field: free text in which the city's places are recognised, down to the grid. Two letters find a street, an
 * estate or a community; on an empty end the places below the last one are offered, level by level.
 */
import { html, signal, useMemo, useRef, useState } from '../vendor/preact.js';
import { get } from './api.js';
import { t } from './i18n.js';
import { icon } from './parts.js';

const SHOWN = 9;

/** @typedef {{id: string, parent: string | null, name: string, initials: string, level: number, streets: string[]}} Place */
/** @typedef {{text: string, place: Place, note: string}} Offer */

export const gazetteer = signal(/** @type {{city: string, places: Place[], of: Map<string, Place>}} */ ({ city: '', places: [], of: new Map() }));

export async function loadPlaces() {
  const answer = await get('/api/places');
  if (!answer.ok) return;
  const places = answer.body.places.map((/** @type {any[]} */ [id, parent, name, initials, level, ...streets]) => ({ id, parent, name, initials, level, streets }));
  gazetteer.value = { city: answer.body.city, places, of: new Map(places.map((/** @type {Place} */ one) => [one.id, one])) };
}

/** The place and all it lies in, the largest first. @param {Place} place @returns {Place[]} */
export function chain(place) {
  const line = [];
  for (let at = /** @type {Place | undefined} */ (place); at && !line.includes(at); at = gazetteer.value.of.get(at.parent ?? '')) line.unshift(at);
  return line;
}

/** As people write it. A grid is named by a street in it, if one is known. @param {Place} place @param {string} [street] */
export function written(place, street = '') {
  const line = chain(place);
  const above = line.filter((one) => one.level < 5).map((one) => one.name).join('');
  if (place.level < 5) return above;
  return above + (street || place.name.replace(line.at(-2)?.name ?? '', ''));
}

/** @param {string} text @returns {{place: Place | null, rest: string}} the smallest place the text names, and what follows it */
export function recognised(text) {
  /** @type {Place | null} */ let best = null;
  let end = 0;
  let score = 0;
  for (const one of gazetteer.value.places) {
    for (const name of [one.name, ...one.streets]) {
      const at = text.indexOf(name);
      if (at < 0) continue;
      // Of two of the same name the one counts whose surroundings are named, too.
      const named = chain(one).filter((each) => text.includes(each.name)).length;
      const found = named * 10 + one.level + name.length / 100;
      if (found > score) [best, end, score] = [one, at + name.length, found];
    }
  }
  return { place: best, rest: best ? text.slice(end).trim() : text.trim() };
}

/** @param {Place} one @param {Place | null} within */
const liesIn = (one, within) => !within || chain(one).includes(within);

/** What could stand at the end of this text. @param {string} text @returns {Offer[]} */
export function offers(text) {
  const { place, rest } = recognised(text);
  const { places } = gazetteer.value;
  if (!rest) {
    const below = places.filter((one) => one.parent === (place?.id ?? null));
    return below.slice(0, SHOWN).map((one) => ({ text: written(one, one.streets[0]), place: one, note: one.streets.join(' ') }));
  }
  const letters = rest.toLowerCase();
  /** @type {{rank: number, offer: Offer}[]} */ const found = [];
  for (const one of places) {
    if (one === place || !liesIn(one, place)) continue;
    const street = one.streets.find((name) => name.includes(rest));
    const rank = one.name.startsWith(rest) ? 0 : one.initials && one.initials.startsWith(letters) ? 1 : street ? 2 : one.name.includes(rest) ? 3 : -1;
    if (rank >= 0) found.push({ rank, offer: { text: written(one, street), place: one, note: street && rank !== 2 ? street : '' } });
  }
  return found.sort((a, b) => a.rank - b.rank || a.offer.place.level - b.offer.place.level).slice(0, SHOWN).map((each) => each.offer);
}

/** Where the text lies, in the levels of the city. @param {{text: string}} props */
function Trail({ text }) {
  const { city, places } = gazetteer.value;
  const place = useMemo(() => (text ? recognised(text).place : null), [text, places]);
  if (!place) return null;
  const line = chain(place);
  const names = line.map((one, i) => (one.level === 5 ? one.name.replace(line[i - 1]?.name ?? '', '') : one.name));
  return html`<p class="xs muted trail path" aria-label=${t('place.trail')}>${[city, ...names].filter(Boolean).map((name) => html`<span>${name}</span>`)}</p>`;
}

/** @param {{draft: import('./drafts.js').Draft, bound: any}} props */
export function Address({ draft, bound }) {
  const [shown, show] = useState(/** @type {Offer[]} */ ([]));
  const [at, setAt] = useState(-1);
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  const value = draft.value('address');
  const close = () => { show([]); setAt(-1); };
  const open = (/** @type {string} */ text, first = 0) => {
    show(offers(text));
    setAt(first);
  };
  const typed = (/** @type {any} */ e) => {
    draft.set('address', e.target.value);
    const { rest } = recognised(e.target.value);
    // Nothing is chosen for who only types on: Enter without an arrow leaves the text as it is.
    if (!e.isComposing && rest.length >= 2) open(e.target.value, -1);
    else close();
  };
  const take = (/** @type {Offer | undefined} */ offer) => {
    if (!offer) return;
    draft.set('address', offer.text);
    draft.save();
    const below = offer.place.level < 5 ? offers(offer.text) : [];
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
