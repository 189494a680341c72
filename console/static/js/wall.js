// @ts-check
/** The supervisors' wall: one signal for each tile, so that a change repaints one tile and not the wall. */
import { computed, html, render, signal } from '../vendor/preact.js';
import { clock, percent, spell, stamp } from './format.js';
import { known, t } from './i18n.js';
import { icon, second } from './parts.js';
import { Alarms, Helps, Overlooked } from './wall-alarms.js';
import { Curve } from './wall-curve.js';
import { Callers, Groups } from './wall-line.js';
import { Layers } from './wall-orders.js';
import * as w from './wall-state.js';
import { Quick, TalkBar } from './wall-talk.js';

/** How long it has been so. Where the tile is too small to show it, nothing is drawn again every second. @param {{seat: any}} props */
function Since({ seat }) {
  if (tileSize.value === 'xs') return null;
  second.value;
  return html`<span class="num since">${seat.state === 'offline' || seat.since == null ? '' : spell(w.live.now() - seat.since)}</span>`;
}

/** Drawn again when what it says has changed; that time has passed is the business of what is inside. @param {{id: string}} props */
function Tile({ id }) {
  const seat = w.seats.get(id).value;
  const { wrong, stuck, inTalk } = w.around(id).value;
  const reason = ['break', 'disabled'].includes(seat.state) && known(`break.${seat.reason}`) ? t(`break.${seat.reason}`) : '';
  const inside = html`<b>${seat.id.replace(/^s/, '')}<span class="name"> ${seat.name}</span></b>
    <span class="what">${t(`state.${seat.state}`)}${reason && !(wrong && wrong !== 'wall.long') && html`<span class="reason"> · ${reason}</span>`}${seat.next && html`<span class="reason"> · ${t('wall.then_break')}</span>`}${wrong && html`<span class=${wrong === 'wall.long' ? 'sr' : 'wrong'}> · ${t(wrong)}</span>`}${stuck && html`<span class="sr">${t('wall.stuck')}</span>`}${inTalk.map((one) => html`<span class="in-talk"> · ${t('wall.in_talk', { name: one.name, mode: t(`mode.${one.mode}`) })}</span>`)}</span><${Since} seat=${seat} />`;
  const looks = `tile is-${seat.state} ${wrong ? 'long' : ''} ${seat.help_at ? 'asks' : ''} ${stuck ? 'is-stuck' : ''}`;
  if (!w.boot.supervise || seat.state === 'offline') return html`<li class=${looks} data-seat=${id}><span class="in">${inside}</span></li>`;
  return html`<li class=${looks} data-seat=${id}><button type="button" class="in" aria-haspopup="dialog" onClick=${() => { w.layer.value = `seat:${id}`; }}>${inside}</button>${w.boot.desk && html`<${Quick} id=${id} seat=${seat} />`}</li>`;
}

/** Where a figure comes from and how old it is. @param {{source: import('./wall-state.js').Source}} props */
const Origin = ({ source }) => html`<small class="src">${t(`src.${source.kind}`)} ${Number.isFinite(source.ms) ? spell(source.ms) : t('src.never')}${source.late && html`<em> ${t('src.late')}</em>`}</small>`;

/** @param {{name: string, figure: any, note: string, source: import('./wall-state.js').Source, tone?: string}} props */
const Figure = ({ name, figure, note, source, tone = '' }) => html`<div class=${`card k ${tone} ${source.late ? 'stale' : ''}`}><span class="k-head">${name}<${Origin} source=${source} /></span><b>${figure}</b><small>${note}</small></div>`;

