// @ts-check
/** Layers about who waits and who is to be told: raise a caller or give him to a seat, help between groups, messages. */
import { html, useState } from '../vendor/preact.js';
import { spell } from './format.js';
import { t } from './i18n.js';
import { Layer, second } from './parts.js';
import { Receipts } from './wall-alarms.js';
import { useWhy, Why } from './wall-orders.js';
import * as w from './wall-state.js';

const MINUTES = ['15', '30', '60', '120'];
const shut = () => { w.layer.value = ''; };

/** @param {{call: string}} props */
function Caller({ call }) {
  second.value;
  const { why, write, missing, given } = useWhy();
  const [seat, choose] = useState('');
  const one = w.callers.value.find((each) => each.call === call);
  const free = w.order.value.filter((id) => w.seats.get(id).value.state === 'ready');
  const chosen = free.includes(seat) ? seat : free[0] ?? '';
  if (!one) return html`<p class="empty s">${t('wall.no_callers')}</p>`;
  const send = (/** @type {Record<string, string>} */ order) => () => given(() => {
    w.give({ ...order, call, reason: why.trim() });
    shut();
  });
  return html`<dl class="kv"><dt>${t('wall.number')}</dt><dd class="num">${one.number || t('caller.withheld')}</dd><dt>${t('wall.position')}</dt><dd class="num">${one.position}</dd><dt>${t('wall.waited')}</dt><dd class="num">${spell(w.live.now() - one.since)}</dd></dl>
    <${Why} value=${why} write=${write} missing=${missing} label=${t('order.why')} />
    <div class="order-row"><button type="button" class="btn" disabled=${one.raised} onClick=${send({ do: 'raise' })}>${t('give.raise')}</button></div>
    ${free.length ? html`<div class="f"><label for="give-seat">${t('give.seat')}</label><select id="give-seat" value=${chosen} onChange=${(/** @type {any} */ e) => choose(e.target.value)}>${free.map((id) => html`<option value=${id} selected=${id === chosen}>${id.replace(/^s/, '')} ${w.seats.get(id).value.name}</option>`)}</select></div>
    <div class="order-row"><button type="button" class="btn primary" onClick=${send({ do: 'give', seat: chosen })}>${t('give.go')}</button></div>` : html`<p class="muted">${t('give.none')}</p>`}
    <p class="help">${t('order.audit')}</p>`;
}

/** @param {{skill: string, group: string}} props */
function Support({ skill, group }) {
  const { why, write, missing, given } = useWhy();
  const [minutes, choose] = useState('30');
  return html`<p>${t('support.lead', { group, skill })}</p>
    <div class="f"><label for="minutes">${t('support.how_long')}</label><select id="minutes" value=${minutes} onChange=${(/** @type {any} */ e) => choose(e.target.value)}>${MINUTES.map((n) => html`<option value=${n} selected=${n === minutes}>${t('support.minutes', { n })}</option>`)}</select></div>
    <${Why} value=${why} write=${write} missing=${missing} label=${t('order.why')} />
    <div class="order-row"><button type="button" class="btn primary" onClick=${() => given(() => { w.give({ do: 'support', skill, group, minutes, reason: why.trim() }); shut(); })}>${t('support.go')}</button></div>`;
}

/** @param {{seat: string}} props */
function Message({ seat }) {
  const [text, write] = useState('');
  const [missing, miss] = useState(false);
  const send = () => {
    miss(!text.trim());
    if (!text.trim()) return;
    w.give({ do: 'message', seat, text: text.trim() });
    shut();
  };
  return html`<div class="f why"><label for="message">${t('message.text')}</label><input id="message" type="text" maxlength="200" value=${text} aria-invalid=${missing ? 'true' : undefined} aria-describedby=${missing ? 'message-error' : undefined} onInput=${(/** @type {any} */ e) => write(e.target.value)} />
    ${missing && html`<p class="err" id="message-error">${t('message.missing')}</p>`}</div>
    <div class="order-row"><button type="button" class="btn primary" onClick=${send}>${t('message.send')}</button></div><${Receipts} />`;
}

export function WaitLayers() {
  const [kind, ...rest] = w.layer.value.split(':');
  const about = rest.join(':');
  const [skill, group] = rest;
  const close = (/** @type {string} */ mine) => () => { if (w.layer.value.startsWith(mine)) shut(); };
  return html`<${Layer} open=${kind === 'caller'} title=${t('give.title')} onClose=${close('caller:')}><${Caller} key=${about} call=${about} /><//>
    <${Layer} open=${kind === 'support'} title=${t('support.title')} onClose=${close('support:')}><${Support} key=${about} skill=${skill ?? ''} group=${group ?? ''} /><//>
    <${Layer} open=${kind === 'message'} title=${about ? `${t('message.title')} ${about.replace(/^s/, '')}` : t('wall.message_all')} onClose=${close('message:')}><${Message} key=${about} seat=${about} /><//>`;
}
