// @ts-check
/** The case form: what the citizen asks for. Suggestions are shown with their reason and never applied silently. */
import { html, useEffect, useMemo, useState } from '../vendor/preact.js';
import { ask, get } from './api.js';
import { Kbd } from './desk-keys.js';
import { DuplicateHint } from './desk-merge.js';
import { Address } from './desk-places.js';
import * as d from './desk-state.js';
import { suggested } from './desk-suggest.js';
import { clock, stamp } from './format.js';
import { known, t } from './i18n.js';
import { icon } from './parts.js';
import { Picker } from './pickers.js';

export const INTENTS = ['咨询', '求助', '投诉', '举报', '建议', '表扬', '其他'];
const URGENCIES = ['一般', '紧急', '特急'];
const REPLY_WAYS = ['电话', '短信', '书面', '无需回复'];
// Where life may be in danger the other emergency numbers come first; the words are those of the working rules.
const HAZARDS = ['燃气泄漏', '煤气泄漏', '漏电', '坍塌', '井盖缺失', '积水', '着火', '起火', '受伤', '轻生'];

/** @typedef {import('./drafts.js').Draft} Draft */

/** @param {string} prefix @param {string} value */
const word = (prefix, value) => (known(`${prefix}.${value}`) ? t(`${prefix}.${value}`) : value);

/** @param {{draft: Draft, name: string, wide?: string, required?: boolean, label?: string, children: any}} props */
function Field({ draft, name, wide = '', required = false, label = t(`field.${name}`), children }) {
  const error = draft.errors.value[name];
  return html`<div class=${`f ${wide}`}><label for=${`f-${name}`}>${label}${required && html`<span class="req" data-req=${t('field.required')}></span>`}</label>
    ${children}${error && html`<p class="err" id=${`e-${name}`}>${error}</p>`}</div>`;
}

/** @param {Draft} draft @param {string} name @param {number} most */
const bound = (draft, name, most) => ({
  id: `f-${name}`,
  name,
  maxlength: most,
  value: draft.value(name),
  'aria-invalid': draft.errors.value[name] ? 'true' : undefined,
  'aria-describedby': draft.errors.value[name] ? `e-${name}` : undefined,
  onInput: (/** @type {any} */ e) => draft.set(name, e.target.value),
  onBlur: () => draft.save(),
});

/** @param {{draft: Draft, name: string, values: string[], empty?: string}} props */
const Select = ({ draft, name, values, empty }) => html`<select ...${bound(draft, name, 40)}>
  ${empty && html`<option value="" selected=${!draft.value(name)}>${empty}</option>`}
  ${values.map((v) => html`<option value=${v} selected=${draft.value(name) === v}>${word(name, v)}</option>`)}</select>`;

/** The leaves of the tree of matters, each with its branch in front. */
function useCategories() {
  const { categories } = d.directory.value;
  return useMemo(() => {
    const names = new Map(categories.map((c) => [c.code, c.name]));
    const branches = new Set(categories.map((c) => c.parent).filter(Boolean));
    return categories.filter((c) => !branches.has(c.code))
      .map((c) => ({ value: c.code, text: c.parent ? `${names.get(c.parent)} / ${c.name}` : c.name, also: c.code, leaf: c.name }));
  }, [categories]);
}

/** What the server proposes, or, while it says nothing, matters that the text names. @param {Draft} draft @param {any[]} choices */
function near(draft, choices) {
  const { categories } = suggested.value;
  if (categories.length) return categories.map((c) => ({ value: c.code, text: c.path || c.name, why: c.why, share: c.share }));
  const text = draft.value('title') + draft.value('content');
  return choices.filter((c) => text.includes(c.leaf)).slice(0, 3).map((c) => ({ value: c.value, text: c.text, why: t('field.found_word', { word: c.leaf }), share: null }));
}

/** @param {{draft: Draft, name: string, action: string, offers: {value: string, text: string, why: string, share?: number | null}[], onPick: (value: string) => void}} props */
const Offers = ({ draft, name, action, offers, onPick }) => html`<div class="sug" role="group" aria-label=${t(`field.${name}_near`)}><span class="xs muted">${t('field.suggested')}</span>
  ${offers.slice(0, 3).map((one, i) => html`<button type="button" key=${one.value} data-suggest=${`${action}_${i + 1}`} title=${one.why} aria-pressed=${draft.value(name) === one.value ? 'true' : 'false'} onClick=${() => onPick(one.value)}>
    <${Kbd} action=${`${action}_${i + 1}`} /><b>${one.text}</b>${one.share != null && html`<em class="num">${Math.round(one.share * 100)}%</em>`}<em class="why">${one.why}</em></button>`)}</div>`;

