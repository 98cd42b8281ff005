// What a refusal means in a customer's record, and the button that helps; what is not special here, the portal's own box says.

import { h } from '../../lib/dom.js';
import { dateTime, t } from '../../lib/i18n.js';
import { explain, problemBox } from '../../lib/ui.js';

/** @typedef {import('../../lib/dom.js').Child} Child */
/** @typedef {import('../../lib/problem.js').Problem} Problem */
/** @typedef {import('./record.js').CustomerRecord} CustomerRecord */

/** After these the same request may succeed. */
const REPEATABLE = ['conflict', 'offline', 'gateway', 'internal', 'unavailable', 'signed-out', 'token-refused', 'broken-page'];

/** @param {Problem} problem @param {CustomerRecord} record @param {() => unknown} retry
 * @returns {HTMLElement} */
export function explainHere(problem, record, retry) {
  const act = (/** @type {string} */ text, /** @type {() => unknown} */ onclick) => h('div', null, h('button', { type: 'button', class: 'button', onclick }, text));
  switch (problem.slug) {
    case 'no-relationship':
    case 'not-found':
      return notice('bad', t('customers.gone.title'), t('customers.gone'), act(t('customers.gone.act'), () => record.leave()));
    case 'delegated-admin-not-granted':
      return notice('bad', t('customers.closedNow.title'), closedBecause(problem.body.delegatedAdmin, problem.body.since), act(t('customers.reload'), () => record.reload()));
    case 'invalid-transition':
      // The API says which of many things does not fit, in English; the words before it are in the page's language.
      return notice('bad', explain(problem), problem.detail && h('span', { lang: 'en' }, problem.detail), act(t('customers.reload'), () => record.reload()));
    case 'partner-suspended':
      return notice('bad', t('customers.suspended.title'), t('customers.suspended'));
    case 'no-free-license':
      return notice('bad', t('customers.noFreeLicense', { name: record.subscriptions.get(problem.body.subscriptionId)?.name ?? problem.body.subscriptionId }), t('customers.noFreeLicense.act'));
    default:
      return problemBox(problem, REPEATABLE.includes(problem.slug) ? retry : undefined);
  }
}

/** Why users and licences are closed. @param {string} grant @param {string | null | undefined} since */
export function closedBecause(grant, since) {
  const key = ['removedByCustomer', 'removedByPartner'].includes(grant) && since ? `customers.closed.${grant}` : 'customers.closed.notRequested';
  return t(key, { since: dateTime(since) });
}

/** Where the grant is asked for, with what is known of the customer.
 * @param {CustomerRecord} record @returns {HTMLElement} */
export function requestLink(record) {
  const { name, country } = record.now.account;
  return h('a', { class: 'button small', href: `/request?${new URLSearchParams({ name, country, tenantId: record.customerId })}` }, t('customers.askForAdmin'));
}

/** @param {'bad' | 'warn' | 'info' | 'ok'} kind @param {string} title @param {...Child} more @returns {HTMLElement} */
export function notice(kind, title, ...more) {
  return h('div', { class: `notice ${kind} stack`, role: kind === 'bad' ? 'alert' : null }, h('p', null, h('strong', null, title)),
    more.map((one) => (typeof one === 'string' ? h('p', null, one) : one)));
}