function Figures() {
  second.value;
  const now = w.line.value;
  if (!now) return html`<section class="kpi" aria-busy="true">${[1, 2, 3, 4, 5, 6, 7].map(() => html`<div class="card k skeleton"></div>`)}</section>`;
  const states = now.states ?? {};
  const rate = now.answered_15s;
  const owed = now.owed;
  const [line, day, debts] = [w.liveSource.value, w.recorded.counted.value, w.recorded.owed.value];
  const rest = ['wrap_up', 'break', 'ringing', 'hold'].filter((s) => states[s]).map((s) => `${t(`state.${s}`)} ${states[s]}`).join(' · ');
  return html`<section class="kpi" aria-label=${t('wall.figures')}>
    <${Figure} name=${t('wall.waiting')} figure=${now.waiting} note=${t('wall.waiting_note')} tone=${now.waiting > 0 ? 'warn' : ''} source=${line} />
    <${Figure} name=${t('wall.longest')} figure=${w.longest.value ? spell(w.longest.value) : '—'} note=${t('wall.longest_note')} tone=${w.longest.value > w.LONGEST_MS ? 'bad' : ''} source=${line} />
    <${Figure} name=${t('wall.answered_15s')} figure=${percent(rate)} note=${t('wall.answered_15s_note')} tone=${rate == null ? '' : rate >= 0.95 ? 'ok' : rate >= 0.9 ? 'warn' : 'bad'} source=${day} />
    <${Figure} name=${t('wall.abandoned')} figure=${percent(now.abandon_rate)} note=${t('wall.abandoned_note', { n: now.abandoned ?? 0 })} tone=${(now.abandon_rate ?? 0) > 0.05 ? 'warn' : ''} source=${day} />
    <${Figure} name=${t('wall.calls')} figure=${(now.calls_today ?? 0).toLocaleString('en')} note=${t('wall.calls_note')} source=${day} />
    <${Figure} name=${t('wall.owed')} figure=${owed ? owed.open : '—'} note=${owed?.overdue ? t('wall.owed_overdue', { n: owed.overdue }) : t('wall.owed_note')} tone=${owed?.overdue ? 'bad' : ''} source=${debts} />
    <${Figure} name=${t('wall.ready_talking')} figure=${`${states.ready ?? 0} / ${(states.talking ?? 0) + (states.hold ?? 0)}`} note=${rest || t('wall.nobody_else')} source=${line} />
  </section>`;
}

// What is left for the tiles beside the callers and below the figures and what may stand above them.
const wide = innerWidth > 1500;
const room = signal(0);
const alerted = computed(() => w.late.value || w.alarms.value.length > 0 || w.nodes.value.some((node) => node.late));
const bands = computed(() => Number(alerted.value) + Math.ceil((w.helps.value.length + w.events.value.length + w.notices.value.length + Number(w.overlooked.value.length > 0) + Number(w.overloaded.value) + Number(w.stuck.value.length > 0)) / (wide ? 2 : 1)));
const measure = () => { room.value = (innerWidth - (wide ? 556 : 420)) * (innerHeight - (wide ? 360 : 344) - (w.boot.desk ? 48 : 0) - 56 * bands.value); };
measure();
addEventListener('resize', measure);

/** The largest tiles with which all seats are seen at once; the smallest carry the number and the state alone. */
const tileSize = computed(() => {
  const each = room.value / Math.max(1, w.order.value.length) / (w.boot.desk ? 1.6 : 1);
  return each > 20000 ? 'xl' : each > 9400 ? 'l' : each > 7000 ? 'm' : each > 5200 ? 's' : 'xs';
});

function Seats() {
  const ids = w.shown.value;
  return html`<section class=${`card seats ${w.liveSource.value.late ? 'stale' : ''}`} aria-labelledby="seats"><header><h2 id="seats">${t('wall.seats')}</h2><${Origin} source=${w.liveSource.value} />
    <button type="button" class="btn small on-wall" aria-pressed=${w.byTrouble.value ? 'true' : 'false'} onClick=${() => w.sortByTrouble(!w.byTrouble.value)}>${t(w.byTrouble.value ? 'wall.by_trouble' : 'wall.by_number')}</button>
    <ul class="legend sp">${['ready', 'talking', 'ringing', 'hold', 'wrap_up', 'break'].map((s) => html`<li><i class=${`is-${s}`} aria-hidden="true"></i>${t(`state.${s}`)}</li>`)}<li><i class="long" aria-hidden="true"></i>${t('wall.look')}</li></ul></header>
    ${ids.length ? html`<ul class=${`tiles ${tileSize.value}`}>${ids.map((id) => html`<${Tile} key=${id} id=${id} />`)}</ul>` : html`<p class="empty tall"><b>${t('wall.no_seats')}</b><span>${t('wall.no_seats_more')}</span></p>`}</section>`;
}

function Alert() {
  second.value;
  if (w.late.value) return html`<p class="alert bad" role="alert">${icon('offline')}<b>${t('wall.late')}</b><span>${t('wall.late_more', { n: w.age.value })}</span></p>`;
  const dead = w.nodes.value.filter((node) => node.late);
  if (dead.length && w.line.value) {
    const names = dead.map((node) => node.name).filter(Boolean).join(' ') || t('wall.platform');
    return html`<p class="alert bad" role="alert">${icon('offline')}<b>${t('wall.node_late', { names })}</b><span>${t('wall.node_late_more')}</span></p>`;
  }
  return html`<${Alarms} />`;
}

