// @ts-check
/** Who waits, and where seats are free for them: callers with what they need, groups and skills with what they have. */
import { html } from '../vendor/preact.js';
import { spell } from './format.js';
import { known, t } from './i18n.js';
import { second } from './parts.js';
import * as w from './wall-state.js';

const SHOWN = 10;
const ROWS = 5;
const HOTLINE = '12345';

/** @param {string} kind @param {string} code */
const named = (kind, code) => (known(`${kind}.${code}`) ? t(`${kind}.${code}`) : code);

/** @param {{one: any}} props */
function Class({ one }) {
  const marks = [
    ...(one.owed ? [['brand', t('wall.owed_one')]] : []),
    ...(one.priority >= 9 ? [['bad', t('caller.emergency')]] : one.priority > 0 ? [['warn', t('wall.first')]] : one.priority < 0 ? [['', t('wall.slow')]] : []),
    ...(one.raised ? [['warn', t('wall.raised')]] : []),
    ...(one.elder ? [['brand', t('caller.elder')]] : []),
    ...(one.skill ? [['', named('skill', one.skill)]] : []),
    ...(one.language ? [['', named('language', one.language)]] : []),
    ...(one.line !== HOTLINE ? [['', one.line]] : []),
    ...(one.seat ? [['ok', `→ ${one.seat.replace(/^s/, '')}`]] : []),
  ];
  return marks.map(([tone, text]) => html`<span class=${`tag ${tone}`}>${text}</span>`);
}

/** @param {any} wait */
function expected(wait) {
  if (!wait) return '—';
  const [low, high] = [Math.floor(wait.low / 60), wait.high == null ? null : Math.ceil(wait.high / 60)];
  if (high == null) return t('wait.more', { n: low });
  return low === 0 ? t('wait.at_most', { n: high }) : t('wait.range', { low, high });
}

export function Callers() {
  second.value;
  const rows = w.callers.value;
  return html`<section class=${`card callers ${w.liveSource.value.late ? 'stale' : ''}`} aria-labelledby="callers"><header><h2 id="callers">${t('wall.callers')}</h2><span class="sp muted">${t('count.people', { n: rows.length })}</span></header>
    ${rows.length ? html`<div class="scroll" tabindex="0" role="region" aria-labelledby="callers"><table><thead><tr><th scope="col">${t('wall.position')}</th><th scope="col">${t('wall.number')}</th><th scope="col">${t('wall.class')}</th><th scope="col">${t('wall.waited')}</th><th scope="col">${t('wall.expected')}</th></tr></thead>
      <tbody>${rows.slice(0, SHOWN).map((c) => { const ms = w.live.now() - c.since; return html`<tr key=${c.call}><td>${c.position}</td><td class="nowrap">${w.boot.supervise ? html`<button type="button" class="link" aria-haspopup="dialog" onClick=${() => { w.layer.value = `caller:${c.call}`; }}>${c.number || t('caller.withheld')}</button>` : c.number || t('caller.withheld')}</td><td class="marks"><${Class} one=${c} /></td><td class=${ms > w.LONGEST_MS ? 'bad' : ms > 15000 ? 'warn' : ''}>${spell(ms)}</td><td class="nowrap muted">${expected(c.wait)}</td></tr>`; })}</tbody></table>
      ${rows.length > SHOWN && html`<p class="pad muted">${t('wall.more_callers', { n: rows.length - SHOWN })}</p>`}</div>`
    : html`<p class="empty tall"><b>${t('wall.no_callers')}</b><span>${t('wall.no_callers_more')}</span></p>`}</section>`;
}

/** @typedef {{name: string, waiting: number, since: number, ready: number, talking: number}} Row */

/** @param {Map<string, Row>} rows @param {string} name @returns {Row} */
function row(rows, name) {
  const found = rows.get(name) ?? { name, waiting: 0, since: Infinity, ready: 0, talking: 0 };
  rows.set(name, found);
  return found;
}

/** @returns {{skills: Row[], groups: Row[]}} */
function count() {
  /** @type {Map<string, Row>} */ const skills = new Map();
  /** @type {Map<string, Row>} */ const groups = new Map();
  for (const id of w.order.value) {
    const seat = w.seats.get(id).value;
    const mine = [...(seat.skills ?? []).map((/** @type {string} */ name) => row(skills, name)), ...(seat.group ? [row(groups, seat.group)] : [])];
    for (const one of mine) {
      if (seat.state === 'ready') one.ready += 1;
      if (['talking', 'hold', 'ringing'].includes(seat.state)) one.talking += 1;
    }
  }
  for (const caller of w.callers.value) {
    if (!caller.skill) continue;
    const one = row(skills, caller.skill);
    one.waiting += 1;
    one.since = Math.min(one.since, caller.since);
  }
  const trouble = (/** @type {Row} */ a, /** @type {Row} */ b) => b.waiting - a.waiting || a.ready - b.ready || a.name.localeCompare(b.name);
  return { skills: [...skills.values()].sort(trouble), groups: [...groups.values()].sort(trouble) };
}

/** @param {{kind: string, rows: Row[]}} props */
const Body = ({ kind, rows }) => html`<tbody>${rows.slice(0, ROWS).map((one) => html`<tr key=${one.name}><th scope="row">${named(kind, one.name)}</th>
  <td class=${one.waiting ? 'warn' : ''}>${kind === 'skill' ? one.waiting : ''}</td><td class=${w.live.now() - one.since > w.LONGEST_MS ? 'bad' : ''}>${kind !== 'skill' ? '' : one.waiting ? spell(w.live.now() - one.since) : '—'}</td>
  <td class=${one.waiting && !one.ready ? 'bad' : ''}>${one.ready}</td><td>${one.talking}</td></tr>`)}</tbody>`;

export function Groups() {
  second.value;
  const { skills, groups } = count();
  if (!skills.length && !groups.length) return null;
  return html`<section class=${`card groups ${w.liveSource.value.late ? 'stale' : ''}`} tabindex="0" aria-labelledby="groups"><table><thead><tr><th scope="col" id="groups">${t('wall.group')}</th><th scope="col">${t('wall.in_line')}</th><th scope="col">${t('wall.longest_short')}</th><th scope="col">${t('state.ready')}</th><th scope="col">${t('state.talking')}</th></tr></thead>
    ${groups.length > 0 && html`<${Body} kind="group" rows=${groups} />`}${skills.length > 0 && html`<${Body} kind="skill" rows=${skills} />`}</table></section>`;
}
