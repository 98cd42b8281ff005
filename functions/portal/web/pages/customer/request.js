// What a partner asks for: shown to whoever holds the link, before any sign-in.

import { h } from '../../lib/dom.js';
import { country, t } from '../../lib/i18n.js';
import { contactOf, fact, moment, outside, points } from './parts.js';

/** @import { Preview } from './types.js' */

/** @param {Preview} preview @returns {HTMLElement} */
export function heading({ partner: { name, country: code }, includeDelegatedAdmin }) {
  return h('div', { class: 'stack' },
    h('h1', { tabindex: -1 }, t('customer.asks.title', { partner: name })),
    h('p', { class: 'lead' }, t(includeDelegatedAdmin ? 'customer.asks.withAdmin' : 'customer.asks.withoutAdmin', { partner: name, country: country(code) })),
    h('p', { class: 'notice info' }, t('customer.asks.nothingYet')));
}

/** @param {Preview} preview @returns {HTMLElement} */
export function meaning({ partner: { name: partner }, includeDelegatedAdmin }) {
  return h('section', { class: 'card stack', 'aria-labelledby': 'meaning' },
    h('h2', { id: 'meaning' }, t('customer.means.title')),
    h('p', null, t('customer.means.reseller', { partner })),
    includeDelegatedAdmin
      ? [
        h('h3', null, t('customer.can.title', { partner })),
        points('check', ['users', 'licenses', 'services'].map((what) => t(`customer.can.${what}`))),
        h('h3', null, t('customer.cannot.title', { partner })),
        points('shield', ['others', 'lasting'].map((what) => t(`customer.cannot.${what}`))),
      ]
      : points('shield', [t('customer.means.noAdmin', { partner }), t('customer.means.others')]));
}

/** @param {Preview} preview @returns {HTMLElement} */
export function facts({ partner: { name: partner, supportContact }, portal, expiresAt, agreement }) {
  return h('section', { class: 'card stack', 'aria-labelledby': 'facts' },
    h('h2', { id: 'facts' }, t('customer.facts')),
    h('dl', { class: 'facts' },
      fact(t('customer.fact.until'), moment(expiresAt)),
      fact(t('customer.fact.who'), t('customer.fact.who.text')),
      fact(t('customer.fact.portal'), portal.name),
      fact(t('customer.fact.agreement'), outside(agreement.url, t('customer.fact.version', { version: agreement.version }))),
      fact(t('customer.fact.contact'), contactOf(supportContact, partner))));
}
