// One customer of the list: a line with an arrow, and the whole record below it when it is open.

import { h, replace } from '../../lib/dom.js';
import { country, date, t } from '../../lib/i18n.js';
import { aborted, asProblem } from '../../lib/problem.js';
import { icon, skeleton } from '../../lib/ui.js';
import { save } from './drafts.js';
import { explainHere } from './explain.js';
import { fact, grantBadge } from './parts.js';

/** @typedef {import('./types.js').ListItem} ListItem */

let count = 0;

/** @param {ListItem} item @param {import('./record.js').CustomerRecord} record @param {(open: boolean) => void} toggled @param {() => void} gone the customer is off the list
 * @returns {{ element: HTMLElement, open: () => Promise<void> }} */
export function customerRow(item, record, toggled, gone) {
  count += 1;
  const [buttonId, panelId] = [`customer-${count}`, `customer-${count}-record`];
  const panel = h('div', { id: panelId, class: 'record', role: 'region', 'aria-labelledby': buttonId, hidden: true });
  const facts = h('dl', { class: 'customer-facts' });
  const showFacts = () => {
    const { domain, country: code, delegatedAdmin, establishedAt } = record.read === null ? item
      : { ...record.read.account, ...record.read.relationship };
    replace(facts,
      fact(t('customers.domain'), domain), fact(t('customers.country'), country(code)),
      fact(t('customers.admin'), grantBadge(delegatedAdmin)), fact(t('customers.established'), date(establishedAt)));
  };
  const arrow = h('button', { type: 'button', id: buttonId, class: 'arrow', 'aria-expanded': 'false', 'aria-controls': panelId, onclick: () => toggle() }, icon('chevron'), h('span', null, item.name));
  const element = h('li', { class: 'customer', 'data-customer': item.customerId }, h('div', { class: 'customer-head' }, h('h2', null, arrow), facts), panel);

  const isOpen = () => !panel.hidden;
  const open = async () => {
    panel.hidden = false;
    arrow.setAttribute('aria-expanded', 'true');
    toggled(true);
    // Read anew each time that it is opened: others work with this customer too. What is shown stays until then.
    await show();
  };
  const toggle = () => {
    if (!isOpen()) return void open();
    panel.hidden = true;
    arrow.setAttribute('aria-expanded', 'false');
    toggled(false);
  };
  /** @type {Promise<void> | null} */
  let showing = null;
  // Opened again while it is being read, it is not read twice: no older answer can come last.
  const show = () => (showing ??= read().finally(() => { showing = null; }));
  const read = async () => {
    // What is pressed here goes with what it stands in.
    if (panel.contains(document.activeElement)) arrow.focus();
    const before = panel.querySelector('.record-parts');
    // Seen until the answer comes, but not worked with: what would be changed now might not be in the answer.
    if (before instanceof HTMLElement) before.inert = true;
    else replace(panel, skeleton(8));
    panel.setAttribute('aria-busy', 'true');
    /** @type {typeof import('./panel.js')} */
    let parts;
    try {
      // The list is there without what only an open record needs.
      [parts] = await Promise.all([import('./panel.js'), record.load()]);
    } catch (error) {
      if (!aborted(error)) replace(panel, explainHere(asProblem(error), record, show));
      return;
    } finally {
      panel.removeAttribute('aria-busy');
    }
    save();
    showFacts();
    replace(panel, parts.recordPanel(record, removed));
  };
  const removed = (/** @type {HTMLElement} */ said) => {
    const note = h('li', { class: 'customer' }, said);
    element.replaceWith(note);
    toggled(false);
    gone();
    note.querySelector('h2')?.focus();
  };
  record.reload = () => void show();
  record.leave = () => {
    const next = element.nextElementSibling ?? element.previousElementSibling;
    element.remove();
    toggled(false);
    gone();
    /** @type {HTMLElement | null | undefined} */ (next?.querySelector('.arrow'))?.focus();
  };
  showFacts();
  return { element, open };
}