/** What goes on besides the calls: something stuck, an event, more callers than may come in. */
function Bands() {
  second.value;
  const first = w.stuck.value[0];
  return html`${first && html`<p class="alert band" role="status">${icon('alert')}<b>${t('wall.stuck_n', { n: w.stuck.value.length })}</b><span>${t(`stuck.${first.kind}`, { about: first.seat || first.id || t('wall.platform') })} · ${spell(w.live.now() - first.since)}</span>
      <button type="button" class="btn sp" aria-haspopup="dialog" onClick=${() => { w.layer.value = 'stuck'; }}>${t('wall.look_at')}</button></p>`}
    ${w.overloaded.value && html`<p class="alert band warn" role="status">${icon('alert')}<b>${t('wall.overloaded')}</b><span>${t('wall.overloaded_more')}</span></p>`}
    <${Helps} /><${Overlooked} />
    ${w.events.value.map((event) => html`<p key=${event.id} class="alert band warn" role="status">${icon('sound')}<b>${t('wall.event', { name: event.name })}</b><span>${event.area ? `${event.area} · ` : ''}${t('wall.event_more', { heard: event.heard, members: event.members, at: stamp(event.until) })}</span></p>`)}
    ${w.notices.value.map((n) => html`<p key=${n.id} class=${`alert band ${n.level === 'info' ? 'info' : 'warn'}`} role="status"><span>${n.text}</span><button type="button" class="btn sp" onClick=${() => w.dismiss(n.id)}>${icon('close')}${t('app.close')}</button></p>`)}`;
}

function Head() {
  second.value;
  const on = w.order.value.filter((id) => !['offline', 'disabled'].includes(w.seats.get(id).value.state)).length;
  const late = w.liveSource.value.late;
  const { late: missing, staying } = w.roster.value;
  const several = w.nodes.value.length > 1;
  return html`<header class="head"><h1>${t('wall.title')}</h1>
    ${several ? w.nodes.value.map((node) => html`<span key=${node.name} class=${`tag ${node.late ? 'bad' : 'ok'}`}>${node.name} ${t(node.linked ? (node.late ? 'wall.feed_late' : 'wall.feed_ok') : 'wall.feed_down')}</span>`)
    : html`<span class=${`tag ${late ? 'bad' : 'ok'}`}>${t(late ? 'wall.feed_late' : 'wall.feed_good')}</span>`}
    <span class="tag">${t('wall.seats_on', { n: on })}</span>
    ${(missing.length > 0 || staying.length > 0) && html`<button type="button" class="btn small on-wall" aria-haspopup="dialog" onClick=${() => { w.layer.value = 'roster'; }}>${icon('person')}${missing.length ? t('wall.late_n', { n: missing.length }) : ''}${missing.length && staying.length ? ' · ' : ''}${staying.length ? t('wall.staying_n', { n: staying.length }) : ''}</button>`}
    <button type="button" class="btn small on-wall" aria-haspopup="dialog" onClick=${() => { w.layer.value = 'stuck'; }}>${icon('list')}${t('wall.stuck_and_repairs', { stuck: w.stuck.value.length, repairs: w.repairs.value.total })}</button>
    ${w.asking.value > 0 && html`<span class="tag bad">${t('wall.asks_help_n', { n: w.asking.value })}</span>`}
    ${w.boot.supervise && html`<${Tools} />`}
    <span class="clock num sp">${clock(w.live.now())}</span></header>`;
}

const Tools = () => html`<button type="button" class="btn small on-wall" aria-haspopup="dialog" onClick=${() => { w.layer.value = 'message:'; }}>${t('wall.message_all')}</button>
  <a class="btn small on-wall" href="/wall/rules">${t('wall.limits')}</a><a class="btn small on-wall" href=${w.boot.desk ? '/wall' : '/wall/desk'}>${t(w.boot.desk ? 'wall.to_wall' : 'wall.to_desk')}</a><${TalkBar} />`;

const Wall = () => html`<${Head} /><div class="alerts"><${Alert} /><div class="bands"><${Bands} /></div></div><main id="main" class=${w.late.value ? 'stale' : ''}><${Figures} /><div class=${`halves ${tileSize.value === 'xs' ? 'crowd' : ''}`}><div class="stack"><${Callers} /><${Groups} /><${Curve} /></div><${Seats} /></div></main><${Layers} />`;

const island = document.getElementById('island');
if (island) {
  island.textContent = '';
  render(html`<${Wall} />`, island);
}
