// @ts-check
/**
 * Shortcut keys. Keys that belong to an input method are never taken: while it composes, every key is its own.
 */

const GUARD_MS = 1000;

/** @typedef {{keys: string, act: () => void, guarded?: boolean, free?: boolean, when?: () => boolean}} Shortcut */

/** @param {KeyboardEvent} e @returns {string} "Ctrl+Shift+Enter", "F2", "?" */
export function chord(e) {
  const parts = [];
  const held = e.ctrlKey || e.metaKey || e.altKey;
  if (e.ctrlKey || e.metaKey) parts.push('Ctrl');
  if (e.altKey) parts.push('Alt');
  // A sign has its Shift in it; a letter with Ctrl and Shift is another key than without: input methods use it.
  if (e.shiftKey && (held || e.key.length > 1)) parts.push('Shift');
  // Alt with a letter gives other characters on some layouts; the place of the key is what was meant.
  const place = /^(?:Key|Digit)(.)$/.exec(e.code)?.[1];
  parts.push(held && place ? place : e.key);
  return parts.join('+');
}

/** @param {EventTarget | null} target */
const isText = (target) => target instanceof HTMLElement && target.matches('input:not([type=radio],[type=checkbox]), textarea, select');

/**
 * Bind the shortcuts that `table` gives at the moment of the key press.
 * @param {() => Shortcut[]} table
 */
export function bind(table) {
  /** @type {Map<string, number>} */
  const last = new Map();
  addEventListener('keydown', (e) => {
    if (e.isComposing || e.keyCode === 229 || e.repeat || e.defaultPrevented) return;
    const pressed = chord(e);
    const found = table().find((s) => s.keys === pressed && (s.when?.() ?? true));
    if (!found || (found.free && isText(e.target))) return;
    e.preventDefault();
    // Answer and hang up are one key: a bounce must not end the call it has just begun.
    if (found.guarded && performance.now() - (last.get(pressed) ?? -GUARD_MS) < GUARD_MS) return;
    last.set(pressed, performance.now());
    found.act();
  });
}
