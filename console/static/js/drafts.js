// @ts-check
/**
 * What the agent has typed for one call, kept three times: here, in this browser, and within two seconds on the server.
 * Text is never lost by a reload, a broken line or a refusal.
 */
import { signal } from '../vendor/preact.js';
import { ask } from './api.js';

const PAUSE_MS = 2000;

/** @typedef {Record<string, string>} Fields */

function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
}

export class Draft {
  /** @param {string} call @param {string} login @param {Fields} start what is known before anything is typed */
  constructor(call, login, start) {
    this.call = call;
    this.place = `hotline.draft.${login}.${call}`;
    this.start = start;
    this.timer = 0;
    /** @type {Promise<unknown>} */ this.saving = Promise.resolve();
    const kept = JSON.parse(localStorage.getItem(this.place) ?? 'null');
    // One key for one form, also after a reload: sending twice files once.
    this.key = kept?.key ?? freshKey();
    this.fields = signal(/** @type {Fields} */ ({ ...start, ...kept?.fields }));
    this.unsaved = signal(Boolean(kept?.unsaved));
    this.savedAt = signal(0);
    /** The number that the case will have: it may be told before the case is filed. */
    this.no = signal(/** @type {string} */ (kept?.no ?? ''));
    this.errors = signal(/** @type {Fields} */ ({}));
    this.problem = signal('');
    this.sending = signal(false);
  }

  /** What the server kept counts unless this browser has typed something it could not send. @param {Fields | null | undefined} fields */
  restore(fields) {
    if (fields && !this.unsaved.value) this.fields.value = { ...this.fields.value, ...fields };
    else if (this.unsaved.value) this.later();
  }

  /** @param {string} name */
  value(name) { return this.fields.value[name] ?? ''; }

  /** @param {string} name @param {string} value */
  set(name, value) {
    if (this.value(name) === value) return;
    this.fields.value = { ...this.fields.value, [name]: value };
    if (this.errors.value[name]) this.errors.value = { ...this.errors.value, [name]: '' };
    this.unsaved.value = true;
    this.keep();
    this.later();
  }

  get touched() {
    return Object.entries(this.fields.value).some(([name, value]) => value && value !== this.start[name]);
  }

  keep() {
    const copy = { fields: this.fields.value, key: this.key, unsaved: this.unsaved.value, no: this.no.value, at: Date.now() };
    localStorage.setItem(this.place, JSON.stringify(copy));
  }

  later() { this.timer ||= window.setTimeout(() => this.save(), PAUSE_MS); }

  /** @param {{leaving?: boolean}} [how] leaving: the page goes away, the browser finishes the request alone */
  async save({ leaving = false } = {}) {
    clearTimeout(this.timer);
    this.timer = 0;
    if (!this.unsaved.value || this.sending.value) return;
    const sent = this.fields.value;
    const asked = ask('PUT', `/api/drafts/${encodeURIComponent(this.call)}`, { fields: sent }, { keepalive: leaving });
    this.saving = asked;
    const answer = await asked;
    if (answer.ok) this.no.value = answer.body?.no ?? '';
    if (answer.ok && sent === this.fields.value) {
      this.unsaved.value = false;
      this.savedAt.value = Date.now();
      this.keep();
    } else if (!leaving) {
      this.later();
    }
  }

  /** Nothing of it is under way any more: a save that arrived after the form was filed would bring the draft back. */
  async settled() {
    clearTimeout(this.timer);
    this.timer = 0;
    await this.saving;
  }

  /** The case is filed; the next one of the same call starts afresh. */
  finish() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.unsaved.value = false;  // or leaving the call would save it once more, and it would wait on the desk for ever
    localStorage.removeItem(this.place);
  }
}

/** @param {string} login @returns {{call: string, title: string, at: number}[]} what was typed for earlier calls and not filed */
export function unfinished(login) {
  const prefix = `hotline.draft.${login}.`;
  return Object.keys(localStorage)
    .filter((name) => name.startsWith(prefix))
    .map((name) => {
      const kept = JSON.parse(localStorage.getItem(name) ?? '{}');
      return { call: name.slice(prefix.length), title: kept.fields?.title || kept.fields?.content || '', at: kept.at ?? 0 };
    })
    .filter((item) => item.title)
    .sort((a, b) => b.at - a.at);
}
