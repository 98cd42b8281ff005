// Forms that open where they belong: below a button, closed by sending or by Cancel. A refusal leaves them open with everything that was typed.

import { h, replace } from '../../lib/dom.js';
import { t } from '../../lib/i18n.js';
import { aborted, asProblem } from '../../lib/problem.js';
import { busy, clearFieldErrors, field, fieldError, fieldErrors } from '../../lib/ui.js';
import { closed, fillIn, opened, typed, valuesOf } from './drafts.js';
import { explainHere } from './explain.js';

/** @typedef {import('../../lib/dom.js').Child} Child */
/** @typedef {import('../../lib/problem.js').Problem} Problem */
/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */

/** What a form is made of.
 * @typedef {object} Parts
 * @property {string} name of the draft, see drafts.js
 * @property {string} title what the form is for, also its accessible name
 * @property {string} submit the button that sends it
 * @property {() => Child | Promise<Child>} fields
 * @property {(form: HTMLFormElement) => Promise<() => void>} act sends it, and answers what shows the outcome once the form is closed; a problem that it throws is shown in the form
 * @property {(problem: Problem) => { pointer: string, detail: string }[] | null} [place] problems that are about one field, beside `validation-failed`
 * @property {import('./record.js').CustomerRecord} record */

/** Makes the button a switch that opens and closes a form in `slot`. What was typed before the page was left opens it at once.
 * @param {HTMLButtonElement} opener @param {HTMLElement} slot @param {() => Parts} parts asked each time, so that fields show what is known then */
export function opensForm(opener, slot, parts) {
  if (slot.id === '') slot.id = `form-${crypto.randomUUID()}`;
  opener.setAttribute('aria-expanded', 'false');
  opener.setAttribute('aria-controls', slot.id);
  let showing = '';
  const close = () => {
    closed(showing);
    showing = '';
    opener.setAttribute('aria-expanded', 'false');
    replace(slot);
    if (opener.isConnected) opener.focus();
  };
  const show = async () => {
    const made = parts();
    showing = made.name;
    opener.setAttribute('aria-expanded', 'true');
    try {
      const form = await render(made, close);
      // Closed again while its fields were being fetched.
      if (showing !== made.name) return;
      const before = typed(made.name);
      if (before !== null) fillIn(form, before);
      opened(made.name, form);
      replace(slot, form);
    } catch (error) {
      if (!aborted(error)) replace(slot, explainHere(asProblem(error), made.record, showAndFocus));
    }
  };
  const showAndFocus = () => void busy(opener, show()).then(() => firstControl(slot)?.focus());
  opener.addEventListener('click', () => { if (showing === '') showAndFocus(); else close(); });
  if (typed(parts().name) !== null) void show();
}

/** @param {Parts} parts @param {() => void} close @returns {Promise<HTMLFormElement>} */
async function render({ title, submit, fields, act, place, record }, close) {
  const outcome = h('div', null);
  const send = h('button', { type: 'submit', class: 'button primary' }, submit);
  const form = h('form', {
    class: 'inline-form stack', novalidate: true, 'aria-label': title,
    onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); if (!send.disabled) void submitted(); },
  },
  h('h4', null, title), await fields(), outcome,
  // What was asked last and under which key: see `keyOf`.
  h('input', { type: 'hidden', name: 'content' }), h('input', { type: 'hidden', name: 'key' }),
  h('div', { class: 'row' }, send, h('button', { type: 'button', class: 'button', onclick: close }, t('action.cancel'))));
  const submitted = async () => {
    replace(outcome);
    if (!complete(form)) return;
    try {
      const show = await busy(send, act(form));
      close();
      show();
    } catch (error) {
      if (aborted(error)) return;
      const problem = asProblem(error);
      // The next try is another request, with a key of its own.
      if (problem.slug === 'idempotency-key-reused') fillIn(form, { content: '' });
      const placed = place?.(problem);
      if (placed) problem.errors = placed;
      if (problem.errors.length > 0 && fieldErrors(form, problem)) return;
      replace(outcome, explainHere(problem, record, () => form.requestSubmit()));
    }
  };
  return form;
}

/** Checks what the browser can check, and says it in the language of the page.
 * @param {HTMLFormElement} form @returns {boolean} */
export function complete(form) {
  clearFieldErrors(form);
  /** @type {Control | null} */
  let first = null;
  for (const control of /** @type {NodeListOf<Control>} */ (form.querySelectorAll('input, select, textarea'))) {
    const blank = control.required && control.value.trim() === '';
    if (!blank && control.validity.valid) continue;
    fieldError(control, blank ? t('customers.bad.required') : wrong(control));
    first ??= control;
  }
  first?.focus();
  return first === null;
}

/** @param {Control} control @returns {string} */
function wrong(control) {
  if (control.dataset.bad !== undefined) return t(control.dataset.bad);
  const { validity } = control;
  if (validity.tooLong) return t('customers.bad.long', { count: Number(control.getAttribute('maxlength')) });
  if (control instanceof HTMLInputElement && control.type === 'number') return t('customers.bad.number', { min: Number(control.min), max: Number(control.max) });
  if (control instanceof HTMLInputElement && control.type === 'email') return t('customers.bad.email');
  return t('customers.bad.value');
}

/** One labelled line. @param {string} name @param {string} pointer @param {{ label: string, hint?: Child, optional?: boolean }} said @param {Record<string, unknown>} [props] */
export function line(name, pointer, said, props) {
  return field({ ...said, pointer, input: h('input', { type: 'text', name, autocomplete: 'off', required: !said.optional, ...props }) });
}

/** Several lines of text. @param {string} name @param {string} pointer @param {{ label: string, hint?: Child }} said @param {Record<string, unknown>} [props] */
export function lines(name, pointer, said, props) {
  return field({ ...said, pointer, input: h('textarea', { name, rows: 4, required: true, ...props }) });
}

/** A choice from a short list. @param {string} name @param {string} pointer @param {{ label: string, hint?: Child, optional?: boolean }} said @param {[value: string, text: string, disabled?: boolean][]} options @param {string} [value] */
export function choice(name, pointer, said, options, value) {
  return field({ ...said, pointer, input: h('select', { name, value }, options.map(([each, text, disabled]) => h('option', { value: each, disabled }, text))) });
}

/** A text of the form, trimmed. @param {HTMLFormElement} form @param {string} name */
export function textOf(form, name) {
  return String(valuesOf(form)[name] ?? '').trim();
}

/** The key of a request that makes something: the same content has the same one, however often it is sent and also after a reload; other content has another.
 * @param {HTMLFormElement} form @param {object} body @returns {string} */
export function keyOf(form, body) {
  const { content, key } = /** @type {Record<string, HTMLInputElement>} */ (/** @type {unknown} */ (form.elements));
  if (content === undefined || key === undefined) throw new Error('every form of these pages has both');
  const asked = JSON.stringify(body);
  if (content.value !== asked) [content.value, key.value] = [asked, crypto.randomUUID()];
  return key.value;
}

/** @param {HTMLElement} within @returns {HTMLElement | null} */
function firstControl(within) {
  return within.querySelector('input:not([type="hidden"]), select, textarea');
}
