// Pieces that the sections of a record share.

import { h, replace } from '../../lib/dom.js';
import { dateTime, t } from '../../lib/i18n.js';
import { aborted, asProblem } from '../../lib/problem.js';
import { badge, busy, icon, pager } from '../../lib/ui.js';
import { save } from './drafts.js';
import { explainHere } from './explain.js';

/** @typedef {import('../../lib/dom.js').Child} Child */
/** @typedef {import('./types.js').Grant} Grant */
/** @typedef {import('./record.js').CustomerRecord} CustomerRecord */

let count = 0;

/** A part of the record under a heading. @param {string} heading @param {string} name its class @param {...Child} children */
export function section(heading, name, ...children) {
  count += 1;
  const id = `section-${count}`;
  return h('section', { class: `record-part ${name} stack`, 'aria-labelledby': id }, h('h3', { id, tabindex: -1 }, heading), ...children);
}

/** A term and what it stands for; nothing where there is nothing to say. @param {string} term @param {...Child} what */
export function fact(term, ...what) {
  return what.every((one) => one === null || one === undefined || one === '' || one === false) ? null : h('div', null, h('dt', null, term), h('dd', null, ...what));
}

/** @type {Record<Grant, 'ok' | 'warn' | 'muted'>} */
const GRANT = { granted: 'ok', notRequested: 'muted', removedByCustomer: 'warn', removedByPartner: 'muted' };

/** @param {Grant} grant */
export function grantBadge(grant) {
  return badge(GRANT[grant] ?? 'muted', t(`customers.grant.${grant}`));
}

/** @param {string} iso */
export function time(iso) {
  return h('time', { datetime: iso }, dateTime(iso));
}

/** What happened, oldest first, behind a switch. @param {string} of whose history, for those who hear the page @param {string} texts prefix of the texts @param {import('./types.js').Step[]} steps */
export function history(of, texts, steps) {
  if (steps.length === 0) return null;
  return h('details', { class: 'history' },
    h('summary', null, t('customers.history'), h('span', { class: 'visually-hidden' }, ` ${of}`)),
    h('ol', null, steps.map((step) => h('li', null,
      time(step.at), ' ', h('strong', null, t(`${texts}.${step.what}`)),
      step.by && h('span', { class: 'hint' }, ` ${t('customers.by')} `, h('code', null, step.by))))));
}

/** A button whose name also says what it is about, for one among many.
 * @param {string} text @param {string} about @param {Record<string, unknown>} [props] */
export function button(text, about, props) {
  return h('button', { type: 'button', class: 'button small', ...props }, text, h('span', { class: 'visually-hidden' }, ` ${about}`));
}

/** A button that does something at once. What goes wrong stands in `slot`.
 * @param {string} text @param {string} about @param {HTMLElement} slot @param {CustomerRecord} record
 * @param {{ sure?: () => Promise<boolean>, act: () => Promise<() => void>, [attribute: string]: unknown }} props `sure` asks first; `act` answers what shows the outcome */
export function actButton(text, about, slot, record, { sure, act, ...props }) {
  const run = async () => {
    // "Try again" goes with what it stands in.
    if (slot.contains(document.activeElement)) made.focus();
    replace(slot);
    // Asked before the button is busy: a button that cannot be pressed cannot get the focus back from the dialog.
    if (sure !== undefined && !(await sure())) return;
    try {
      const show = await busy(made, act());
      show();
    } catch (error) {
      if (!aborted(error)) replace(slot, explainHere(asProblem(error), record, run));
    }
  };
  const made = button(text, about, { ...props, onclick: run });
  return made;
}

/** So many rows at a time: a record is read as a whole, and the next part must not be far. */
const SHOWN = 10;

/** A list of a record that begins with the page that the record brought.
 * @template {{ id: string }} T
 * @param {{ list: HTMLElement, first: import('./types.js').Page<T>, next: (cursor: string) => Promise<import('./types.js').Page<T>>, row: (one: T) => HTMLElement, empty: string }} parts */
export function paged({ list, first, next, row, empty }) {
  const waiting = [...first.items];
  let cursor = first.nextCursor;
  const load = async () => {
    if (waiting.length < SHOWN && cursor !== undefined) {
      const page = await next(cursor);
      waiting.push(...page.items);
      cursor = page.nextCursor;
    }
    const items = waiting.splice(0, SHOWN);
    return { items, nextCursor: waiting.length > 0 ? 'waiting' : cursor };
  };
  const more = pager(load, (items) => {
    // What was made here stands at the top already.
    const rows = items.filter(({ id }) => list.querySelector(`[data-id="${id}"]`) === null).map(row);
    list.append(...rows);
    return headingOf(rows[0]);
  });
  // The style hides the words behind a list that has something, whoever put it there.
  return [list, h('p', { class: 'hint none' }, empty), more];
}

/** @param {HTMLElement | undefined} row */
export function focusRow(row) {
  headingOf(row)?.focus();
}

/** A row's heading, made fit for the focus. @param {HTMLElement | undefined} row */
function headingOf(row) {
  const heading = row?.querySelector('h4');
  if (heading) heading.tabIndex = -1;
  return heading;
}

/** Renders a part of a row again and leaves the focus in it: on the control of the same `data-act`, else on the row's heading.
 * @param {HTMLElement} row @param {() => void} render */
export function rerendered(row, render) {
  // Forms that are open in it open again with what was typed.
  save();
  const before = document.activeElement;
  const act = before instanceof HTMLElement && row.contains(before) ? (before.dataset.act ?? '') : null;
  render();
  if (act === null || row.contains(document.activeElement)) return;
  const again = row.querySelector(`[data-act="${act}"]`);
  if (act !== '' && again instanceof HTMLElement) again.focus();
  else focusRow(row);
}

/** A section's own "new" button. @param {string} text */
export function newButton(text) {
  return h('button', { type: 'button', class: 'button small' }, icon('plus'), text);
}
