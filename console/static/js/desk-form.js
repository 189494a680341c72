// @ts-check
/** The case form: what the citizen asks for. Suggestions are shown with their reason and never applied silently. */
import { html, useEffect, useMemo, useState } from '../vendor/preact.js';
import { ask, get } from './api.js';
import * as d from './desk-state.js';
import { clock, stamp } from './format.js';
import { known, t } from './i18n.js';
import { icon } from './parts.js';
import { Picker } from './pickers.js';

export const INTENTS = ['咨询', '求助', '投诉', '举报', '建议', '表扬', '其他'];
const URGENCIES = ['一般', '紧急', '特急'];
const REPLY_WAYS = ['电话', '短信', '书面', '无需回复'];
// Where life may be in danger the other emergency numbers come first; the words are those of the working rules.
const HAZARDS = ['燃气泄漏', '煤气泄漏', '漏电', '坍塌', '井盖缺失', '积水', '着火', '起火', '受伤', '轻生'];
const THINKING_MS = 400;

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

/** @param {{draft: Draft}} props */
function Category({ draft }) {
  const choices = useCategories();
  const text = draft.value('title') + draft.value('content');
  const near = choices.filter((c) => text.includes(c.leaf)).slice(0, 3);
  const pick = (/** @type {string} */ value) => { draft.set('category', value); draft.save(); };
  return html`<${Field} draft=${draft} name="category" wide="w3" required>
    <${Picker} id="f-category" choices=${choices} value=${draft.value('category')} placeholder=${t('field.category_hint')}
      invalid=${Boolean(draft.errors.value.category)} describedby=${draft.errors.value.category ? 'e-category' : undefined} onPick=${pick} />
    ${near.length > 0 && html`<div class="sug" role="group" aria-label=${t('field.category_near')}><span class="xs muted">${t('field.suggested')}</span>
      ${near.map((c, i) => html`<button type="button" data-suggest=${`Alt+${i + 1}`} aria-pressed=${draft.value('category') === c.value ? 'true' : 'false'} onClick=${() => pick(c.value)}>
        <kbd>Alt ${i + 1}</kbd>${c.text}<em>${t('field.found_word', { word: c.leaf })}</em></button>`)}</div>`}<//>`;
}

/** Units that have the duty for this matter, asked again when the matter or the text has changed. @param {Draft} draft */
function useSuggestions(draft) {
  const [units, setUnits] = useState(/** @type {any[]} */ ([]));
  const [category, text] = [draft.value('category'), `${draft.value('title')} ${draft.value('address')}`.trim()];
  useEffect(() => {
    if (!category && text.length < 4) return undefined;
    let stale = false;
    const timer = setTimeout(async () => {
      const answer = await get('/api/suggest', { category, text });
      if (answer.ok && !stale) setUnits(answer.body.units.slice(0, 3));
    }, THINKING_MS);
    return () => { stale = true; clearTimeout(timer); };
  }, [category, text]);
  return units;
}

