// @ts-check
/** What a supervisor may do from the wall: change a seat, have something stuck looked at. Always with a reason. */
import { html, useState } from '../vendor/preact.js';
import { spell, stamp } from './format.js';
import { known, t } from './i18n.js';
import { icon, Layer, second } from './parts.js';
import * as w from './wall-state.js';
import { Enter } from './wall-talk.js';
import { WaitLayers } from './wall-who.js';

/** The reason every order needs; of several forms on the page one is open. @param {{value: string, write: (text: string) => void, missing: boolean, label: string}} props */
export const Why = ({ value, write, missing, label }) => html`<div class="f why"><label for="why">${label}<span class="req" data-req=${t('field.required')}></span></label>
  <input id="why" type="text" maxlength="80" value=${value} aria-invalid=${missing ? 'true' : undefined} aria-describedby=${missing ? 'why-error' : undefined} onInput=${(/** @type {any} */ e) => write(e.target.value)} />
  ${missing && html`<p class="err" id="why-error">${t('order.why_missing')}</p>`}</div>`;

/** @returns {{why: string, write: (text: string) => void, missing: boolean, given: (act: () => void) => void}} */
export function useWhy() {
  const [why, write] = useState('');
  const [missing, miss] = useState(false);
  const given = (/** @type {() => void} */ act) => {
    miss(!why.trim());
    if (why.trim()) act();
    else document.getElementById('why')?.focus();
  };
  return { why, write, missing, given };
}

/** @param {{id: string}} props */
function Seat({ id }) {
  second.value;
  const { why, write, missing, given } = useWhy();
  const seat = w.seats.get(id)?.value;
  if (!seat) return null;
  const reason = known(`break.${seat.reason}`) ? t(`break.${seat.reason}`) : seat.reason;
  const calling = ['ringing', 'talking', 'hold'].includes(seat.state);
  const send = (/** @type {string} */ order) => () => given(() => {
    w.give({ do: 'order', seat: id, order, reason: why.trim() });
    w.layer.value = '';
  });
  return html`<dl class="kv"><dt>${t('order.state')}</dt><dd>${t(`state.${seat.state}`)}${reason && ` · ${reason}`} · ${spell(w.live.now() - seat.since)}</dd>
      ${seat.by && html`<dt>${t('order.by')}</dt><dd>${known(`by.${seat.by}`) ? t(`by.${seat.by}`) : seat.by}</dd>`}
      ${seat.group && html`<dt>${t('wall.group')}</dt><dd>${seat.group}</dd>`}
      ${seat.misses > 0 && html`<dt>${t('wall.missed')}</dt><dd>${t('order.misses', { n: seat.misses })}</dd>`}
      ${seat.over_at && html`<dt>${t('order.quota')}</dt><dd>${seat.over_at < w.live.now() ? t('quota.over_wall', { time: spell(w.live.now() - seat.over_at) }) : t('quota.until', { time: spell(seat.over_at - w.live.now()) })}</dd>`}</dl>
    <${Why} value=${why} write=${write} missing=${missing} label=${t('order.why')} />
    <div class="order-row"><button type="button" class="btn" disabled=${seat.state === 'break'} onClick=${send('pause')}>${icon('cup')}${t(calling ? 'order.pause_after' : 'order.pause')}</button>
      <button type="button" class="btn" disabled=${!['break', 'wrap_up'].includes(seat.state)} onClick=${send('ready')}>${icon('check')}${t('order.ready')}</button>
      <button type="button" class="btn bad" disabled=${calling} onClick=${send('sign_off')}>${icon('hangup')}${t('order.sign_off')}</button></div>
    <${Enter} seat=${seat} why=${why} given=${given} />
    <div class="order-row"><button type="button" class="btn" onClick=${() => { w.layer.value = `message:${id}`; }}>${t('message.title')}</button></div>
    <p class="help">${t('order.audit')}</p>`;
}

// The engine logs its causes in English, for whoever reads the log; here they are said in the reader's words.
/** @type {[RegExp, string][]} */
const CAUSES = [
  [/^ended at (?<seat>\S+) unheard$/, 'cause.ended'],
  [/^not answered at (?<seat>\S+) unheard$/, 'cause.not_answered'],
  [/^ringing at (?<seat>\S+) unheard$/, 'cause.ringing'],
  [/^(talking|hold) at (?<seat>\S+) unheard$/, 'cause.talking'],
  [/^back at (?<seat>\S+) unheard$/, 'cause.back'],
  [/^left the line unheard$/, 'cause.left'],
  [/^joined the line unheard$/, 'cause.joined'],
  [/^stands elsewhere in the line than heard$/, 'cause.place'],
  [/^set right by (?<who>.+)$/, 'cause.by_hand'],
  [/^was (?<before>.+), found (?<found>.+)$/, 'cause.member'],
];

