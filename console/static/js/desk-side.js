// @ts-check
/** The right column: what is known of the matter, this citizen's past, cases alike, this shift; below, what is being said. */
import { html, signal } from '../vendor/preact.js';
import { articles, Knowledge, lookedFor } from './desk-knowledge.js';
import { Kbd } from './desk-keys.js';
import { openMerge } from './desk-merge.js';
import { countOfPast, Past } from './desk-past.js';
import * as d from './desk-state.js';
import { suggested } from './desk-suggest.js';
import { Words, wordsOf } from './desk-words.js';
import { stamp } from './format.js';
import { known, t } from './i18n.js';
import { icon } from './parts.js';

/** @param {{one: any}} props */
const ShiftRow = ({ one }) => html`<li><div class="r"><a class="t" href=${`/cases/${one.no}`} target="_blank" rel="noopener">${one.title}</a></div>
  <div class="xs muted">${one.no} · ${one.state_text} · ${stamp(one.at)}</div></li>`;

/** @param {{items: any[], row: (item: any) => any, none: string}} props */
const Rows = ({ items, row, none }) => (items.length ? html`<ul class="list">${items.map(row)}</ul>` : html`<p class="empty"><span>${none}</span></p>`);

/** @param {{one: import('./desk-suggest.js').Alike}} props */
const AlikeRow = ({ one }) => html`<li><div class="r"><a class="t" href=${`/cases/${one.no}`} target="_blank" rel="noopener">${one.title}</a><span class=${`sp tag ${one.open ? 'warn' : ''}`}>${one.state_text}</span></div>
  <div class="xs muted">${one.no} · ${stamp(one.at)}${one.place ? ` · ${one.place}` : ''}</div>
  <div class="r"><span class="xs muted">${one.why}</span>${one.open && d.draft.value && !d.filed.value && html`<button type="button" class="btn small sp" onClick=${() => openMerge(one.no)}>${t('merge.do')}</button>`}</div></li>`;

function tabs() {
  const pop = d.pop.value;
  const alike = suggested.value.similar;
  return [
    { id: 'knowledge', name: t('side.knowledge'), count: articles.value.length, panel: () => html`<${Knowledge} />` },
    ...(pop ? [{ id: 'history', name: t('side.history'), count: countOfPast(pop.caller), panel: () => html`<${Past} />` }] : []),
    ...(d.draft.value ? [{ id: 'alike', name: t('side.alike'), count: alike.length, panel: () => html`<${Rows} items=${alike} row=${(/** @type {any} */ one) => html`<${AlikeRow} key=${one.no} one=${one} />`} none=${t('side.alike_none')} />` }] : []),
    { id: 'shift', name: t('side.shift'), count: d.shift.value.length, panel: () => html`<${Rows} items=${d.shift.value} row=${(/** @type {any} */ c) => html`<${ShiftRow} key=${c.no} one=${c} />`} none=${t('side.shift_none')} />` },
  ];
}

const chosen = signal('');

/** @param {string} id @param {string} [words] looked for in it */
export function showTab(id, words = '') {
  chosen.value = id;
  if (id !== 'knowledge') return;
  if (words) lookedFor.value = words;
  else setTimeout(() => document.getElementById('know-find')?.focus());
}

export function Right() {
  const all = tabs();
  const open = all.find((tab) => tab.id === chosen.value) ?? all[0];
  const said = d.pop.value && wordsOf(d.pop.value.call);
  const key = (/** @type {KeyboardEvent} */ e) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    const next = all[(all.indexOf(open) + step + all.length) % all.length];
    chosen.value = next.id;
    document.getElementById(`tab-${next.id}`)?.focus();
  };
  return html`<section class="card side" aria-label=${t('side.title')}>
    <div class="tabs" role="tablist" aria-label=${t('side.title')} onKeyDown=${key}>
      ${all.map((tab) => html`<button type="button" role="tab" id=${`tab-${tab.id}`} aria-controls="side-panel" aria-selected=${tab === open ? 'true' : 'false'}
        tabindex=${tab === open ? 0 : -1} onClick=${() => { chosen.value = tab.id; }}>${tab.name}${tab.count > 0 && html` ${tab.count}`}</button>`)}</div>
    <div id="side-panel" role="tabpanel" aria-labelledby=${`tab-${open.id}`} tabindex="0">${open.panel()}</div>
  </section>
  ${said && html`<section class="card side" aria-labelledby="words-title"><header><h2 id="words-title">${t('words.tab')}</h2><span class="sp tag warn">${t('words.draft')}</span></header>
    <div id="words-panel" tabindex="0" role="log" aria-live="off" aria-labelledby="words-title"><${Words} draft=${said} /></div></section>`}`;
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

/** Read here; the server's word of it comes a moment later. */
const done = signal(/** @type {number[]} */ ([]));

/** @param {number} id */
function readMessage(id) {
  if (d.live.send({ do: 'read', id })) done.value = [...done.value, id];
}

/** What supervisors wrote and this agent has not read. @returns {any[]} */
export const unread = () => (d.desk.value?.messages ?? []).filter((/** @type {any} */ one) => !done.value.includes(one.id));

/** The key says it of the first one, as the page prints it there. */
export const readFirst = () => readMessage(unread()[0].id);

/** What supervisors wrote: it stays until this agent says that it is read. */
const Messages = () => html`${unread().map((one, at) => html`<p key=${`m${one.id}`} class="note warn"><span><b>${one.by}</b> <span class="num xs">${stamp(one.at)}</span><br />${one.text}</span>
  <button type="button" class="btn small sp" onClick=${() => readMessage(one.id)}>${icon('check')}${t('message.read')}${at === 0 && html` <${Kbd} action="message" />`}</button></p>`)}`;

export function Notices() {
  return html`<div class="notices"><${Messages} />${d.notices.value.map((n) => html`<p key=${n.id} class=${`note ${{ info: 'brand', warn: 'warn', bad: 'bad' }[n.level] ?? ''}`}>
    <span>${known(n.text) ? t(n.text) : n.text}</span>${n.open && html`<a class="btn small" href=${n.open} target="_blank" rel="noopener">${icon('list')}${t('filed.open')}</a>`}<button type="button" class="btn small sp" onClick=${() => d.dismiss(n.id)}>${icon('close')}${t('app.close')}</button></p>`)}</div>`;
}
