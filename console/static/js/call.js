// @ts-check
/** The citizen's web phone: one button. Its account can reach nothing but the hotline and ends with the call. */
import { html, render, signal } from '../vendor/preact.js';
import { ask } from './api.js';
import { spell } from './format.js';
import { t } from './i18n.js';
import { icon, Keypad, Meter, second } from './parts.js';
import { Phone } from './phone.js';

const REGISTER_PATIENCE_MS = 8000;

/** @type {{number?: string}} */
const boot = JSON.parse(document.getElementById('boot')?.textContent || '{}');
const HOTLINE = boot.number ?? '12345';

const phone = new Phone();
/** @typedef {'idle'|'microphone'|'account'|'connecting'|'calling'|'talking'|'ended'|'failed'} Step */
const step = signal(/** @type {Step} */ ('idle'));
const why = signal('');
const since = signal(0);
const lasted = signal(0);
const muted = signal(false);
const pressed = signal('');
const own = signal('');
const levels = { mic: signal(0), remote: signal(0) };

/** @param {string} reason */
function fail(reason) {
  phone.hangUp();
  phone.stop();
  why.value = reason;
  step.value = 'failed';
}

async function dial() {
  if (!['idle', 'ended', 'failed'].includes(step.value)) return;
  why.value = '';
  pressed.value = '';
  step.value = 'microphone';
  if (!(await phone.openMicrophone())) {
    fail(`mic.${phone.mic}_help`);
    return;
  }
  step.value = 'account';
  const answer = await ask('POST', '/api/webphone', { number: own.value.trim() });
  if (!answer.ok) {
    fail(answer.body?.error ?? answer.body?.errors?.number ?? (answer.status ? 'call.refused' : 'call.unreached'));
    return;
  }
  step.value = 'connecting';
  phone.start(answer.body, { register: false });
  setTimeout(() => { if (step.value === 'connecting') fail('call.unreached'); }, REGISTER_PATIENCE_MS);
}

phone.addEventListener('change', () => {
  const { leg } = phone;
  if (phone.state === 'registered' && step.value === 'connecting') {
    step.value = 'calling';
    phone.call(`sip:${HOTLINE}@hotline`);
  }
  if (leg?.state === 'talking' && step.value === 'calling') {
    since.value = Date.now();
    step.value = 'talking';
  }
  muted.value = leg?.muted ?? false;
});

phone.addEventListener('ended', (e) => {
  const { cause } = /** @type {CustomEvent} */ (e).detail;
  phone.stop();
  if (step.value === 'talking') {
    lasted.value = Date.now() - since.value;
    step.value = 'ended';
  } else if (step.value !== 'failed') {
    if (cause === 'Canceled') step.value = 'idle';
    else fail(cause === 'Busy' ? 'call.busy_line' : 'call.not_through');
  }
});

/** @param {string} key */
function press(key) {
  phone.key(key);
  pressed.value = (pressed.value + key).slice(-24);
}

addEventListener('keydown', (e) => {
  if (step.value === 'talking' && /^[0-9*#]$/.test(e.key) && !e.isComposing) press(e.key);
});
addEventListener('beforeunload', (e) => { if (step.value === 'talking') e.preventDefault(); });
setInterval(() => {
  if (step.value !== 'talking') return;
  levels.mic.value = phone.level('mic');
  levels.remote.value = phone.level('remote');
}, 150);

const Start = () => html`<button type="button" class="btn primary dial" onClick=${dial}>${icon('phone')}${t(step.value === 'idle' ? 'call.dial' : 'call.again', { number: HOTLINE })}</button>
  <div class="f own"><label for="own">${t('call.own')}</label><input id="own" type="tel" inputmode="tel" maxlength="20" autocomplete="tel" value=${own.value}
    onInput=${(/** @type {any} */ e) => { own.value = e.target.value; }} aria-describedby="own-help" /><span class="help" id="own-help">${t('call.own_help')}</span></div>`;

const Waiting = () => html`<p class="call-state"><span class="pulse" aria-hidden="true"></span>${t(`call.step_${step.value}`)}</p>
  ${step.value === 'microphone' && html`<p class="help">${t('call.allow')}</p>`}
  <button type="button" class="btn bad dial" onClick=${() => { phone.hangUp(); phone.stop(); step.value = 'idle'; }}>${icon('hangup')}${t('call.cancel')}</button>`;

function Talking() {
  second.value;
  return html`<p class="call-state"><b>${t('call.step_talking', { number: HOTLINE })}</b><span class="timer" role="timer" aria-live="off">${spell(Date.now() - since.value)}</span></p>
    <div class="levels"><span>${t('call.you')} <${Meter} level=${levels.mic} label=${t('call.you')} /></span><span>${t('call.they')} <${Meter} level=${levels.remote} label=${t('call.they')} /></span></div>
    <p class="pressed num" aria-live="polite">${pressed.value || html`<span class="muted">${t('call.keys_hint')}</span>`}</p>
    <${Keypad} onKey=${press} />
    <div class="two"><button type="button" class="btn" aria-pressed=${muted.value ? 'true' : 'false'} onClick=${() => phone.mute(!muted.value)}>${icon(muted.value ? 'mic-off' : 'mic')}${t(muted.value ? 'call.unmute' : 'call.mute')}</button>
      <button type="button" class="btn bad" onClick=${() => phone.hangUp()}>${icon('hangup')}${t('call.hang_up')}</button></div>`;
}

function Island() {
  const now = step.value;
  if (now === 'talking') return html`<${Talking} />`;
  if (['microphone', 'account', 'connecting', 'calling'].includes(now)) return html`<${Waiting} />`;
  return html`${now === 'failed' && html`<p class="note bad">${icon('alert')}<span>${t(why.value)}</span></p>`}
    ${now === 'ended' && html`<p class="note ok">${icon('check')}<span>${t('call.step_ended', { time: spell(lasted.value) })}</span></p>`}<${Start} />`;
}

const Phonebooth = () => html`<${Island} /><div class="sr" role="status">${['idle', 'failed'].includes(step.value) ? '' : t(`call.step_${step.value}`, { number: HOTLINE, time: spell(lasted.value) })}</div>
  <div class="sr" role="alert">${step.value === 'failed' ? t(why.value) : ''}</div>`;

const island = document.getElementById('island');
if (island) {
  island.textContent = '';
  render(html`<${Phonebooth} />`, island);
}
