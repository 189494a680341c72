// @ts-check
/** The day by quarters of an hour: who came, who was answered, who gave up. Drawn as SVG; a screen reader is read the last one. */
import { html } from '../vendor/preact.js';
import { clock } from './format.js';
import { t } from './i18n.js';
import * as w from './wall-state.js';

const WIDTH = 480;
const HEIGHT = 84;
const TOP = 6;

/** @param {number[]} values @param {number} most */
function path(values, most) {
  const step = WIDTH / Math.max(1, values.length - 1);
  return values.map((value, i) => `${i ? 'L' : 'M'}${(i * step).toFixed(1)} ${(HEIGHT - (HEIGHT - TOP) * (value / most)).toFixed(1)}`).join('');
}

/** @param {number} most the next round figure above */
const ceiling = (most) => [5, 10, 20, 40, 60, 80, 100, 120, 150, 200, 300, 400, 600, 800, 1000, 1500, 2000, 3000].find((one) => one >= most) ?? most;

const LINES = /** @type {const} */ ([[1, 'came'], [2, 'answered'], [3, 'abandoned']]);

export function Curve() {
  const rows = w.curve.value;
  const last = rows[rows.length - 1];
  const most = ceiling(Math.max(1, ...rows.map((row) => row[1])));
  const [from, middle] = [rows[0], rows[Math.floor(rows.length / 2)]];
  return html`<section class="card curve" aria-labelledby="curve"><header><h2 id="curve">${t('wall.curve')}</h2>
      <ul class="legend sp">${LINES.map(([, name]) => html`<li><i class=${`is-${name}`} aria-hidden="true"></i>${t(`wall.curve_${name}`)}</li>`)}</ul></header>
    ${last && rows.some((row) => row[1]) ? html`<svg viewBox=${`0 0 ${WIDTH} ${HEIGHT + 14}`} role="img" aria-label=${t('wall.curve_row', { at: clock(last[0]).slice(0, 5), came: last[1], answered: last[2], gone: last[3] })}>
      <text x="2" y=${TOP + 6}>${most}</text><path class="axis" d=${`M0 ${HEIGHT}H${WIDTH}`} />
      ${LINES.map(([column, name]) => html`<path class=${`is-${name}`} d=${path(rows.map((row) => row[column]), most)} />`)}
      <text x="0" y=${HEIGHT + 12}>${clock(from[0]).slice(0, 5)}</text><text x=${WIDTH / 2} y=${HEIGHT + 12} text-anchor="middle">${clock(middle[0]).slice(0, 5)}</text><text x=${WIDTH} y=${HEIGHT + 12} text-anchor="end">${clock(last[0]).slice(0, 5)}</text></svg>`
    : html`<p class="empty s">${t('wall.curve_none')}</p>`}</section>`;
}
