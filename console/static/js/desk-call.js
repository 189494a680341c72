// @ts-check
/** The left column: the call in hand, who is calling, and what they have open with us. */
import { html } from '../vendor/preact.js';
import { Kbd } from './desk-keys.js';
import { openMerge } from './desk-merge.js';
import { RecordingButton } from './desk-recording.js';
import * as d from './desk-state.js';
import { Beside, openThreeWay, openTransfer, toSurvey } from './desk-transfer.js';
import { deadline, grouped, span, spell, stamp } from './format.js';
import { known, t } from './i18n.js';
import { icon, second } from './parts.js';

const HOTLINE = '12345';

/** @param {{since: number | null | undefined, late?: number}} props counts from a start instant; turns amber when late */
export function Timer({ since, late = Infinity }) {
  second.value;
  if (since == null) return null;
  const ms = d.live.now() - since;
  return html`<span class=${`timer ${ms > late ? 'late' : ''}`} role="timer" aria-live="off">${spell(ms)}</span>`;
}

/** @param {{label: string, action: string, name: string, act: () => void, tone?: string, pressed?: boolean, disabled?: boolean}} props */
const Control = ({ label, action, name, act, tone = '', pressed, disabled = false }) => html`<button type="button" class=${`btn ${tone}`} onClick=${act}
  disabled=${disabled} aria-pressed=${pressed === undefined ? undefined : String(pressed)}><span>${icon(name)}${label}</span><${Kbd} action=${action} /></button>`;

function Controls() {
  const { leg } = d.sound.value;
  const held = leg?.state === 'held' || d.state.value === 'hold';
  const { aside, guest, outgoing } = d.call.value ?? {};
  return html`<${Beside} /><div class="ctl">
    <${Control} label=${t(leg?.muted ? 'call.unmute' : 'call.mute')} action="mute" name=${leg?.muted ? 'mic-off' : 'mic'} act=${d.toggleMute} pressed=${leg?.muted ?? false} disabled=${!leg} />
    <${Control} label=${t(held ? 'call.resume' : 'call.hold')} action="hold" name=${held ? 'play' : 'hold'} act=${d.toggleHold} pressed=${held} disabled=${!leg || Boolean(aside)} />
    ${!guest && html`<${Control} label=${t('moves.transfer')} action="transfer" name="phone" act=${openTransfer} disabled=${!leg || held || Boolean(outgoing)} />
    <${Control} label=${t('three_way.short')} action="three_way" name="person" act=${openThreeWay} disabled=${!leg || held || Boolean(aside)} />`}
    <${Control} label=${t('keypad.short')} action="pad" name="keypad" act=${() => { d.layer.value = 'pad'; }} disabled=${!leg} />
    ${!outgoing && html`<${Control} label=${t('help.short')} action="help" name="alert" act=${d.askForHelp} pressed=${Boolean(d.desk.value?.help)} />`}
    ${!guest && !outgoing && html`<${Control} label=${t('survey.short')} action="survey" name="check" act=${toSurvey} disabled=${!leg || Boolean(aside)} />`}
    <${Control} label=${t('call.hang_up')} action="answer" name="hangup" act=${d.answerOrHangUp} tone="bad" />
  </div>${d.desk.value?.recording && html`<div class="ctl-more"><${RecordingButton} /></div>`}`;
}

/** @param {{caller: any}} props */
function Origin({ caller }) {
  const facts = [caller?.place, caller?.name].filter(Boolean).join(' · ');
  return facts ? html`<p class="muted">${facts}</p>` : null;
}

/** Lines that a citizen is known by; of the usual one and of ordinary wishes nothing is said. @param {{caller: any}} props */
function Marks({ caller }) {
  const marks = [
    ...(caller.owed ? [['brand', t('caller.owed')]] : []),
    ...(caller.hotline ? [['brand', t('caller.hotline', { name: caller.hotline })]] : []),
    ...(caller.event ? [['warn', t('caller.event', { name: caller.event })]] : []),
    ...(caller.elder ? [['brand', t('caller.elder')]] : []),
    ...(caller.language ? [['brand', named('language', caller.language)]] : []),
    ...(caller.skill ? [['', named('skill', caller.skill)]] : []),
    ...(caller.priority >= 9 ? [['bad', t('caller.emergency')]] : []),
    ...(caller.nuisance ? [['warn', t(`nuisance_grade.${caller.nuisance}`)]] : []),
  ];
  return marks.map(([tone, text]) => html`<span class=${`tag ${tone}`}>${text}</span>`);
}

