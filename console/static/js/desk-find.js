// @ts-check
/** The command bar: one field that finds cases, units, knowledge and everything the desk can do. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js';
import { get } from './api.js';
import { Kbd } from './desk-keys.js';
import { unfolded } from './desk-knowledge.js';
import * as d from './desk-state.js';
import { showTab } from './desk-side.js';
import { deadline, stamp } from './format.js';
import { t } from './i18n.js';
import { icon } from './parts.js';

const PAUSE_MS = 150;
const ACTIONS_SHOWN = 5;

/** @typedef {{action: string, act: () => void, when?: () => boolean}} Act */
/** @typedef {{id: string, group: string, title: string, note: string, key?: string, tone?: string, act: () => void}} Item */

/** @param {string} path */
const open = (path) => window.open(path, '_blank', 'noopener');

/** @param {Act[]} acts @param {string} typed @returns {Item[]} */
function actions(acts, typed) {
  const able = acts.filter((one) => one.action !== 'find' && (one.when?.() ?? true));
  const parts = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = able.filter((one) => parts.every((part) => t(`keys.${one.action}`).toLowerCase().includes(part)));
  return fitting.slice(0, ACTIONS_SHOWN).map((one) => ({ id: `a-${one.action}`, group: 'actions', title: t(`keys.${one.action}`), note: '', key: one.action, act: one.act }));
}

/** @param {any} one @returns {Item} */
function caseItem(one) {
  const due = deadline(one, d.live.now());
  return { id: `c-${one.no}`, group: 'cases', title: one.title, note: [one.no, one.state_text, one.unit, stamp(one.received_at)].filter(Boolean).join(' · '), tone: due?.tone, act: () => open(`/cases/${one.no}`) };
}

/** Into the form that is open; without a form, the cases of the unit. @param {any} one @returns {Item} */
function unitItem(one) {
  const draft = d.draft.value;
  const into = draft && !d.filed.value;
  return { id: `u-${one.id}`, group: 'units', title: one.name, note: t(into ? 'find.into_form' : 'find.cases_of'),
    act: () => { if (into) { draft.set('unit', String(one.id)); draft.save(); } else open(`/cases?unit=${encodeURIComponent(one.id)}`); } };
}

/** @param {any} one @returns {Item} */
const articleItem = (one) => ({ id: `k-${one.id}`, group: 'knowledge', title: one.title, note: one.unit ?? '', act: () => showArticle(one) });

/** @param {any} one */
function showArticle(one) {
  unfolded.value = one.id;
  showTab('knowledge', one.title);
}

/** @param {string} typed @returns {Promise<Item[]>} */
async function look(typed) {
  const [found, known] = await Promise.all([get('/api/find', { q: typed }), get('/api/knowledge', { q: typed, category: '' })]);
  const { cases = [], units = [] } = found.ok ? found.body : {};
  return [...cases.map(caseItem), ...units.map(unitItem), ...(known.ok ? known.body.articles.map(articleItem) : [])];
}

/** @param {{acts: Act[]}} props */
export function Find({ acts }) {
  const [typed, type] = useState('');
  const [found, setFound] = useState(/** @type {Item[]} */ ([]));
  const [state, say] = useState('');
  const [at, setAt] = useState(0);
  const number = useRef(0);
  const words = typed.trim();
  const items = [...found, ...actions(acts, words)].slice(0, 24);
  useEffect(() => {
    const mine = ++number.current;
    setAt(0);
    if (!words) { setFound([]); say(''); return undefined; }
    const timer = setTimeout(async () => {
      say('find.looking');
      const got = await look(words);
      if (mine !== number.current) return;
      setFound(got);
      say(got.length ? '' : 'find.none');
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [words]);
  const take = (/** @type {Item | undefined} */ item) => {
    if (!item) return;
    d.layer.value = '';
    item.act();
  };
  const key = (/** @type {KeyboardEvent} */ e) => {
    if (e.isComposing || e.keyCode === 229) return;
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') setAt((at + (e.key === 'ArrowDown' ? 1 : -1) + items.length) % Math.max(1, items.length));
    else if (e.key === 'Enter') take(items[at]);
    else return;
    e.preventDefault();
  };
  useEffect(() => document.getElementById(`find-${at}`)?.scrollIntoView({ block: 'nearest' }), [at]);
  // What an input method has not committed yet is not looked for.
  const write = (/** @type {any} */ e) => { if (!e.isComposing) type(e.target.value); };
  return html`<div class="find-field">${icon('search')}<input id="find" type="text" role="combobox" autocomplete="off" spellcheck=${false} maxlength="64" aria-label=${t('find.label')} placeholder=${t('find.label')}
      aria-expanded="true" aria-controls="find-list" aria-activedescendant=${items[at] ? `find-${at}` : undefined} onInput=${write} onCompositionEnd=${write} onKeyDown=${key} autofocus /></div>
    <ul id="find-list" class="find-list" role="listbox" aria-label=${t('find.results')}>${items.map((one, i) => html`<li key=${one.id} id=${`find-${i}`} role="option" aria-selected=${i === at ? 'true' : 'false'} onClick=${() => take(one)}>
      <span class="tag ${one.tone ?? ''}">${t(`find.${one.group}`)}</span><span class="find-text"><b>${one.title}</b><span class="xs muted">${one.note}</span></span>${one.key && html`<${Kbd} action=${one.key} />`}</li>`)}</ul>
    <p class="s muted find-state" role="status">${state && t(state)}</p>`;
}
