// The record that a row opens: all its parts, and a way to each.

import { h } from '../../lib/dom.js';
import { t } from '../../lib/i18n.js';
import { accountSection, supportSection } from './account.js';
import { adminSection } from './admin.js';
import { ended, removalSection } from './removal.js';
import { requestsSection } from './requests.js';
import { subscriptionsSection } from './subscriptions.js';
import { usersSection } from './users.js';

/** @param {import('./record.js').CustomerRecord} record as it was read @param {(said: HTMLElement) => void} removed the relationship ended: what to say in place of the row
 * @returns {HTMLElement} */
export function recordPanel(record, removed) {
  const { name } = record.now.account;
  const side = [accountSection(record), adminSection(record), supportSection(record)];
  const main = [subscriptionsSection(record), usersSection(record), requestsSection(record)];
  const removal = removalSection(record, (outcome) => {
    const said = ended(outcome, name, () => said.parentElement?.remove());
    removed(said);
  });
  return h('div', { class: 'record-parts' }, jump(name, [...side, ...main, removal]), h('div', { class: 'record-side' }, side), h('div', { class: 'record-main' }, main), removal);
}

/** The record's parts by name: it may be long, and nobody should have to pass all of it. @param {string} name @param {HTMLElement[]} sections */
function jump(name, sections) {
  return h('nav', { class: 'jump', 'aria-label': t('customers.jump', { name }) }, sections.map((each) => {
    const heading = /** @type {HTMLElement} */ (each.querySelector('h3'));
    return h('a', { href: `#${heading.id}`, onclick: (/** @type {Event} */ event) => { event.preventDefault(); heading.focus(); } }, heading.textContent);
  }));
}
