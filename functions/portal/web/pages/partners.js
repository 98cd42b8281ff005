// The customer's partners: what each may do, since when, and whom to ask. Delegated administration can be taken away here.

import { api } from '../lib/api.js';
import { h, replace } from '../lib/dom.js';
import { date, t } from '../lib/i18n.js';
import { Problem } from '../lib/problem.js';
import { requireSignIn } from '../lib/session.js';
import { announce, badge, dialog, empty, pager } from '../lib/ui.js';
import { contactOf, fact, points } from './customer/parts.js';

/** @import { Grant, Partner, Relationship } from './customer/types.js' */

export const title = 'customer.partners.title';
export const area = 'customer';
export const audience = /** @type {const} */ ('customer');

/** @type {Record<Grant, 'ok' | 'warn' | 'muted'>} */
const GRANT = { granted: 'ok', notRequested: 'muted', removedByCustomer: 'warn', removedByPartner: 'muted' };

/** @param {HTMLElement} view @param {import('../lib/router.js').Visit} visit */
export default async function page(view, { signal }) {
  if (!requireSignIn(view)) return;
  /** Names of those that are shown, for one that sold what another one supports. @type {Map<string, string>} */
  const names = new Map();
  const counted = h('p', { class: 'visually-hidden', role: 'status' });
  const listing = h('div', { class: 'stack' });
  replace(view, h('div', { class: 'page stack' },
    h('h1', { tabindex: -1 }, t('customer.partners.title')),
    h('p', { class: 'lead' }, t('customer.partners.lead')),
    counted, listing));
  // Where the network comes back, a list that could not be loaded loads by itself.
  addEventListener('online', () => { if (listing.querySelector('[data-slug="offline"]')) load(); }, { signal });
  load();

  function load() {
    const cards = h('ul', { class: 'partners', 'aria-label': t('customer.partners.list') });
    const more = pager((cursor) => api('GET', '/v1/partners', { query: { cursor }, signal }).catch(inWords), (/** @type {Partner[]} */ items, first) => {
      if (first && items.length === 0) {
        cards.replaceWith(empty(t('customer.partners.empty.title'), t('customer.partners.empty.text'), h('a', { class: 'button primary', href: '/accept' }, t('customer.paste.title'))));
        return null;
      }
      for (const { partnerId, name } of items) names.set(partnerId, name);
      const made = items.map((partner) => card(partner, names, signal));
      cards.append(...made);
      // A seller may stand on a later page than what it sold.
      for (const seller of cards.querySelectorAll('[data-sold-by]')) seller.textContent = soldBy(seller.getAttribute('data-sold-by') ?? '', names);
      counted.textContent = t('customer.partners.shown', { count: cards.childElementCount });
      return made[0]?.querySelector('h2');
    });
    replace(listing, cards, more);
  }
}

/** The roles of a refusal as the customer calls them. @param {unknown} error @returns {never} */
function inWords(error) {
  if (!(error instanceof Problem) || error.slug !== 'forbidden' || !Array.isArray(error.body.requiredRoles)) throw error;
  const roles = error.body.requiredRoles.map((/** @type {string} */ role) => (['GlobalAdmin', 'BillingAdmin'].includes(role) ? t(`customer.role.${role}`) : role));
  throw new Problem('forbidden', error.status, { ...error.body, requiredRoles: roles });
}

/** @param {Partner} partner @param {Map<string, string>} names @param {AbortSignal} signal @returns {HTMLElement} */
function card(partner, names, signal) {
  const { partnerId, name, establishedAt, supportContact, supports } = partner;
  const id = `partner-${partnerId}`;
  const head = h('div', { class: 'partner-head' });
  const may = h('div', { class: 'stack' });
  const show = () => {
    const { delegatedAdmin } = partner;
    replace(head, h('h2', { id, tabindex: -1 }, name), badge(GRANT[delegatedAdmin] ?? 'muted', t(`customer.grant.${delegatedAdmin}`)));
    replace(may,
      h('p', null, t(`customer.grant.${delegatedAdmin}.text`, { partner: name })),
      delegatedAdmin === 'granted' && h('div', null, h('button', { type: 'button', class: 'button', 'aria-label': `${t('customer.remove')}: ${name}`, onclick: () => void remove() }, t('customer.remove'))));
  };
  show();
  return h('li', { class: 'card stack partner', 'aria-labelledby': id }, head,
    h('dl', { class: 'facts' },
      fact(t('customer.partners.access'), may),
      fact(t('customer.partners.since'), h('time', { datetime: establishedAt }, date(establishedAt))),
      fact(t('customer.fact.contact'), contactOf(supportContact, name)),
      supports.length > 0 && fact(t('customer.partners.supports'), h('ul', { class: 'contact' }, supports.map((one) => h('li', null, one.name, ' ', h('span', { class: 'hint', 'data-sold-by': one.soldBy }, soldBy(one.soldBy, names))))))));

  async function remove() {
    if (!(await removing(partner, signal)) || signal.aborted) return;
    show();
    announce(t('customer.remove.done', { partner: name }));
    // The button is gone; whoever hears the page goes on at this partner.
    document.getElementById(id)?.focus();
  }
}

/** @param {string} seller @param {Map<string, string>} names */
function soldBy(seller, names) {
  const name = names.get(seller);
  return name === undefined ? t('customer.partners.soldByOther') : t('customer.partners.soldBy', { partner: name });
}

/** Asks, and takes the privileges away; the partner is changed then. @param {Partner} partner @param {AbortSignal} signal @returns {Promise<boolean>} whether it was done */
async function removing(partner, signal) {
  const { name } = partner;
  const shown = dialog({
    title: t('customer.remove.title', { partner: name }),
    body: [
      h('p', null, t('customer.remove.ends', { partner: name })),
      h('h3', null, t('customer.remove.stays')),
      points('check', ['relationship', 'support'].map((what) => t(`customer.remove.stays.${what}`, { partner: name }))),
      h('p', null, t('customer.remove.again', { partner: name })),
    ],
    actions: [
      {
        label: t('customer.remove.confirm'), kind: 'danger', value: 'yes',
        onclick: async () => {
          /** @type {{ relationship: Relationship }} */
          const { relationship } = await api('DELETE', `/v1/partners/${partner.partnerId}/delegated-admin`, { signal }).catch(inWords);
          partner.delegatedAdmin = relationship.delegatedAdmin;
        },
      },
      { label: t('action.cancel') },
    ],
  });
  return (await shown.closed) === 'yes';
}
