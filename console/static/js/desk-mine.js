// @ts-check
/** What an idle agent wants to know of their own day: figures, cases, calls, and what was begun and not filed. */
import { effect, html, signal } from '../vendor/preact.js';
import { ask, get } from './api.js';
import * as d from './desk-state.js';
import { unfinished } from './drafts.js';
import { deadline, spell, stamp } from './format.js';
import { t } from './i18n.js';

const AGAIN_MS = 60e3;
const SHOWN = 5;

/** @type {{value: any}} */
export const mine = signal(null);
const at = signal(0);

export async function lookAtMine() {
  const answer = await get('/api/mine');
  if (answer.ok) mine.value = answer.body;
  at.value = Date.now();
}

// Asked when a seat comes to rest, and now and then while it rests: the figures have changed by the call that has ended.
effect(() => { if (d.link.value === 'up' && ['ready', 'break', 'offline', 'disabled'].includes(d.state.value)) setTimeout(lookAtMine, 300); });
setInterval(() => { if (!document.hidden && d.idle.value && d.link.value === 'up' && Date.now() - at.value > AGAIN_MS) lookAtMine(); }, AGAIN_MS / 4);

/** Forms begun here, and those begun on another computer. @returns {{call: string, title: string, at: number, here: boolean}[]} */
function begun() {
  const here = unfinished(d.boot.login).map((one) => ({ ...one, here: true }));
  const known = new Set(here.map((one) => one.call));
  const there = (mine.value?.drafts ?? []).filter((/** @type {any} */ one) => !known.has(one.call))
    .map((/** @type {any} */ one) => ({ call: one.call, title: one.title, at: one.saved_at, here: false }));
  return [...here, ...there].sort((a, b) => b.at - a.at);
}

/** @param {{call: string, here: boolean}} one */
async function goOn(one) {
  const kept = one.here ? null : await get(`/api/drafts/${encodeURIComponent(one.call)}`);
  d.openDraft(one.call, {}, kept?.ok ? kept.body.fields : null);
}

/** The first press asks, the second throws away: a question that stops the page would stop a call from ringing, too. */
const doomed = signal('');

/** @param {{call: string, title: string}} one */
async function forget(one) {
  if (doomed.value !== one.call) {
    doomed.value = one.call;
    return;
  }
  doomed.value = '';
  localStorage.removeItem(`hotline.draft.${d.boot.login}.${one.call}`);
  await ask('DELETE', `/api/drafts/${encodeURIComponent(one.call)}`);
  await lookAtMine();
}

export function Unfinished() {
  mine.value;
  const items = begun();
  if (!items.length) return null;
  return html`<section aria-labelledby="unfinished"><h3 id="unfinished">${t('idle.unfinished', { n: items.length })}</h3><ul class="list framed">
    ${items.slice(0, SHOWN).map((item) => html`<li key=${item.call}><div class="r"><span class="t">${item.title}</span><span class="sp"></span>
      <button type="button" class="btn small" onClick=${() => forget(item)}>${t(doomed.value === item.call ? 'mine.forget_sure' : 'mine.forget')}</button><button type="button" class="btn small" onClick=${() => goOn(item)}>${t('idle.go_on')}</button></div>
      <div class="xs muted">${stamp(item.at)}${item.here ? '' : ` · ${t('mine.elsewhere')}`}</div></li>`)}</ul>
    ${items.length > SHOWN && html`<p class="xs muted">${t('owed.more', { n: items.length - SHOWN })}</p>`}</section>`;
}

/** @param {{name: string, value: string | number}} props */
const Figure = ({ name, value }) => html`<div><dt>${t(name)}</dt><dd>${value}</dd></div>`;

export function MyDay() {
  const day = mine.value;
  if (!day) return null;
  const { figures, cases } = day;
  const time = (/** @type {number | null} */ ms) => (ms == null ? '—' : spell(ms));
  return html`<section aria-labelledby="my-day"><h3 id="my-day">${t('mine.title')}</h3>
    <dl class="my-figures"><${Figure} name="mine.calls" value=${figures.calls} /><${Figure} name="mine.talk" value=${time(figures.talk_ms)} /><${Figure} name="mine.hold" value=${time(figures.hold_ms)} />
      <${Figure} name="mine.wrap_up" value=${time(figures.wrap_up_ms)} />
      <${Figure} name="outcome.case" value=${figures.outcomes.case ?? 0} /><${Figure} name="outcome.answered" value=${figures.outcomes.answered ?? 0} /><${Figure} name="outcome.urged" value=${figures.outcomes.urged ?? 0} /></dl></section>
    <section aria-labelledby="my-cases"><h3 id="my-cases">${t('mine.cases', { n: cases.length })}</h3>${cases.length ? html`<ul class="list framed">${cases.slice(0, SHOWN).map(caseRow)}</ul>`
      : html`<p class="empty s">${t('mine.cases_none')}</p>`}<p class="xs"><a href="/follows" target="_blank" rel="noopener">${t('mine.follows')}</a></p></section>`;
}

/** Under the seat's card while nobody calls. */
export function LastCalls() {
  const calls = mine.value?.calls;
  if (!calls || d.call.value || d.pop.value) return null;
  return html`<section class="card" aria-labelledby="my-calls"><header><h2 id="my-calls">${t('mine.last_calls')}</h2></header>${calls.length ? html`<ul class="list">${calls.map(callRow)}</ul>`
    : html`<p class="empty s">${t('mine.calls_none')}</p>`}</section>`;
}

/** @param {any} one */
function caseRow(one) {
  const due = deadline(one, d.live.now());
  return html`<li key=${one.no}><div class="r"><a class="t" href=${`/cases/${one.no}`} target="_blank" rel="noopener">${one.title}</a>${due && html`<span class=${`sp tag ${due.tone}`}>${due.text}</span>`}</div>
    <div class="xs muted">${one.no} · ${one.state_text}${one.unit ? ` · ${one.unit}` : ''}</div></li>`;
}

/** @param {any} one */
const callRow = (one) => html`<li key=${one.id}><div class="r"><a class="t" href=${`/calls/${one.id}`} target="_blank" rel="noopener">${one.outcome_text}</a><span class="sp xs muted num">${spell(one.seconds * 1000)}</span></div>
  <div class="xs muted">${stamp(one.at)}${one.case ? ` · ${one.case}` : ''}</div></li>`;
