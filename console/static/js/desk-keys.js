// @ts-check
/** The keys of the desk: what each action has now, the list of them, and the layer in which an agent gives them others. */
import { html, signal, useEffect, useState } from '../vendor/preact.js';
import { ask } from './api.js';
import { t } from './i18n.js';
import { chord } from './keys.js';

/** @type {{actions?: string[], keys?: Record<string, string>, usual_keys?: Record<string, string>}} */
const boot = JSON.parse(document.getElementById('boot')?.textContent || '{}');

/** Action to key, as the server keeps them for this person. */
export const keys = signal(boot.keys ?? {});
const usual = boot.usual_keys ?? {};
/** In the order in which they are shown: that of a call. */
const actions = boot.actions ?? [];

/** @param {string} action */
export const keyOf = (action) => keys.value[action] ?? '';

/** @param {string} shown */
const spaced = (shown) => shown.replaceAll('+', ' ');

/** The key of an action as it is printed on its button. @param {{action: string}} props */
export const Kbd = ({ action }) => html`<kbd>${spaced(keyOf(action))}</kbd>`;

/** Actions that do the same to one of three things stand on one line. */
const GROUPS = [['category_1', 'category_2', 'category_3'], ['unit_1', 'unit_2', 'unit_3']];

/** @returns {string[][]} */
const lines = () => actions.flatMap((action) => {
  const group = GROUPS.find((one) => one.includes(action));
  if (!group) return [[action]];
  return group[0] === action ? [group] : [];
});

export const KeyList = () => html`<dl class="keys">${lines().map((line) => html`<div key=${line[0]}><dt>${line.map((action) => html`<${Kbd} action=${action} />`)}</dt>
    <dd>${t(line.length > 1 ? `keys.${line[0].slice(0, -2)}` : `keys.${line[0]}`)}</dd></div>`)}
    <div><dt><kbd>Esc</kbd></dt><dd>${t('keys.esc')}</dd></div></dl>`;

/** @param {{action: string, waiting: boolean, problem: string, onWait: () => void, onKey: (chord: string) => void}} props */
function KeyRow({ action, waiting, problem, onWait, onKey }) {
  const press = (/** @type {KeyboardEvent} */ e) => {
    if (!waiting || e.isComposing || e.keyCode === 229 || e.key === 'Tab') return;
    e.preventDefault();
    e.stopPropagation();
    if (e.key === 'Escape') onKey('');
    else if (!['Control', 'Alt', 'Shift', 'Meta'].includes(e.key)) onKey(chord(e));
  };
  const differs = keyOf(action) !== usual[action];
  return html`<tr><th scope="row">${t(`keys.${action}`)}</th>
    <td><button type="button" class="btn small key-button" aria-pressed=${waiting ? 'true' : 'false'} aria-label=${`${t(`keys.${action}`)} ${waiting ? t('keys.press') : keyOf(action)}`}
      aria-describedby=${problem ? `key-error-${action}` : undefined} onClick=${onWait} onKeyDown=${press}>${waiting ? t('keys.press') : html`<${Kbd} action=${action} />`}</button>
      ${problem && html`<span class="err" id=${`key-error-${action}`} role="alert">${problem}</span>`}</td>
    <td>${differs && html`<span class="xs muted">${t('keys.usually', { key: spaced(usual[action] ?? '') })}</span>`}</td></tr>`;
}

/** Give keys to actions: press the row's button, then the wished key. What is taken or not possible is said, and nothing changes. */
export function KeyChanges() {
  const [waiting, wait] = useState('');
  const [problem, tell] = useState({ action: '', text: '' });
  useEffect(() => {
    // The layer closes by Escape; while a key is waited for, Escape only ends the waiting.
    const stay = (/** @type {Event} */ e) => { if (waiting) { e.preventDefault(); wait(''); } };
    document.addEventListener('cancel', stay, true);
    return () => document.removeEventListener('cancel', stay, true);
  }, [waiting]);
  const give = async (/** @type {string} */ action, /** @type {string} */ key) => {
    wait('');
    if (!key) return;
    const got = await ask('PUT', '/api/preferences/keys', { action, key });
    if (got.ok) keys.value = got.body.keys;
    tell({ action, text: got.ok ? '' : got.body?.errors?.key ?? t('keys.not_kept') });
  };
  const reset = async () => {
    const got = await ask('DELETE', '/api/preferences/keys');
    if (got.ok) keys.value = got.body.keys;
    tell({ action: '', text: '' });
  };
  return html`<p class="muted s">${t('keys.change_lead')}</p>
    <div class="key-table"><table><caption class="sr">${t('keys.change')}</caption><tbody>${actions.map((action) => html`<${KeyRow} key=${action} action=${action} waiting=${waiting === action}
      problem=${problem.action === action ? problem.text : ''} onWait=${() => wait(waiting === action ? '' : action)} onKey=${(/** @type {string} */ key) => give(action, key)} />`)}</tbody></table></div>
    <p class="menu-row"><button type="button" class="btn small" onClick=${reset}>${t('keys.reset')}</button></p>`;
}
