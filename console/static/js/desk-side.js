// @ts-check
/** The right column: earlier cases and calls of this citizen, and what this seat has filed in this shift. */
import { html, useState } from '../vendor/preact.js';
import { BriefRow } from './desk-call.js';
import * as d from './desk-state.js';
import { Words, wordsOf } from './desk-words.js';
import { spell, stamp } from './format.js';
import { known, t } from './i18n.js';
import { icon } from './parts.js';

/** @param {{one: any}} props */
const CallRow = ({ one }) => html`<li><div class="r"><span class="t">${one.outcome_text || t('outcome.unknown')}</span><span class="sp xs muted num">${spell((one.seconds ?? 0) * 1000)}</span></div>
  <div class="xs muted">${stamp(one.at)}${one.agent ? ` · ${one.agent}` : ''}</div></li>`;

/** @param {{one: any}} props */
const ShiftRow = ({ one }) => html`<li><div class="r"><a class="t" href=${`/cases/${one.no}`} target="_blank" rel="noopener">${one.title}</a></div>
  <div class="xs muted">${one.no} · ${one.state_text} · ${stamp(one.at)}</div></li>`;

/** @param {{items: any[], row: (item: any) => any, none: string}} props */
const Rows = ({ items, row, none }) => (items.length ? html`<ul class="list">${items.map(row)}</ul>` : html`<p class="empty"><span>${none}</span></p>`);

function tabs() {
  const pop = d.pop.value;
  const draft = pop && wordsOf(pop.call);
  return [
    ...(draft ? [{ id: 'words', name: t('words.tab'), items: draft.lines, panel: html`<${Words} draft=${draft} />` }] : []),
    ...(pop ? [
      { id: 'cases', name: t('side.cases'), items: pop.recent_cases, row: (/** @type {any} */ b) => html`<${BriefRow} key=${b.no} brief=${b} />`, none: t('side.cases_none') },
      { id: 'calls', name: t('side.calls'), items: pop.recent_calls, row: (/** @type {any} */ c) => html`<${CallRow} one=${c} />`, none: t('side.calls_none') },
    ] : []),
    { id: 'shift', name: t('side.shift'), items: d.shift.value, row: (/** @type {any} */ c) => html`<${ShiftRow} one=${c} />`, none: t('side.shift_none') },
  ];
}

export function Right() {
  const [chosen, choose] = useState('');
  const all = tabs();
  const open = all.find((tab) => tab.id === chosen) ?? all[0];
  const key = (/** @type {KeyboardEvent} */ e) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    const next = all[(all.indexOf(open) + step + all.length) % all.length];
    choose(next.id);
    document.getElementById(`tab-${next.id}`)?.focus();
  };
  return html`<section class="card side" aria-label=${t('side.title')}>
    <div class="tabs" role="tablist" aria-label=${t('side.title')} onKeyDown=${key}>
      ${all.map((tab) => html`<button type="button" role="tab" id=${`tab-${tab.id}`} aria-controls="side-panel" aria-selected=${tab === open ? 'true' : 'false'}
        tabindex=${tab === open ? 0 : -1} onClick=${() => choose(tab.id)}>${tab.name} ${tab.items.length}</button>`)}</div>
    <div id="side-panel" role="tabpanel" aria-labelledby=${`tab-${open.id}`} tabindex="0">${open.panel ?? html`<${Rows} items=${open.items} row=${open.row} none=${open.none} />`}</div>
  </section>`;
}

const REASONS = ['rest', 'meal', 'training', 'meeting', 'other'];
const MORE_TIME = ['typing', 'checking', 'department', 'other'];

/** What the day still allows of a break. Nobody is held back by it: who must go, goes. @param {{reason: string}} props */
function Left({ reason }) {
  const quota = d.desk.value?.breaks?.[reason];
  if (!quota) return null;
  const { left_ms: left, once_ms: once } = quota;
  const most = left == null ? once : once == null ? left : Math.min(left, once);
  return html`<small class=${most > 0 ? 'muted' : 'over'}>${most > 0 ? t('quota.left', { n: Math.floor(most / 60e3) }) : t('quota.spent')}</small>`;
}

/** @param {{kind: 'break'|'extend', onClose: () => void}} props */
export function ReasonChoice({ kind, onClose }) {
  const reasons = kind === 'break' ? REASONS : MORE_TIME;
  const take = (/** @type {string} */ reason) => {
    d.live.send({ do: kind, reason });
    onClose();
  };
  return html`<p class="muted">${t(`${kind}.lead`)}</p><div class="reasons">${reasons.map((reason) => html`<button type="button" class="btn" onClick=${() => take(reason)}><span>${t(`${kind}.${reason}`)}</span>
    ${kind === 'break' && html`<${Left} reason=${reason} />`}</button>`)}</div>`;
}

export function Notices() {
  return html`<div class="notices">${d.notices.value.map((n) => html`<p key=${n.id} class=${`note ${{ info: 'brand', warn: 'warn', bad: 'bad' }[n.level] ?? ''}`}>
    <span>${known(n.text) ? t(n.text) : n.text}</span><button type="button" class="btn small sp" onClick=${() => d.dismiss(n.id)}>${icon('close')}${t('app.close')}</button></p>`)}</div>`;
}
