// @ts-check
/** Small pieces that several islands share. */
import { computed, html, signal, useLayoutEffect, useRef } from '../vendor/preact.js';
import { t } from './i18n.js';

/** @param {string} name */
export const icon = (name) => html`<svg class="i" aria-hidden="true"><use href=${`/static/icons.svg#${name}`}></use></svg>`;

/** Ticks once a second, by the browser; timers count from their start instant and are never sent. */
export const second = signal(0);
setInterval(() => { second.value += 1; }, 1000);

/** The loudness bars: six of them, and the figure for a screen reader. @param {{level: any, label: string}} props */
export function Meter({ level, label }) {
  const bars = computed(() => Math.round(level.value * 6));
  return html`<span class="meter" role="img" aria-label=${`${label} ${t('meter.of', { n: bars.value })}`}>
    ${[1, 2, 3, 4, 5, 6].map((n) => html`<i class=${n <= bars.value ? 'on' : ''}></i>`)}</span>`;
}

/**
 * A layer above the page; Esc closes it and nothing that was typed is lost.
 * @param {{open: boolean, title: string, onClose: () => void, children?: any}} props
 */
export function Layer({ open, title, onClose, children }) {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  // Before anything else happens: what is typed right after a click must find the field, and not the page's keys.
  useLayoutEffect(() => {
    if (open && !element.current?.open) element.current?.showModal();
    if (!open && element.current?.open) element.current?.close();
  }, [open]);
  return html`<dialog ref=${element} aria-label=${title} onClose=${onClose}>
    <header><h2>${title}</h2><button type="button" class="btn small sp" onClick=${onClose}>${icon('close')}${t('app.close')}</button></header>
    <div class="pad">${open ? children : null}</div></dialog>`;
}

const PAD = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

/** @param {{onKey: (key: string) => void, disabled?: boolean}} props */
export const Keypad = ({ onKey, disabled = false }) => html`<div class="keypad" role="group" aria-label=${t('keypad.title')}>
  ${PAD.map((key) => html`<button type="button" class="btn" disabled=${disabled} onClick=${() => onKey(key)}>${key}</button>`)}</div>`;
