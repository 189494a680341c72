// @ts-check
/** A supervisor in a talk: the page's own telephone, which only the server rings, and what is said with it. */
import { html, signal } from '../vendor/preact.js';
import { t } from './i18n.js';
import { icon } from './parts.js';
import * as w from './wall-state.js';

const MODES = ['listen', 'whisper', 'barge', 'take_over'];
const SAYS = ['whisper', 'barge', 'take_over'];
const state = signal(/** @type {'off'|'connecting'|'registered'|'failed'} */ ('off'));
const mic = signal('unknown');
const leg = signal(/** @type {import('./phone.js').Leg | null} */ (null));
/** What is to be done as soon as the telephone is there. */
let waiting = /** @type {(() => void) | null} */ (null);
/** @type {import('./phone.js').Phone | null} */
let phone = null;

/** The wall does without a telephone until somebody wants to hear; its code is not loaded before. */
async function open() {
  if (!phone) {
    const { Phone } = await import('./phone.js');
    phone = new Phone();
    phone.addEventListener('change', changed);
    // Nobody but the server can ring here, and it does at the order of this page.
    phone.addEventListener('ring', () => phone?.answer());
  }
  if (await phone.openMicrophone()) w.give({ do: 'phone' });
}

function changed() {
  if (!phone) return;
  state.value = phone.state;
  mic.value = phone.mic;
  leg.value = phone.leg;
  if (phone.state === 'registered' && waiting) {
    const act = waiting;
    waiting = null;
    act();
  }
}

w.telephone.take = (told) => phone?.start(told);
w.live.addEventListener('link', (e) => {
  // The server may be another one by now, and knows nothing of this telephone.
  if (/** @type {CustomEvent} */ (e).detail && phone) w.give({ do: 'phone' });
});

/** @param {string} seat @param {string} mode @param {string} reason */
function enter(seat, mode, reason) {
  const act = () => {
    w.give({ do: 'watch', seat, mode, reason });
    phone?.mute(!SAYS.includes(mode));
  };
  if (state.value === 'registered') act();
  else {
    waiting = act;
    void open();
  }
}

function leave() {
  w.give({ do: 'unwatch' });
  phone?.hangUp();
}

const mine = () => (leg.value ? w.watches.value.find((one) => one.by === w.boot.login) : undefined);

/** In the layer of a seat: how far into its talk. @param {{seat: any, why: string, given: (act: () => void) => void}} props */
export function Enter({ seat, why, given }) {
  if (!['talking', 'hold'].includes(seat.state)) return null;
  const now = w.watches.value.find((one) => one.by === w.boot.login && one.seat === seat.id);
  return html`<h3>${t('mode.enter')}</h3><div class="order-row" role="group" aria-label=${t('mode.enter')}>${MODES.map((mode) => html`<button type="button" class=${`btn ${mode === 'take_over' ? 'bad' : ''}`} aria-pressed=${now?.mode === mode ? 'true' : 'false'} onClick=${() => given(() => enter(seat.id, mode, why.trim()))}>${t(`mode.${mode}`)}</button>`)}
    ${now && html`<button type="button" class="btn" onClick=${leave}>${t('mode.leave')}</button>`}</div>
    ${['denied', 'missing'].includes(mic.value) && html`<p class="err" role="alert">${t('mode.mic_denied')}</p>`}<p class="help">${t('mode.audit')}</p>`;
}

/** On a tile of a supervisor's own screen: straight to what is done most. @param {{id: string, seat: any}} props */
export function Quick({ id, seat }) {
  const number = id.replace(/^s/, '');
  const layer = () => { w.layer.value = `seat:${id}`; };
  return html`<span class="quick">${seat.help_at && html`<button type="button" class="btn small" aria-label=${`${t('wall.helped')} ${number}`} onClick=${() => w.give({ do: 'helped', seat: id })}>${t('wall.helped')}</button>`}
    ${['talking', 'hold'].includes(seat.state) ? html`<button type="button" class="btn small" aria-haspopup="dialog" aria-label=${`${t('mode.listen')} ${number}`} onClick=${layer}>${t('mode.listen')}</button>`
    : html`<button type="button" class="btn small" aria-haspopup="dialog" aria-label=${`${t('order.sign_off')} ${number}`} onClick=${layer}>${t('order.sign_off')}</button>`}</span>`;
}

/** In the head of the page: whom one hears now, and out again. */
export function TalkBar() {
  const watch = mine();
  if (watch) return html`<span class="tag brand" role="status">${icon('sound')}${t('mode.now', { mode: t(`mode.${watch.mode}`), seat: watch.seat.replace(/^s/, '') })}</span><button type="button" class="btn small on-wall" onClick=${leave}>${t(watch.mode === 'take_over' ? 'mode.hang_up' : 'mode.leave')}</button>`;
  if (state.value === 'off') return null;
  return html`<span class=${`tag ${state.value === 'registered' ? 'ok' : 'warn'}`}>${icon('phone')}${t(state.value === 'registered' ? 'mode.phone_on' : 'mode.phone_connecting')}</span>`;
}
