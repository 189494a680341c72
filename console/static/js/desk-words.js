// @ts-check
/** What is said in the talk, as a machine writes it down: a draft beside the form, which nobody has checked. */
import { html, signal, useEffect, useRef } from '../vendor/preact.js';
import { stamp } from './format.js';
import { t } from './i18n.js';

const UNSURE = 0.6;

export const words = signal(/** @type {{call: string, lines: any[], partial: Record<string, string>, stopped: boolean} | null} */ (null));

/** Lines come from a number on: a page that missed some is sent them again. @param {any} message */
export function takeWords(message) {
  const before = words.value?.call === message.call ? words.value.lines.slice(0, message.first) : [];
  words.value = { call: message.call, lines: [...before, ...message.lines], partial: message.partial, stopped: message.stopped };
}

/** @param {string} call */
export const wordsOf = (call) => (call && words.value?.call === call ? words.value : null);

/** @param {string} call @returns {string} the last line, for a key that reads it: the list itself stays silent, or it would talk over the citizen */
export function lastLine(call) {
  const one = wordsOf(call)?.lines.at(-1);
  return one ? `${t(`words.${one.party}`)} ${one.text}` : t('words.none');
}

/** @param {{one: any}} props */
const Line = ({ one }) => html`<li class=${`said of-${one.party}`}><span class="xs muted">${t(`words.${one.party}`)} <span class="num">${stamp(one.at).slice(-5)}</span></span>
  <span class=${one.score < UNSURE ? 'unsure' : ''}>${one.text}${one.score < UNSURE && html` <span class="xs">(${t('words.unsure')})</span>`}</span></li>`;

/** @param {{draft: any}} props */
export function Words({ draft }) {
  const end = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => end.current?.scrollIntoView({ block: 'nearest' }), [draft]);
  if (draft.stopped) return html`<p class="note warn">${t('words.stopped')}</p>`;
  const open = Object.entries(draft.partial);
  return html`<p class="words-head xs muted">${t('words.draft_help')}</p>
    ${!draft.lines.length && !open.length && html`<p class="empty"><span>${t('words.none')}</span></p>`}
    <ol class="words" lang="zh-CN">${draft.lines.map((/** @type {any} */ one, /** @type {number} */ n) => html`<${Line} key=${n} one=${one} />`)}
      ${open.map(([party, text]) => html`<li key=${party} class=${`said is-open of-${party}`}><span class="xs muted">${t(`words.${party}`)}</span><span>${text}…</span></li>`)}
      <li ref=${end} aria-hidden="true"></li></ol>`;
}
