// Removing the relationship: first what blocks it and what to do about each, else what will end, and the customer's name to type.

import { h, replace } from '../../lib/dom.js';
import { t } from '../../lib/i18n.js';
import { aborted, asProblem, Problem } from '../../lib/problem.js';
import { badge, busy, dialog, field, fieldError } from '../../lib/ui.js';
import { explainHere } from './explain.js';
import { section } from './parts.js';

/** @typedef {import('./record.js').CustomerRecord} CustomerRecord */
/** @typedef {import('./types.js').Commitment} Commitment */
/** @typedef {import('./types.js').Removal} Removal */

/** @param {CustomerRecord} record @param {(removal: Removal) => void} removed */
export function removalSection(record, removed) {
  const problem = h('div', null);
  const ask = async () => {
    // "Try again" goes with what it stands in.
    if (problem.contains(document.activeElement)) open.focus();
    replace(problem);
    try {
      // What was read with the record may be one page of many, and old by now.
      const blocking = (await busy(open, record.everySubscription())).filter(({ status }) => status === 'active');
      const outcome = blocking.length > 0 ? blocking : await confirm(record);
      // Sold while the dialog was open, so the record does not know it yet.
      if (Array.isArray(outcome) && outcome.some(({ id }) => !record.subscriptions.has(id))) await record.everySubscription();
      if (Array.isArray(outcome)) await blocked(record, outcome);
      else if (outcome !== null) removed(outcome);
    } catch (error) {
      if (!aborted(error)) replace(problem, explainHere(asProblem(error), record, ask));
    }
  };
  const open = h('button', { type: 'button', class: 'button danger', onclick: ask }, t('customers.remove'));
  return section(t('customers.removal'), 'removal', h('p', { class: 'hint' }, t('customers.removal.hint')), h('div', null, open), problem);
}

/** What blocks the removal, with what to do about each kind.
 * @param {CustomerRecord} record @param {Commitment[]} commitments */
async function blocked(record, commitments) {
  const kinds = [...new Set(commitments.map(({ kind }) => kind))];
  const shown = dialog({
    title: t('customers.blocked.title', { name: record.now.account.name }), wide: true,
    body: [
      h('p', null, t('customers.blocked.body', { count: commitments.length })),
      h('ul', { class: 'items', 'aria-label': t('customers.blocked.list') }, commitments.map(({ id, kind, name, status }) => h('li', { class: 'item item-head' },
        h('strong', null, name), badge('info', t(`customers.kind.${kind}`)), badge('ok', t(`customers.status.${status}`)),
        h('button', { type: 'button', class: 'button small', onclick: () => shown.close(id) }, t('customers.blocked.show'), h('span', { class: 'visually-hidden' }, ` ${name}`))))),
      h('p', null, t('customers.blocked.todo')),
      h('ul', null, kinds.map((kind) => h('li', null, t(`customers.blocked.todo.${kind}`)))),
    ],
    actions: [{ label: t('action.close'), kind: 'primary', value: '' }],
  });
  const chosen = await shown.closed;
  if (chosen) record.show(chosen);
}

/** What will end, and the name to type.
 * @param {CustomerRecord} record @returns {Promise<Removal | Commitment[] | null>} what ended; what blocks it after all; nothing, where it was not meant */
async function confirm(record) {
  const { name } = record.now.account;
  const effects = ['customerList', 'supportContacts', 'purchases', ...(record.granted ? ['delegatedAdmin'] : [])];
  const input = h('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none' });
  /** @type {Removal | Commitment[] | null} */
  let outcome = null;
  const problem = h('div', null);
  const remove = async () => {
    replace(problem);
    if (asRead(input.value) !== asRead(name)) {
      fieldError(input, t('customers.remove.other', { name }));
      input.focus();
      return false;
    }
    try {
      outcome = await record.remove();
    } catch (error) {
      if (error instanceof Problem && error.slug === 'has-commitments') outcome = error.body.commitments;
      else if (aborted(error)) return true;
      else {
        replace(problem, explainHere(asProblem(error), record, () => press()));
        return false;
      }
    }
    return true;
  };
  const shown = dialog({
    title: t('customers.remove.title', { name }),
    body: [
      h('p', null, t('customers.remove.body')),
      h('ul', { 'aria-label': t('customers.remove.ends') }, effects.map((effect) => h('li', null, t(`customers.effect.${effect}.will`)))),
      record.now.relationship.responsibility.partnerResponsible && h('p', { class: 'notice warn' }, t('customers.remove.responsible')),
      field({ label: t('customers.remove.type', { name }), input }),
      problem,
    ],
    actions: [{ label: t('customers.remove'), kind: 'danger', onclick: remove, value: 'removed' }, { label: t('customers.keep') }],
  });
  const press = () => /** @type {HTMLButtonElement | null} */ (shown.element.querySelector('.dialog-actions .danger'))?.click();
  input.addEventListener('keydown', (event) => { if (event.key === 'Enter' && !event.isComposing) { event.preventDefault(); press(); } });
  input.focus();
  await shown.closed;
  return outcome;
}

/** A name as it is seen on a page, which shows several spaces as one, and composed letters like others. @param {string} name */
function asRead(name) {
  return name.normalize('NFC').replace(/\s+/g, ' ').trim();
}

/** What ended, in place of the customer that is off the list.
 * @param {Removal} removal @param {string} name @param {() => void} dismiss */
export function ended({ effects }, name, dismiss) {
  return h('div', { class: 'notice ok stack', role: 'status' },
    h('h2', { tabindex: -1 }, t('customers.ended.title', { name })),
    h('ul', null, effects.map((effect) => h('li', null, t(`customers.effect.${effect}`)))),
    h('p', null, t('customers.ended.again')),
    h('div', { class: 'row' }, h('a', { class: 'button', href: '/request' }, t('customers.request')), h('button', { type: 'button', class: 'button', onclick: dismiss }, t('action.close'))));
}
