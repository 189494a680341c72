// @ts-check
/** The button that pauses the recording while an identity number is dictated. What it shows is what the server confirmed. */
import { html } from '../vendor/preact.js';
import * as d from './desk-state.js';
import { t } from './i18n.js';
import { icon, second } from './parts.js';

/** Ask the server; whether it is so stands in its next word. */
export function toggleRecording() {
  d.live.send({ do: 'mute_recording', on: d.desk.value?.recording?.paused_until == null });
}

export function RecordingButton() {
  second.value;
  const until = d.desk.value?.recording?.paused_until ?? null;
  const left = until === null ? 0 : Math.max(0, Math.ceil((until - d.live.now()) / 1000));
  const paused = until !== null;
  return html`<button type="button" class=${`btn ${paused ? 'warn' : ''}`} onClick=${toggleRecording} disabled=${!d.busy.value} aria-pressed=${String(paused)}>
    <span>${icon(paused ? 'play' : 'hold')}${paused ? t('recording.go_on', { n: left }) : t('recording.pause')}</span></button>`;
}
