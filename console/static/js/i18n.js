// @ts-check
/** The words of the page, in the language the server chose; templates and scripts share one catalogue. */

/** @type {Record<string, string>} */
const texts = JSON.parse(document.getElementById('texts')?.textContent || '{}');

export const lang = document.documentElement.lang;

/**
 * Return the text of a key with its {placeholders} filled; the key itself shows up where a text is missing.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values) {
  const text = texts[key] ?? key;
  return values ? text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole)) : text;
}

/** @param {string} key */
export const known = (key) => key in texts;
