// @ts-check
/** The citizen's past: what the pop brought, and as many pages more as the agent asks for. */
import { html, signal } from '../vendor/preact.js';
import { get } from './api.js';
import { BriefRow } from './desk-call.js';
import * as d from './desk-state.js';
import { spell, stamp } from './format.js';
import { t } from './i18n.js';

/** @typedef {{call: string, page: number, cases: any[], calls: any[], more: boolean, state: 'ready'|'asking'|'failed'}} Past */

const empty = () => /** @type {Past} */ ({ call: '', page: 0, cases: [], calls: [], more: true, state: 'ready' });
const past = signal(empty());

/** What was fetched for another call is not this citizen's. */
const fetched = () => (past.value.call === d.pop.value?.call ? past.value : empty());

async function more() {
  const { call } = d.pop.value;
  const before = { ...fetched(), call };
  past.value = { ...before, state: 'asking' };
  const answer = await get('/api/past', { call, page: String(before.page + 1) });
  if (past.value.call !== call) return;
  if (!answer.ok) past.value = { ...before, state: 'failed' };
  else {
    const { cases, calls, more: left } = answer.body;
    past.value = { call, page: before.page + 1, cases: [...before.cases, ...cases], calls: [...before.calls, ...calls], more: left, state: 'ready' };
  }
}

/** @param {{one: any}} props */
const CallRow = ({ one }) => html`<li><div class="r"><span class="t">${one.outcome_text || t('outcome.unknown')}</span><span class="sp xs muted num">${spell((one.seconds ?? 0) * 1000)}</span></div>
  <div class="xs muted">${stamp(one.at)}${one.agent ? ` · ${one.agent}` : ''}</div></li>`;

/** How much there is altogether. @param {any} caller */
export const countOfPast = (caller) => (caller ? caller.cases + caller.nth - 1 : 0);

/** Earlier cases first, then earlier calls: what came of them matters more than that there were some. */
export function Past() {
  const { caller, recent_cases: recent, recent_calls: lately } = d.pop.value;
  if (!countOfPast(caller)) return html`<p class="empty"><span>${t('side.history_none')}</span></p>`;
  const { page, cases: all, calls: every, more: left, state } = fetched();
  const [cases, calls] = page ? [all, every] : [recent, lately];
  const rest = page ? left : caller.cases > recent.length || caller.nth - 1 > lately.length;
  return html`${cases.length > 0 && html`<h3 class="side-head">${t('side.cases')} ${cases.length}/${caller.cases}</h3><ul class="list">${cases.map((/** @type {any} */ b) => html`<${BriefRow} key=${b.no} brief=${b} />`)}</ul>`}
    ${calls.length > 0 && html`<h3 class="side-head">${t('side.calls')} ${calls.length}/${caller.nth - 1}</h3><ul class="list">${calls.map((/** @type {any} */ c, /** @type {number} */ n) => html`<${CallRow} key=${`${c.at} ${n}`} one=${c} />`)}</ul>`}
    ${state === 'failed' && html`<p class="note bad" role="alert">${t('past.failed')}</p>`}
    ${rest && html`<p class="pad"><button type="button" class="btn small" id="past-more" disabled=${state === 'asking'} onClick=${more}>${t(state === 'asking' ? 'past.asking' : 'past.more')}</button></p>`}`;
}