/** The city names its skills and languages; only the usual ones have a text of ours. @param {string} kind @param {string} code */
export const named = (kind, code) => (known(`${kind}.${code}`) ? t(`${kind}.${code}`) : code);

/** We ring the citizen: first this telephone, then his. */
function OutgoingCard() {
  const call = d.call.value;
  const caller = d.pop.value?.caller;
  const step = call.reached_at ? 'reached' : call.answered_at ? 'calling' : 'own';
  return html`<section class="card call is-out" aria-labelledby="number"><div class="pad">
    <p class="out-step" role="status"><span class="tag brand">${t('out.title')}</span>${t(`out.${step}`)}</p>
    <div class="num-row"><h1 id="number" class="number">${grouped(call.number) || t('caller.withheld')}</h1><${Timer} since=${call.reached_at ?? call.answered_at ?? call.offered_at} /></div>
    <${Origin} caller=${caller} />
    ${step === 'own' && html`<button type="button" class="btn ok big" onClick=${d.answerOrHangUp} disabled=${!d.sound.value.leg}>${icon('phone')}${t('call.answer')} <${Kbd} action="answer" /></button>`}
    ${step === 'reached' ? html`<${Controls} />` : step === 'calling' && html`<button type="button" class="btn bad big" onClick=${d.answerOrHangUp}>${icon('hangup')}${t('out.give_up')} <${Kbd} action="answer" /></button>`}
  </div></section>`;
}

function RingCard() {
  const call = d.call.value;
  const caller = d.pop.value?.caller;
  const open = d.pop.value?.open_cases ?? [];
  return html`<section class="card ring-card" aria-labelledby="number">
    <p class="ring-word">${icon('phone')}${t('state.ringing')}<${Timer} since=${call.offered_at ?? call.since} late=${10000} /></p>
    <h1 id="number" class="number">${grouped(call.number) || t('caller.withheld')}</h1>
    <${Origin} caller=${caller} />
    ${caller && html`<p class="ring-facts"><span class=${`tag ${caller.nth > 1 ? 'warn' : ''}`}>${t('caller.nth', { n: caller.nth })}</span>
      <span class="tag">${t('caller.waited', { n: caller.waited_seconds })}</span><${Marks} caller=${caller} />
      ${open.length > 0 && html`<span class="tag brand">${t('caller.open', { n: open.length })}</span>`}</p>`}
    <button type="button" class="btn ok big" onClick=${d.answerOrHangUp} disabled=${!d.sound.value.leg}>${icon('phone')}${t('call.answer')} <${Kbd} action="answer" /></button>
    ${!d.sound.value.leg && html`<p class="help">${t('phone.not_yet')}</p>`}
  </section>`;
}

/** Whom we rang and did not reach is rung again by itself; the agent need only finish. */
function Ended() {
  const last = d.lastCall.value;
  if (last?.outgoing && !last.reached_at) return html`<p class="note warn">${icon('alert')}<span>${t('out.unreached')}</span></p>`;
  return html`<p class="muted">${t('call.ended')}</p>`;
}

function CallCard() {
  const call = d.call.value;
  const caller = d.pop.value?.caller;
  const number = call?.number ?? caller?.number ?? '';
  const held = d.state.value === 'hold';
  const wrapping = d.state.value === 'wrap_up';
  return html`<section class=${`card call ${held ? 'is-held' : ''} ${wrapping ? 'is-over' : ''}`} aria-labelledby="number"><div class="pad">
    <div class="num-row"><h1 id="number" class="number">${grouped(number) || t('caller.withheld')}</h1>
      ${call && html`<${Timer} since=${held ? call.since : call.answered_at ?? call.since} late=${held ? 45000 : Infinity} />`}</div>
    <${Origin} caller=${caller} />
    ${held && html`<p class="note warn">${icon('hold')}${t('call.held_note')}</p>`}
    ${call && !d.sound.value.leg && !wrapping && html`<p class="note warn">${icon('alert')}<span>${t('call.no_sound')}</span></p>`}
    ${wrapping ? html`<${Ended} />` : html`<${Controls} />`}
  </div></section>`;
}

