// @ts-check
/** What the city knows about the matter at hand: answers for the agent and for the citizen, and what it does not know yet. */
import { effect, html, signal, useState } from '../vendor/preact.js';
import { ask } from './api.js';
import * as d from './desk-state.js';
import { stamp } from './format.js';
import { t } from './i18n.js';
import { icon } from './parts.js';

const THINKING_MS = 600;

/** @typedef {{id: number, title: string, answer: string, citizen_answer: string, unit: string, valid_until: string | number | null, stale: boolean, why: string}} Article */

export const articles = signal(/** @type {Article[]} */ ([]));
/** Words the agent looks for; without any, the form's own matter and text are looked for. */
export const lookedFor = signal('');
/** The article that is unfolded. */
export const unfolded = signal(/** @type {number | null} */ (null));
const answered = signal(false);
const noted = signal('');

let timer = 0;
let number = 0;
let before = '';

/** @param {string} q @param {string} category */
async function look(q, category) {
  const mine = ++number;
  // Long texts go in the body: an address has a length, and ends in logs.
  const answer = await ask('POST', '/api/knowledge', { q, category });
  if (mine !== number) return;
  articles.value = answer.ok ? answer.body.articles : [];
  answered.value = answer.ok;
}

effect(() => {
  const draft = d.draft.value;
  const category = lookedFor.value ? '' : draft?.value('category') ?? '';
  const q = (lookedFor.value || (draft ? `${draft.value('title')} ${draft.value('content')}` : '')).trim().slice(0, 500);
  const wish = `${q}\n${category}`;
  if (wish === before) return;
  before = wish;
  clearTimeout(timer);
  if (q.length >= 2 || category) timer = window.setTimeout(() => look(q, category), THINKING_MS);
  else {
    number += 1;
    articles.value = [];
    answered.value = false;
  }
});

/** Put the citizen's answer into the form, behind what stands there; nothing is sent by it. @param {Article} one */
function take(one) {
  const draft = d.draft.value;
  if (!draft) return;
  const there = draft.value('answer');
  draft.set('answer', there ? `${there}\n${one.citizen_answer || one.answer}` : one.citizen_answer || one.answer);
  used(one);
  d.said.value = t('know.taken');
}

/** @param {Article} one */
const used = (one) => ask('POST', `/api/knowledge/${one.id}/used`, { call: d.draft.value?.call ?? '' });

/** @param {{one: Article}} props */
function Row({ one }) {
  const open = unfolded.value === one.id;
  const until = one.valid_until ? String(typeof one.valid_until === 'number' ? stamp(one.valid_until) : one.valid_until).slice(0, 10) : '';
  const toggle = () => { unfolded.value = open ? null : one.id; };
  return html`<li><div class="r"><button type="button" class="t link" aria-expanded=${open ? 'true' : 'false'} onClick=${toggle}>${one.title}</button>
      ${one.stale ? html`<span class="sp tag warn">${t('know.stale')}</span>` : until && html`<span class="sp tag ok">${t('know.until', { at: until })}</span>`}</div>
    ${open ? html`<p class="answer">${one.answer}</p>${one.citizen_answer && html`<p class="quote small"><span class="xs muted">${t('filed.say_label')}</span>${one.citizen_answer}</p>`}
      <p class="xs muted">${[one.unit, one.why].filter(Boolean).join(' · ')}</p>
      <div class="row-buttons">${d.draft.value && !d.filed.value && html`<button type="button" class="btn small" onClick=${() => take(one)}>${t('know.take')}</button>`}
        ${d.draft.value && html`<button type="button" class="btn small" onClick=${() => { used(one); noted.value = t('know.used_noted'); }}>${icon('check')}${t('know.used')}</button>`}
        <a class="btn small" href=${`/knowledge/${one.id}`} target="_blank" rel="noopener">${t('know.open')}</a></div>`
    : html`<div class="xs muted clamp">${one.answer}</div>`}</li>`;
}

/** What was not found is told to those who write: the next caller will ask it, too. */
function Gap() {
  const [text, write] = useState('');
  const [open, unfold] = useState(false);
  const tell = async () => {
    const got = await ask('POST', '/api/knowledge/gap', { text: text.trim(), call: d.draft.value?.call ?? '' });
    noted.value = t(got.ok ? 'know.gap_told' : 'know.gap_failed');
    if (got.ok) { write(''); unfold(false); }
  };
  const begin = () => { write(lookedFor.value || d.draft.value?.value('title') || ''); unfold(true); };
  if (!open) return html`<p class="know-foot"><button type="button" class="btn small" onClick=${begin}>${t('know.gap')}</button><span class="xs muted" role="status">${noted.value}</span></p>`;
  return html`<div class="know-foot f"><label for="gap">${t('know.gap_what')}</label><input id="gap" type="text" maxlength="200" value=${text} onInput=${(/** @type {any} */ e) => write(e.target.value)} />
    <div class="row-buttons"><button type="button" class="btn small primary" disabled=${text.trim().length < 2} onClick=${tell}>${t('know.gap_tell')}</button>
      <button type="button" class="btn small" onClick=${() => unfold(false)}>${t('app.close')}</button></div></div>`;
}

export function Knowledge() {
  const all = articles.value;
  const asked = Boolean(lookedFor.value || d.draft.value?.touched);
  return html`<div class="know-find"><input type="search" id="know-find" maxlength="60" aria-label=${t('know.find')} placeholder=${t('know.find')} value=${lookedFor.value}
      onInput=${(/** @type {any} */ e) => { if (!e.isComposing) lookedFor.value = e.target.value.trim(); }} onCompositionEnd=${(/** @type {any} */ e) => { lookedFor.value = e.target.value.trim(); }} /></div>
    ${all.length ? html`<ul class="list">${all.map((one) => html`<${Row} key=${one.id} one=${one} />`)}</ul>`
    : html`<p class="empty"><span>${t(asked && answered.value ? 'know.none' : 'know.lead')}</span></p>`}
    <${Gap} />`;
}