/** @param {string} text */
function cause(text) {
  for (const [pattern, key] of CAUSES) {
    const found = pattern.exec(text);
    if (found) return t(key, /** @type {Record<string, string>} */ (found.groups ?? {}));
  }
  return text;
}

/** @param {{one: any}} props */
function StuckRow({ one }) {
  const [open, unfold] = useState(false);
  const { why, write, missing, given } = useWhy();
  const about = one.seat || one.id || t('wall.platform');
  return html`<li><div class="r"><span class="t">${t(`stuck.${one.kind}`, { about })}</span><span class="num muted">${spell(w.live.now() - one.since)}</span>
    ${w.boot.supervise && html`<button type="button" class="btn small sp" aria-expanded=${open ? 'true' : 'false'} onClick=${() => unfold(!open)}>${t('stuck.repair')}</button>`}</div>
    ${one.call && html`<div class="xs muted num">${one.call}</div>`}
    ${open && html`<p class="xs muted">${t(`stuck_does.${one.kind}`)}</p><${Why} value=${why} write=${write} missing=${missing} label=${t('order.why')} />
      <div class="order-row"><button type="button" class="btn primary" onClick=${() => given(() => { w.give({ do: 'repair', kind: one.kind, id: one.id, reason: why.trim() }); unfold(false); })}>${t('stuck.confirm')}</button><button type="button" class="btn" onClick=${() => unfold(false)}>${t('stuck.leave')}</button></div>`}</li>`;
}

function Stuck() {
  second.value;
  const found = w.stuck.value;
  const { total, newest } = w.repairs.value;
  return html`<h3>${t('wall.stuck')}</h3>${found.length ? html`<ul class="list framed">${found.map((one) => html`<${StuckRow} key=${`${one.kind} ${one.id}`} one=${one} />`)}</ul>` : html`<p class="empty s">${t('stuck.none')}</p>`}
    <h3>${t('wall.repairs', { n: total })}</h3><p class="xs muted">${t('wall.repairs_lead')}</p>
    ${newest.length ? html`<ul class="list framed repairs" tabindex="0" aria-label=${t('wall.repairs', { n: total })}>${newest.map((one, i) => html`<li key=${i}><div class="r"><span class="num muted xs">${stamp(one.at)}</span><span>${t(known(`repair.${one.what}`) ? `repair.${one.what}` : 'repair.stuck')} <span class="num">${one.id}</span></span></div><div class="xs muted">${cause(one.cause)}</div></li>`)}</ul>` : html`<p class="empty s">${t('wall.repairs_none')}</p>`}`;
}

function Roster() {
  const { late, staying } = w.roster.value;
  const rows = (/** @type {any[]} */ all, /** @type {string} */ key) => html`<ul class="list framed">${all.map((one) => html`<li key=${one.login}><div class="r"><span class="t">${one.login} ${one.name}</span><span class="sp muted num">${t(key, { at: stamp(key === 'roster.should' ? one.begins_at : one.ends_at) })}</span></div></li>`)}</ul>`;
  return html`${late.length > 0 && html`<h3>${t('wall.late_n', { n: late.length })}</h3>${rows(late, 'roster.should')}`}
    ${staying.length > 0 && html`<h3>${t('wall.staying_n', { n: staying.length })}</h3>${rows(staying, 'roster.over')}`}`;
}

export function Layers() {
  const open = w.layer.value;
  const seat = open.startsWith('seat:') ? open.slice(5) : '';
  const known_ = seat && w.seats.get(seat)?.value;
  const close = (/** @type {(name: string) => boolean} */ mine) => () => { if (mine(w.layer.value)) w.layer.value = ''; };
  return html`<${Layer} open=${Boolean(seat)} title=${known_ ? `${seat.replace(/^s/, '')} ${known_.name}` : t('wall.seats')} onClose=${close((name) => name.startsWith('seat:'))}>${seat && html`<${Seat} key=${seat} id=${seat} />`}<//>
    <${WaitLayers} /><${Layer} open=${open === 'stuck'} title=${t('wall.stuck_title')} onClose=${close((name) => name === 'stuck')}><${Stuck} /><//>
    <${Layer} open=${open === 'roster'} title=${t('wall.roster')} onClose=${close((name) => name === 'roster')}><${Roster} /><//>`;
}