/** What the citizen was told of the wait, beside what it was: whoever was told too little is not surprised to hear of it. @param {{caller: any}} props */
function Told({ caller }) {
  const told = caller.told;
  if (!told) return null;
  const [low, high] = [Math.round(told.low / 60), told.high == null ? null : Math.round(told.high / 60)];
  const text = high == null ? t('told.more', { low }) : low === 0 ? t('told.at_most', { high }) : t('told.range', { low, high });
  const longer = told.high != null && caller.waited_seconds > told.high;
  return html`<span class="xs muted"> · ${text}</span>${longer && html` <span class="tag warn">${t('told.longer')}</span>`}`;
}

function CallerCard() {
  const { call, caller } = d.pop.value;
  return html`<section class="card" aria-labelledby="caller"><header><h2 id="caller">${t('caller.title')}</h2>
    <span class=${`sp tag ${caller.nth > 1 ? 'warn' : ''}`}>${caller.nth > 1 ? t('caller.nth', { n: caller.nth }) : t('caller.first')}</span></header>
    <div class="pad"><p class="ring-facts left"><${Marks} caller=${caller} /></p><dl class="kv">
      ${!caller.owed && html`<dt>${t('caller.wait')}</dt><dd>${t('caller.waited', { n: caller.waited_seconds })}<${Told} caller=${caller} /></dd>`}
      ${caller.why && html`<dt>${t('caller.why')}</dt><dd>${t(`why.${caller.why.reason}`)}</dd>`}
      ${caller.line && caller.line !== HOTLINE && html`<dt>${t('caller.line')}</dt><dd class="num">${caller.line}${caller.hotline && html` · ${caller.hotline}`}</dd>`}
      ${caller.last_at && html`<dt>${t('caller.last')}</dt><dd>${stamp(caller.last_at)}${t('caller.ago', { span: span(d.live.now() - caller.last_at) })}</dd>`}
      ${caller.cases > 0 && html`<dt>${t('caller.cases')}</dt><dd>${t('caller.cases_of', { n: caller.cases, open: caller.open })}</dd>`}
      ${caller.path.length > 0 && html`<dt>${t('caller.path')}</dt><dd class="path">${caller.path.map((/** @type {string} */ step) => html`<span>${step}</span>`)}</dd>`}
    </dl>${caller.number && html`<p class="more"><a class="btn small" target="_blank" rel="noopener"
      href=${`/nuisance?${new URLSearchParams({ number: caller.number, call })}#propose`}>${t('caller.limit')}</a></p>`}</div></section>`;
}

/** @param {{brief: any}} props */
export function BriefRow({ brief }) {
  second.value;
  const due = deadline(brief, d.live.now());
  return html`<li><div class="r"><a class="t" href=${`/cases/${brief.no}`} target="_blank" rel="noopener">${brief.title}</a>
    ${due && html`<span class=${`sp tag ${due.tone}`}>${due.text}</span>`}</div>
    <div class="xs muted nowrap">${brief.no} · ${stamp(brief.received_at)}</div>
    <div class="xs muted">${brief.state_text}${brief.unit ? ` · ${brief.unit}` : ''}</div>
    ${d.draft.value && !d.filed.value && brief.due_at != null && html`<div><button type="button" class="btn small" onClick=${() => openMerge(brief.no)}>${t('merge.do')}</button></div>`}</li>`;
}

function OpenCases() {
  const { open_cases: open, caller } = d.pop.value;
  return html`<section class="card" aria-labelledby="open"><header><h2 id="open">${t('caller.open_title')}</h2><span class="sp xs muted">${t('count.cases', { n: caller.open })}</span></header>
    ${open.length ? html`<ul class="list">${open.map((/** @type {any} */ b) => html`<${BriefRow} key=${b.no} brief=${b} />`)}</ul>${caller.open > open.length && html`<p class="pad xs muted">${t('past.more_open', { n: caller.open - open.length })}</p>`}`
    : html`<p class="empty s">${t('caller.open_none')}</p>`}</section>`;
}

