// @ts-check
/** The middle column: the form, what came of it, the wrap-up, and what an idle seat needs. */
import { html, useEffect, useState } from '../vendor/preact.js';
import { CaseForm } from './desk-form.js';
import { Kbd, KeyList } from './desk-keys.js';
import { MergedInto } from './desk-merge.js';
import { MyDay, Unfinished } from './desk-mine.js';
import { Owed } from './desk-owed.js';
import * as d from './desk-state.js';
import { fours, spell, stamp } from './format.js';
import { t } from './i18n.js';
import { icon, Meter, second } from './parts.js';
import { test as testRing } from './ring.js';

export const OUTCOMES = ['case', 'answered', 'urged', 'silent', 'wrong_number', 'nuisance', 'cut_off', 'other'];
const LAST_CALL_S = 15;

function Outcomes() {
  const chosen = d.outcome.value;
  return html`<fieldset id="outcomes" class="outcomes" aria-describedby=${d.outcomeMissing.value ? 'outcome-error' : undefined}>
    <legend>${t('wrap.outcome')}<span class="req" data-req=${t('field.required')}></span></legend>
    ${OUTCOMES.map((code) => html`<label class=${chosen === code ? 'on' : ''}><input type="radio" name="outcome" value=${code} checked=${chosen === code}
      onChange=${() => d.setOutcome(code, d.filed.value?.no ?? '')} />${t(`outcome.${code}`)}</label>`)}
    ${d.outcomeMissing.value && html`<p class="err" id="outcome-error">${t('wrap.outcome_missing')}</p>`}</fieldset>`;
}

/** Modeless: the form stays usable while the seconds run. */
export function WrapBar() {
  second.value;
  const { wrap_up_until: until, wrap_up_extended: extended } = d.desk.value.seat;
  const left = until == null ? null : Math.max(0, until - d.live.now());
  return html`<section class="wrap-bar card" aria-label=${t('state.wrap_up')}>
    <div class="wrap-time"><b>${t('state.wrap_up')}</b>${left != null && html`<span class=${`timer ${left < LAST_CALL_S * 1000 ? 'late' : ''}`} role="timer" aria-live="off">${t('wrap.left', { time: spell(left) })}</span>`}
      <span class="sp"></span>
      <button type="button" class="btn small" disabled=${extended} onClick=${() => { d.layer.value = 'extend'; }}>${extended ? t('wrap.extended') : t('wrap.extend')}</button>
      <button type="button" class="btn primary small" onClick=${d.goReady}>${t('wrap.done')} <${Kbd} action="ready" /></button></div>
    <${Outcomes} /></section>`;
}

/** What to read out to the citizen, large enough to read at arm's length. @param {{result: any}} props */
function Filed({ result }) {
  return html`<header><h2 id="form-title">${t('filed.title')}</h2><span class="tag ok">${result.state_text}</span><span class="sp xs muted num">${result.no}</span></header>
    <div class="scroll filed">
      <p class="muted">${result.title}</p>
      <dl class="read-out"><div><dt>${t('filed.digits')}</dt><dd id="filed-digits">${fours(result.digits)}</dd></div>
        <div><dt>${t('filed.code')}</dt><dd id="filed-code">${result.code.replace(/(\d{3})(?=\d)/, '$1 ')}</dd></div></dl>
      <p class="quote"><span class="xs muted">${t('filed.say_label')}</span>${t(result.due_at ? 'filed.say_due' : 'filed.say', { digits: fours(result.digits), code: result.code, at: result.due_at ? stamp(result.due_at) : '' })}</p>
    </div>
    <div class="bar"><button type="button" class="btn" onClick=${d.anotherCase}>${t('filed.another')}</button><span class="sp"></span>
      <a class="btn" href=${`/cases/${result.no}`} target="_blank" rel="noopener">${icon('list')}${t('filed.open')}</a></div>`;
}

/** @param {{ok: boolean, good: string, wrong: string, help?: string, children?: any}} props */
const Check = ({ ok, good, wrong, help, children }) => html`<li class=${ok ? 'ok' : 'bad'}>${icon(ok ? 'check' : 'alert')}<div><b>${ok ? good : wrong}</b>${children}
  ${!ok && help && html`<p class="s">${help}</p>`}</div></li>`;

/** @param {{level: any}} props */
function Idle({ level }) {
  const { state, mic } = d.sound.value;
  return html`<header><h2 id="form-title">${t(d.state.value === 'ready' ? 'idle.title' : 'idle.check')}</h2></header>
    <div class="scroll idle">
      <ul class=${`checks ${d.link.value === 'up' && state === 'registered' && mic === 'open' ? 'short' : ''}`}>
        <${Check} ok=${d.link.value === 'up'} good=${t('check.link')} wrong=${t('check.no_link')} help=${t('check.no_link_help')} />
        <${Check} ok=${state === 'registered'} good=${t('check.phone')} wrong=${t(state === 'failed' ? 'check.phone_failed' : 'check.no_phone')} help=${t('check.no_phone_help')} />
        <${Check} ok=${mic === 'open'} good=${t('check.mic')} wrong=${t(`mic.${mic}`)} help=${t(`mic.${mic}_help`)}>
          ${mic === 'open' ? html` <${Meter} level=${level} label=${t('meter.mic')} /> <span class="s muted">${t('check.mic_try')}</span>`
    : html` <button type="button" class="btn small" onClick=${() => d.phone.openMicrophone()}>${t('check.mic_again')}</button>`}<//>
        <${Check} ok=${true} good=${t('check.ring')} wrong=""> <button type="button" class="btn small" onClick=${testRing}>${icon('sound')}${t('check.ring_try')}</button><//>
      </ul>
      <${Owed} />
      <${Unfinished} />
      <${MyDay} />
      <section aria-labelledby="idle-keys"><h3 id="idle-keys">${t('keys.title')}</h3><${KeyList} /></section>
    </div>`;
}

/** @param {{level: any}} props */
export function Middle({ level }) {
  const draft = d.draft.value;
  const result = d.filed.value;
  // Drawn anew when a kept draft is opened from the list.
  const [, again] = useState(0);
  useEffect(() => again((n) => n + 1), [draft]);
  return html`${d.state.value === 'wrap_up' && html`<${WrapBar} />`}
    <section class="card center" aria-labelledby="form-title">
      ${result?.merged ? html`<${MergedInto} result=${result} />` : result ? html`<${Filed} result=${result} />` : draft ? html`<${CaseForm} key=${draft.key} draft=${draft} />` : html`<${Idle} level=${level} />`}
    </section>`;
}
