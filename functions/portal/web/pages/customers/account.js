// The customer's account, and whom the customer asks for help.

import { h } from '../../lib/dom.js';
import { country, t } from '../../lib/i18n.js';
import { fact, section, time } from './parts.js';

/** @typedef {import('./record.js').CustomerRecord} CustomerRecord */

/** @param {CustomerRecord} record */
export function accountSection(record) {
  const { account, relationship } = record.now;
  return section(t('customers.account'), 'account', h('dl', { class: 'facts' },
    fact(t('customers.name'), account.name),
    fact(t('customers.domain'), account.domain),
    fact(t('customers.country'), country(account.country)),
    fact(t('customers.cloud'), t(`customers.cloud.${account.cloud}`)),
    fact(t('customers.tenant'), h('code', null, relationship.customerId)),
    fact(t('customers.established'), time(relationship.establishedAt)),
    fact(t('customers.agreementVersion'), relationship.agreementVersion)));
}

/** @param {CustomerRecord} record */
export function supportSection(record) {
  const contact = record.now.supportContact;
  return section(t('customers.support'), 'support',
    h('p', { class: 'hint' }, t('customers.support.hint')),
    contact === null ? h('p', null, t('customers.support.none')) : contactFacts(contact));
}

/** @param {import('./types.js').Contact & { partnerName?: string }} contact */
export function contactFacts({ partnerName, name, email, phone, web }) {
  return h('dl', { class: 'facts' },
    fact(t('customers.contact.partner'), partnerName),
    fact(t('customers.contact.name'), name),
    fact(t('customers.contact.email'), email && h('a', { href: `mailto:${encodeURIComponent(email).replace('%40', '@')}` }, email)),
    fact(t('customers.contact.phone'), phone && h('a', { href: `tel:${phone.replace(/[^+\d]/g, '')}` }, phone)),
    fact(t('customers.contact.web'), web && link(web)));
}

/** A link where it is one to the web; what else somebody registered is text. @param {string} address */
function link(address) {
  return /^https?:\/\//i.test(address) ? h('a', { href: address, rel: 'noreferrer' }, address) : address;
}