/** What the seat waits for, and what the agent can do about it: in no state is there nothing to press. */
function SeatCard() {
  second.value;
  const seat = d.desk.value?.seat;
  const now = d.desk.value ? d.state.value : 'opening';
  const able = d.sound.value.state === 'registered' && d.sound.value.mic === 'open' && d.link.value === 'up';
  return html`<section class=${`card seat-card is-${now}`} aria-labelledby="seat"><div class="pad">
    <div class="num-row"><h1 id="seat">${t(now === 'opening' ? 'seat.opening' : `state.${now}`)}</h1>${seat && html`<${Timer} since=${seat.since} />`}</div>
    <${Reason} seat=${seat} now=${now} />
    <p class="muted">${t(now === 'disabled' && !seat?.ready_again ? 'seat.disabled_break' : `seat.${now}_lead`)}</p>
    <${Quota} seat=${seat} now=${now} /><${ShiftLine} />
    ${now === 'ready' && html`<button type="button" class="btn big" onClick=${() => { d.layer.value = 'break'; }}>${icon('cup')}${t('seat.take_break')}</button>`}
    ${['offline', 'break', 'disabled', 'opening'].includes(now) && html`<button type="button" class="btn primary big" disabled=${!able || now === 'opening'} onClick=${d.goReady}>${t('seat.go_ready')} <${Kbd} action="ready" /></button>`}
    ${now !== 'ready' && !able && html`<p class="help">${t('seat.not_able')}</p><button type="button" class="btn" onClick=${() => location.reload()}>${t('seat.again')}</button>`}
  </div></section>`;
}

/** @param {{seat: any, now: string}} props */
function Reason({ seat, now }) {
  if (!seat?.reason || !['break', 'disabled', 'offline'].includes(now)) return null;
  const by = seat.by && known(`by.${seat.by}`) ? t(`by.${seat.by}`) : '';
  const who = seat.by && !by ? t('seat.by', { who: seat.by }) : '';
  const back = seat.break_until && seat.break_until > d.live.now() ? t('seat.back_in', { time: spell(seat.break_until - d.live.now()) }) : '';
  return html`<p class="ring-facts left"><span class=${`tag ${now === 'disabled' ? 'bad' : ''}`}>${known(`break.${seat.reason}`) ? t(`break.${seat.reason}`) : seat.reason}</span>
    ${who && html`<span class="tag warn">${who}</span>`}${back && html`<span class="tag brand">${back}</span>`}</p>`;
}

/** @param {{seat: any, now: string}} props how long this break may still last; over it, the page says so and lets the agent be */
function Quota({ seat, now }) {
  const quota = now === 'break' ? d.desk.value?.breaks?.[seat?.reason] : null;
  if (!quota?.over_at) return null;
  const left = quota.over_at - d.live.now();
  return html`<p class=${`note ${left < 0 ? 'warn' : ''}`}>${icon('clock')}<span>${left < 0 ? t('quota.over', { time: spell(-left) }) : t('quota.until', { time: spell(left) })}</span></p>`;
}

function ShiftLine() {
  const shift = d.desk.value?.roster;
  if (!shift) return null;
  const times = { from: stamp(shift.begins_at).slice(-5), to: stamp(shift.ends_at).slice(-5) };
  return html`<p class="xs muted">${t('shift.planned', times)}</p>`;
}

export function Left() {
  if (d.call.value?.outgoing) return html`<${OutgoingCard} />${d.pop.value && html`<${CallerCard} /><${OpenCases} />`}`;
  if (d.state.value === 'ringing' && d.call.value) return html`<${RingCard} />`;
  if (!d.call.value && !d.pop.value) return html`<${SeatCard} />`;
  return html`<${CallCard} />${d.pop.value && html`<${CallerCard} /><${OpenCases} />`}`;
}