/** @param {{draft: Draft}} props */
function Category({ draft }) {
  const choices = useCategories();
  const offers = near(draft, choices);
  const pick = (/** @type {string} */ value) => { draft.set('category', value); draft.save(); };
  return html`<${Field} draft=${draft} name="category" wide="w2" required>
    <${Picker} id="f-category" choices=${choices} value=${draft.value('category')} placeholder=${t('field.category_hint')}
      invalid=${Boolean(draft.errors.value.category)} describedby=${draft.errors.value.category ? 'e-category' : undefined} onPick=${pick} /><//>
    <${Due} draft=${draft} />
    ${offers.length > 0 && html`<div class="w3 near"><${Offers} draft=${draft} name="category" action="category" offers=${offers} onPick=${pick} /></div>`}`;
}

/** @param {{draft: Draft}} props */
function Unit({ draft }) {
  const { units } = d.directory.value;
  const choices = useMemo(() => units.map((u) => ({ value: String(u.id), text: u.name, also: `${u.short ?? ''} ${u.id}` })), [units]);
  const offers = suggested.value.units.map((u) => ({ value: String(u.id), text: u.name, why: u.why }));
  const pick = (/** @type {string} */ value) => { draft.set('unit', value); draft.save(); };
  const error = draft.errors.value.unit || draft.errors.value.units;
  return html`<div class="f w2"><label for="f-unit">${t('field.unit')}<span class="xs muted">${t('field.unit_note')}</span></label>
    <${Picker} id="f-unit" choices=${choices} value=${draft.value('unit')} placeholder=${t('field.unit_hint')} invalid=${Boolean(error)}
      describedby=${error ? 'e-unit' : undefined} onPick=${pick} />
    ${error && html`<p class="err" id="e-unit">${error}</p>`}</div>
    <${Field} draft=${draft} name="reply_way"><${Select} draft=${draft} name="reply_way" values=${REPLY_WAYS} /><//>
    ${offers.length > 0 && html`<div class="w3 near"><${Offers} draft=${draft} name="unit" action="unit" offers=${offers} onPick=${pick} /></div>`}`;
}

/** @param {{draft: Draft}} props */
function Due({ draft }) {
  const [due, setDue] = useState(/** @type {any} */ (null));
  const [intent, category] = [draft.value('intent'), draft.value('category')];
  useEffect(() => {
    if (!intent) return undefined;
    let stale = false;
    get('/api/due', { intent, category }).then((answer) => { if (answer.ok && !stale) setDue(answer.body); });
    return () => { stale = true; };
  }, [intent, category]);
  return html`<div class="f"><span class="lab">${t('field.due')}</span>
    ${due ? html`<p class="due"><b>${t('field.due_before', { at: stamp(due.reply_by) })}</b><span class="xs muted">${due.text}</span></p>`
    : html`<p class="due muted">${t('field.due_none')}</p>`}</div>`;
}

/** @param {{draft: Draft}} props */
function Hazard({ draft }) {
  const found = HAZARDS.filter((hazard) => draft.value('content').includes(hazard) || draft.value('title').includes(hazard));
  return found.length ? html`<p class="note warn w3" role="status">${icon('alert')}<span>${t('field.hazard', { words: found.join('、') })}</span></p>` : null;
}

/**
 * @param {Draft} draft @param {'register'|'answer'|'dispatch'} action
 */
export async function submit(draft, action) {
  if (draft.sending.value || d.filed.value) return;
  draft.sending.value = true;
  draft.problem.value = '';
  await draft.settled();
  const { answer, instruction, ...fields } = draft.fields.value;
  const body = { key: draft.key, action, call: draft.call, fields, suggestion: suggested.value.asked, ...(action === 'answer' && { answer: answer ?? '' }),
    ...(action === 'dispatch' && { units: fields.unit ? [fields.unit] : [], instruction: instruction ?? '' }) };
  const got = await ask('POST', '/api/cases', body);
  draft.sending.value = false;
  if (got.ok) {
    draft.finish();
    d.showFiled(got.body, draft.value('title'), action === 'answer' ? 'answered' : 'case');
  } else {
    refused(draft, got);
  }
}

