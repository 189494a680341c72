// @ts-check
/**
 * What the server proposes for the text as it stands: matters, units, and cases that are like it. Asked again a moment after
 * the last key, never while an input method composes: half a word in Latin letters is no text yet.
 */
import { effect, signal } from '../vendor/preact.js';
import { ask } from './api.js';
import * as d from './desk-state.js';

const THINKING_MS = 400;
const SHORTEST = 4;
const ASKED_BY = ['title', 'content', 'address', 'category'];

/** @typedef {{code: string, name: string, path: string, why: string, share: number}} Matter */
/** @typedef {{id: string, name: string, why: string}} Unit */
/** @typedef {{no: string, title: string, at: number, state_text: string, open: boolean, place: string, why: string}} Alike */
/** @typedef {{asked: string, categories: Matter[], units: Unit[], similar: Alike[]}} Suggested */

/** @type {Suggested} */
const NOTHING = { asked: '', categories: [], units: [], similar: [] };
export const suggested = signal(NOTHING);

let composing = false;
let timer = 0;
let number = 0;
let before = '';
/** @type {import('./drafts.js').Draft | null} */
let of = null;

async function look() {
  const draft = d.draft.value;
  if (!draft || composing) return;
  const mine = ++number;
  const [title, content, address, category] = ASKED_BY.map((name) => draft.value(name));
  const answer = await ask('POST', '/api/suggest', { text: content, title, address, category, call: draft.call });
  if (answer.ok && mine === number && d.draft.value === draft) suggested.value = { ...NOTHING, ...answer.body };
}

function soon() {
  clearTimeout(timer);
  timer = window.setTimeout(look, THINKING_MS);
}

effect(() => {
  const draft = d.draft.value;
  if (draft !== of) {
    of = draft;
    before = '';
    number += 1;
    suggested.value = NOTHING;
  }
  if (!draft) return;
  const text = ASKED_BY.map((name) => draft.value(name)).join('\n');
  if (text === before) return;
  before = text;
  if (text.trim().length >= SHORTEST) soon();
});
addEventListener('compositionstart', () => { composing = true; });
addEventListener('compositionend', () => { composing = false; soon(); });
