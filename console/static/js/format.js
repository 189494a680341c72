// @ts-check
/** How numbers, times and durations are written. Pure; the time is an argument. */
import { t } from './i18n.js';

const two = (/** @type {number} */ n) => String(n).padStart(2, '0');

/** @param {number} ms a length of time, as 2:05 or 1:02:05 */
export function spell(ms) {
  const all = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

// The city's clock, whatever the computer's: a due date must be the same on every screen.
const timeZone = document.documentElement.dataset.zone;
const parts = new Intl.DateTimeFormat('en-CA', {
  timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
});

/** @param {number | string} at epoch ms or ISO text @returns {Record<string, string>} */
const local = (at) => Object.fromEntries(parts.formatToParts(new Date(at)).map((part) => [part.type, part.value]));

/** @param {number} at epoch ms, as 14:05:41 */
export function clock(at) {
  const d = local(at);
  return `${d.hour}:${d.minute}:${d.second}`;
}

/** @param {number | string} at epoch ms or ISO text, as 11-27 14:05; with the year when it is not this one */
export function stamp(at, now = Date.now()) {
  const d = local(at);
  const year = d.year === local(now).year ? '' : `${d.year}-`;
  return `${year}${d.month}-${d.day} ${d.hour}:${d.minute}`;
}

/** @param {string} number a telephone number, in the groups people read it in */
export function grouped(number) {
  if (/^1\d{10}$/.test(number)) return number.replace(/(\d{3})(\d{4})(\d{4})/, '$1 $2 $3');
  if (/^0\d{9,11}$/.test(number)) return number.replace(/^(0[12]\d|0\d{3})(\d{3,4})(\d{4})$/, '$1 $2 $3');
  return number;
}

/** @param {string} digits the twelve digits of a case, in fours */
export const fours = (digits) => digits.replace(/(\d{4})(?=\d)/g, '$1 ');

/** @param {string} number all but the first three and the last four figures hidden */
export const masked = (number) => (number.length < 8 ? '****' : `${number.slice(0, 3)}****${number.slice(-4)}`);

/** @param {number | null | undefined} share 0 to 1, as 93.1% */
export const percent = (share) => (share == null ? '—' : `${(share * 100).toFixed(1)}%`);

/** @param {number} ms what is left or past, in the one unit that matters */
export function span(ms) {
  const minutes = Math.floor(Math.abs(ms) / 60000);
  if (minutes < 60) return t('span.minutes', { n: minutes });
  if (minutes < 24 * 60) return t('span.hours', { n: Math.floor(minutes / 60) });
  return t('span.days', { n: Math.floor(minutes / 1440) });
}

/**
 * The tag of a deadline: a word and a colour.
 * @param {{due_at: number | null, overdue: boolean}} brief
 * @param {number} now
 * @returns {{text: string, tone: string} | null}
 */
export function deadline(brief, now) {
  if (brief.due_at == null) return null;
  const left = new Date(brief.due_at).getTime() - now;
  if (brief.overdue || left < 0) return { text: t('due.over', { span: span(left) }), tone: 'bad' };
  return { text: t('due.left', { span: span(left) }), tone: left < 24 * 3600e3 ? 'warn' : '' };
}