/** @param {Draft} draft @param {import('./api.js').Answer} got */
function refused(draft, got) {
  const errors = got.status === 400 ? got.body?.errors : null;
  if (errors) {
    draft.errors.value = errors;
    draft.problem.value = t('form.look', { n: Object.keys(errors).length });
    const first = document.getElementById(`f-${{ units: 'unit' }[Object.keys(errors)[0]] ?? Object.keys(errors)[0]}`);
    setTimeout(() => first?.focus());
  } else if (got.status === 409) draft.problem.value = t('form.conflict', { why: got.body?.error ?? '' });
  else if (got.status === 0) draft.problem.value = t('form.unreached');
  else draft.problem.value = got.body?.error ?? t('form.refused', { status: got.status });
  d.shouted.value = draft.problem.value;
}

/** @param {{draft: Draft}} props */
function SavedTag({ draft }) {
  if (draft.unsaved.value && d.link.value !== 'up') return html`<span class="tag warn">${t('draft.here_only')}</span>`;
  if (draft.unsaved.value) return html`<span class="tag">${t('draft.saving')}</span>`;
  return draft.savedAt.value ? html`${draft.no.value && html`<span class="num s" title=${t('draft.no')}>${draft.no.value}</span>`}<span class="tag brand">${t('draft.saved', { at: clock(draft.savedAt.value + d.live.offset) })}</span>` : null;
}

/** @param {{draft: Draft}} props */
function Fields({ draft }) {
  return html`<form class="fields" onSubmit=${(/** @type {Event} */ e) => e.preventDefault()} autocomplete="off">
    <${Field} draft=${draft} name="title" wide="w2" required><input type="text" ...${bound(draft, 'title', 100)} /><//>
    <${Field} draft=${draft} name="intent" required><${Select} draft=${draft} name="intent" values=${INTENTS} empty=${t('field.choose')} /><//>
    <${Field} draft=${draft} name="content" wide="w3" required><textarea class="tall" ...${bound(draft, 'content', 4000)}></textarea><//>
    <${Hazard} draft=${draft} />
    <${Field} draft=${draft} name="address" wide="w2" required><${Address} draft=${draft} bound=${bound(draft, 'address', 200)} /><//>
    <${Field} draft=${draft} name="urgency"><${Select} draft=${draft} name="urgency" values=${URGENCIES} /><//>
    <${Category} draft=${draft} />
    <${Unit} draft=${draft} />
    <${Field} draft=${draft} name="contact_name"><input type="text" ...${bound(draft, 'contact_name', 60)} /><//>
    <${Field} draft=${draft} name="contact_number"><input type="tel" ...${bound(draft, 'contact_number', 40)} /><//>
    <div class="f"><span class="lab">${t('field.confidential')}</span><label class="check"><input type="checkbox" id="f-confidential" checked=${draft.value('confidential') === '1'}
      onChange=${(/** @type {any} */ e) => draft.set('confidential', e.target.checked ? '1' : '')} /><span class="s">${t('field.confidential_note')}</span></label></div>
    <${Field} draft=${draft} name="instruction" wide="w3"><input type="text" placeholder=${t('field.instruction_hint')} ...${bound(draft, 'instruction', 500)} /><//>
    <${Field} draft=${draft} name="answer" wide="w3"><textarea class="low" placeholder=${t('field.answer_hint')} ...${bound(draft, 'answer', 4000)}></textarea><//>
  </form>`;
}

/** @param {{draft: Draft}} props */
export function CaseForm({ draft }) {
  const sending = draft.sending.value;
  return html`<header><h2 id="form-title">${t('form.title')}</h2><${SavedTag} draft=${draft} /><${DuplicateHint} /></header>
    <div class="scroll" tabindex="-1"><${Fields} draft=${draft} /></div>
    ${draft.problem.value && html`<p class="note bad flat">${icon('alert')}<span>${draft.problem.value}</span></p>`}
    <div class="bar">
      <button type="button" class="btn" onClick=${() => draft.save()}>${t('form.save')} <${Kbd} action="save" /></button>
      <button type="button" class="btn" disabled=${sending} onClick=${() => submit(draft, 'answer')}>${t('form.answer')} <${Kbd} action="answered" /></button>
      <span class="sp"></span>
      <button type="button" class="btn" disabled=${sending} onClick=${() => submit(draft, 'register')}>${t('form.register')}</button>
      <button type="button" class="btn primary" disabled=${sending} onClick=${() => submit(draft, 'dispatch')}>${t('form.dispatch')} <${Kbd} action="dispatch" /></button>
    </div>`;
}