/** @param {{draft: Draft}} props */
function Unit({ draft }) {
  const { units } = d.directory.value;
  const choices = useMemo(() => units.map((u) => ({ value: String(u.id), text: u.name, also: `${u.short ?? ''} ${u.id}` })), [units]);
  const near = useSuggestions(draft);
  const pick = (/** @type {string} */ value) => { draft.set('unit', value); draft.save(); };
  const error = draft.errors.value.unit || draft.errors.value.units;
  return html`<div class="f w2"><label for="f-unit">${t('field.unit')}<span class="xs muted">${t('field.unit_note')}</span></label>
    <${Picker} id="f-unit" choices=${choices} value=${draft.value('unit')} placeholder=${t('field.unit_hint')} invalid=${Boolean(error)}
      describedby=${error ? 'e-unit' : undefined} onPick=${pick} />
    ${error && html`<p class="err" id="e-unit">${error}</p>`}</div>
    <${Due} draft=${draft} />
    ${near.length > 0 && html`<div class="sug w3" role="group" aria-label=${t('field.unit_near')}><span class="xs muted">${t('field.suggested')}</span>
      ${near.map((u, i) => html`<button type="button" data-suggest=${`Alt+${'QWE'[i]}`} aria-pressed=${draft.value('unit') === String(u.id) ? 'true' : 'false'} onClick=${() => pick(String(u.id))}>
        <kbd>Alt ${'QWE'[i]}</kbd>${u.name}<em>${u.why}</em></button>`)}</div>`}`;
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
  const { answer, instruction, ...fields } = draft.fields.value;
  const body = { key: draft.key, action, call: draft.call, fields, ...(action === 'answer' && { answer: answer ?? '' }),
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
  return draft.savedAt.value ? html`<span class="tag brand">${t('draft.saved', { at: clock(draft.savedAt.value + d.live.offset) })}</span>` : null;
}

/** @param {{draft: Draft}} props */
function Fields({ draft }) {
  return html`<form class="fields" onSubmit=${(/** @type {Event} */ e) => e.preventDefault()} autocomplete="off">
    <${Field} draft=${draft} name="title" wide="w2" required><input type="text" ...${bound(draft, 'title', 100)} /><//>
    <${Field} draft=${draft} name="intent" required><${Select} draft=${draft} name="intent" values=${INTENTS} empty=${t('field.choose')} /><//>
    <${Field} draft=${draft} name="content" wide="w3" required><textarea class="tall" ...${bound(draft, 'content', 4000)}></textarea><//>
    <${Hazard} draft=${draft} />
    <${Field} draft=${draft} name="address" wide="w2" required><input type="text" placeholder=${t('field.address_hint')} ...${bound(draft, 'address', 200)} /><//>
    <${Field} draft=${draft} name="urgency"><${Select} draft=${draft} name="urgency" values=${URGENCIES} /><//>
    <${Category} draft=${draft} />
    <${Unit} draft=${draft} />
    <${Field} draft=${draft} name="contact_name"><input type="text" ...${bound(draft, 'contact_name', 60)} /><//>
    <${Field} draft=${draft} name="contact_number"><input type="tel" ...${bound(draft, 'contact_number', 40)} /><//>
    <${Field} draft=${draft} name="reply_way"><${Select} draft=${draft} name="reply_way" values=${REPLY_WAYS} /><//>
    <label class="check w3"><input type="checkbox" id="f-confidential" checked=${draft.value('confidential') === '1'}
      onChange=${(/** @type {any} */ e) => draft.set('confidential', e.target.checked ? '1' : '')} />${t('field.confidential')}<span class="xs muted">${t('field.confidential_note')}</span></label>
    <${Field} draft=${draft} name="instruction" wide="w3"><input type="text" placeholder=${t('field.instruction_hint')} ...${bound(draft, 'instruction', 500)} /><//>
    <${Field} draft=${draft} name="answer" wide="w3"><textarea class="low" placeholder=${t('field.answer_hint')} ...${bound(draft, 'answer', 4000)}></textarea><//>
  </form>`;
}

/** @param {{draft: Draft}} props */
export function CaseForm({ draft }) {
  const sending = draft.sending.value;
  return html`<header><h2 id="form-title">${t('form.title')}</h2><${SavedTag} draft=${draft} /></header>
    <div class="scroll" tabindex="-1"><${Fields} draft=${draft} /></div>
    ${draft.problem.value && html`<p class="note bad flat">${icon('alert')}<span>${draft.problem.value}</span></p>`}
    <div class="bar">
      <button type="button" class="btn" onClick=${() => draft.save()}>${t('form.save')} <kbd>Ctrl S</kbd></button>
      <button type="button" class="btn" disabled=${sending} onClick=${() => submit(draft, 'answer')}>${t('form.answer')} <kbd>Ctrl Shift Enter</kbd></button>
      <span class="sp"></span>
      <button type="button" class="btn" disabled=${sending} onClick=${() => submit(draft, 'register')}>${t('form.register')}</button>
      <button type="button" class="btn primary" disabled=${sending} onClick=${() => submit(draft, 'dispatch')}>${t('form.dispatch')} <kbd>Ctrl Enter</kbd></button>
    </div>`;
}
