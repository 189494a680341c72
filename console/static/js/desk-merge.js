// @ts-check
/** 并入催办: what is being dealt with already is not filed a second time. A hint while typing, one key, one look, done. */
import { html, signal, useState } from '../vendor/preact.js';
import { ask } from './api.js';
import { Kbd } from './desk-keys.js';
import * as d from './desk-state.js';
import { suggested } from './desk-suggest.js';
import { span, stamp } from './format.js';
import { t } from './i18n.js';
import { icon, second } from './parts.js';

/** @typedef {{no: string, title: string, at: number, state_text: string, place: string, why: string, own: boolean}} Candidate */

/** The case that was pointed at when the layer was opened; else the most alike. */
const wanted = signal('');

/** Cases into which these words could go: the alike that are open, then what this caller has open. @returns {Candidate[]} */
export function candidates() {
  const alike = suggested.value.similar.filter((one) => one.open).map((one) => ({ ...one, own: false }));
  const known = new Set(alike.map((one) => one.no));
  const own = (d.pop.value?.open_cases ?? []).filter((/** @type {any} */ one) => !known.has(one.no))
    .map((/** @type {any} */ one) => ({ no: one.no, title: one.title, at: one.received_at, state_text: one.state_text, place: one.unit ?? '', why: t('merge.own'), own: true }));
  return [...alike, ...own];
}

/** @param {string} [no] */
export function openMerge(no = '') {
  if (!d.draft.value || d.filed.value || !candidates().length) return;
  wanted.value = no;
  d.layer.value = 'merge';
}

/** @param {{one: Candidate}} props */
const When = ({ one }) => html`<span class="xs muted">${one.no} · ${one.state_text} · ${t('caller.ago', { span: span(d.live.now() - one.at) })}${one.place ? ` · ${one.place}` : ''}</span>`;

/** Said while the agent is still typing: somebody has reported this. It takes no focus, and stands where it moves no field. */
export function DuplicateHint() {
  second.value;
  const alike = candidates().filter((one) => !one.own);
  if (!alike.length || d.filed.value) return null;
  const first = alike[0];
  return html`<div class="dup" role="status">${icon('alert')}<span class="dup-text"><b>${t('merge.found', { n: alike.length })}</b> ${first.title}
      <span class="xs">${[t('caller.ago', { span: span(d.live.now() - first.at) }), first.why].filter(Boolean).join(' · ')}</span></span>
    <button type="button" class="btn small" onClick=${() => openMerge(first.no)}>${t('merge.do')} <${Kbd} action="merge" /></button></div>`;
}

/** @param {string} no @param {string} kind @param {string} text @returns {Promise<string>} what went wrong, or nothing */
async function send(no, kind, text) {
  const draft = d.draft.value;
  if (!draft) return '';
  await draft.settled();
  const got = await ask('POST', `/api/cases/${encodeURIComponent(no)}/merge`, { call: draft.call, kind, text });
  if (!got.ok) return got.body?.errors ? Object.values(got.body.errors).join(' ') : got.body?.error ?? t(got.status ? 'merge.refused' : 'merge.unreached');
  draft.finish();
  d.filed.value = { ...got.body, merged: kind };
  d.setOutcome('urged', got.body.no);
  d.said.value = t('merge.done', { no: got.body.no });
  return '';
}

/** Which case, as what, and the words that are added to it; Enter in the list or Ctrl+Enter sends. */
export function MergeLayer() {
  const [all] = useState(candidates);
  const [no, choose] = useState(wanted.value || all[0]?.no || '');
  const [kind, setKind] = useState('urge');
  const [text, write] = useState(d.draft.value?.value('content') || d.draft.value?.value('title') || '');
  const [problem, tell] = useState('');
  const [busy, setBusy] = useState(false);
  const go = async () => {
    if (busy) return;
    if (!text.trim()) {
      tell(t('merge.text_missing'));
      document.getElementById('merge-text')?.focus();
      return;
    }
    setBusy(true);
    const wrong = await send(no, kind, text.trim());
    setBusy(false);
    tell(wrong);
    if (!wrong) d.layer.value = '';
  };
  const key = (/** @type {KeyboardEvent} */ e) => {
    const inList = e.target instanceof HTMLInputElement && e.target.type === 'radio';
    if (e.isComposing || e.keyCode === 229 || e.key !== 'Enter' || !(inList || e.ctrlKey)) return;
    e.preventDefault();
    e.stopPropagation();
    go();
  };
  return html`<div class="merge" onKeyDown=${key}>
    <fieldset id="merge-cases"><legend class="s muted">${t('merge.which')}</legend>${all.map((one) => html`<label key=${one.no} class=${one.no === no ? 'on' : ''}>
      <input type="radio" name="merge-case" value=${one.no} checked=${one.no === no} autofocus=${one.no === no} onChange=${() => choose(one.no)} /><span><b>${one.title}</b>${one.why && html` <span class="tag">${one.why}</span>`}<${When} one=${one} /></span></label>`)}</fieldset>
    <fieldset class="outcomes"><legend>${t('merge.as')}</legend>${['urge', 'fact'].map((code) => html`<label class=${kind === code ? 'on' : ''}><input type="radio" name="merge-kind" value=${code} checked=${kind === code}
      onChange=${() => setKind(code)} />${t(`merge.${code}`)}</label>`)}</fieldset>
    <div class="f"><label for="merge-text">${t('merge.text')}</label><textarea id="merge-text" class="tall" maxlength="4000" value=${text} aria-describedby=${problem ? 'merge-error' : undefined}
      onInput=${(/** @type {any} */ e) => write(e.target.value)}></textarea>${problem && html`<p class="err" id="merge-error" role="alert">${problem}</p>`}</div>
    <div class="menu-row"><a class="btn small" href=${`/cases/${no}`} target="_blank" rel="noopener">${icon('list')}${t('filed.open')}</a><span class="sp"></span>
      <button type="button" class="btn primary" disabled=${busy || !no} onClick=${go}>${t('merge.send')}</button></div></div>`;
}

/** What to tell the caller afterwards. The query code is not read out: who calls now need not be the one whose case it is. @param {{result: any}} props */
export const MergedInto = ({ result }) => html`<header><h2 id="form-title">${t('merge.title')}</h2><span class="tag ok">${result.state_text}</span><span class="sp xs muted num">${result.no}</span></header>
  <div class="scroll filed"><p><b>${result.title}</b></p>${result.unit && html`<p class="muted">${result.unit}</p>`}
    <p class="quote"><span class="xs muted">${t('filed.say_label')}</span>${t(`merge.say_${result.merged}`, { unit: result.unit || t('merge.centre'), by: result.due_at ? t('merge.by', { at: stamp(result.due_at) }) : t('merge.soon') })}</p></div>
  <div class="bar"><button type="button" class="btn" onClick=${d.anotherCase}>${t('filed.another')}</button><span class="sp"></span>
    <a class="btn" href=${`/cases/${result.no}`} target="_blank" rel="noopener">${icon('list')}${t('filed.open')}</a></div>`;
