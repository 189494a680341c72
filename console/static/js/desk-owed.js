// @ts-check
/** The calls we owe, for idle time: who waits for our call, until when, and one key to ring them. */
import { html, useState } from '../vendor/preact.js';
import { Kbd } from './desk-keys.js';
import * as d from './desk-state.js';
import { grouped, span, stamp } from './format.js';
import { t } from './i18n.js';
import { icon, second } from './parts.js';

const SOON_MS = 15 * 60e3;

/** @param {any} one @returns {{text: string, tone: string}} */
function due(one) {
  const left = one.due_at - d.live.now();
  if (left < 0) return { text: t('due.over', { span: span(left) }), tone: 'bad' };
  return { text: t('due.left', { span: span(left) }), tone: left < SOON_MS ? 'warn' : '' };
}

/** @param {{one: any, first: boolean}} props */
function Row({ one, first }) {
  const { text, tone } = due(one);
  const tried = one.attempts ? t('owed.tried', { n: one.attempts, at: stamp(one.last_at) }) : t('owed.not_tried');
  return html`<li><div class="r"><span class="t num">${grouped(one.number) || t('caller.withheld')}</span><span class=${`tag ${tone}`}>${text}</span>
      ${one.escalated && html`<span class="tag bad">${t('owed.escalated')}</span>`}${one.mine && html`<span class="tag brand">${t('owed.mine')}</span>`}
      <span class="sp"></span>
      <button type="button" class="btn small" onClick=${() => { d.layer.value = `owed:${one.call}`; }}>${t('owed.close')}</button>
      <button type="button" class=${`btn small ${first ? 'primary' : ''}`} disabled=${!one.dial || !d.idle.value || d.sound.value.state !== 'registered'} onClick=${() => d.ringOut(one)}>${icon('phone')}${t('owed.ring')}${first && html` <${Kbd} action="ring_out" />`}</button></div>
    <div class="xs muted">${t(`owed_reason.${one.reason}`)} · ${stamp(one.asked_at)} · ${tried}${one.moved && ` · ${t(`owed.moved_${one.moved}`)}`}</div></li>`;
}

export function Owed() {
  second.value;
  const all = d.owed.value;
  if (!all.length) return null;
  return html`<section aria-labelledby="owed"><h3 id="owed">${t('owed.title', { n: all.length })}</h3><p class="xs muted">${t('owed.lead')}</p>
    <ul class="list framed">${all.slice(0, 6).map((one, i) => html`<${Row} key=${one.call} one=${one} first=${i === 0} />`)}</ul>
    ${all.length > 6 && html`<p class="xs muted">${t('owed.more', { n: all.length - 6 })}</p>`}</section>`;
}

/** Why this debt needs no call any more. @param {{id: string}} props */
export function CloseOwed({ id }) {
  const [note, write] = useState('');
  const [missing, miss] = useState(false);
  const one = d.owed.value.find((each) => each.call === id);
  const close = (/** @type {string} */ reason) => {
    if (reason === 'wrong_number' && !note.trim()) {
      miss(true);
      document.getElementById('owed-note')?.focus();
      return;
    }
    d.closeOwed(id, reason, note.trim());
    d.layer.value = '';
  };
  return html`<p class="muted">${t('owed.close_lead', { number: grouped(one?.number ?? '') })}</p>
    <div class="f owed-note"><label for="owed-note">${t('owed.note')}</label><input id="owed-note" type="text" maxlength="200" value=${note} aria-describedby=${missing ? 'owed-error' : undefined}
      onInput=${(/** @type {any} */ e) => write(e.target.value)} />${missing && html`<p class="err" id="owed-error">${t('owed.note_missing')}</p>`}</div>
    <div class="reasons">${['reached', 'wrong_number'].map((reason) => html`<button type="button" class="btn" onClick=${() => close(reason)}>${t(`owed_closed.${reason}`)}</button>`)}</div>`;
}
