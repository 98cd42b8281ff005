// Pieces that the customer's pages share.

import { h } from '../../lib/dom.js';
import { dateTime, relative, t } from '../../lib/i18n.js';
import { icon } from '../../lib/ui.js';

/** @import { Contact } from './types.js' */
/** @typedef {import('../../lib/dom.js').Child} Child */

/** A term and what it stands for. @param {string} term @param {...Child} what */
export function fact(term, ...what) {
  return [h('dt', null, term), h('dd', null, ...what)];
}

/** A link out of the portal. What is no address of the web is text: a partner writes it, and a customer clicks it.
 * @param {string} address @param {Child} [text] */
export function outside(address, text = address) {
  if (!/^https?:\/\//i.test(address)) return h('span', null, text);
  return h('a', { class: 'outside', href: address, target: '_blank', rel: 'noopener noreferrer' }, text, icon('external'), h('span', { class: 'visually-hidden' }, ` ${t('customer.newWindow')}`));
}

/** How a partner is reached. @param {Contact | null | undefined} contact @param {string} partner @returns {HTMLElement} */
export function contactOf(contact, partner) {
  const { name, email, phone, web } = contact ?? {};
  if (!name && !email && !phone && !web) return h('span', { class: 'muted' }, t('customer.contact.none', { partner }));
  return h('ul', { class: 'contact' },
    name && h('li', null, name),
    email && h('li', null, h('a', { href: `mailto:${encodeURIComponent(email).replaceAll('%40', '@')}` }, email)),
    phone && h('li', null, h('a', { href: `tel:${phone.replace(/[^+\d]/g, '')}` }, phone)),
    web && h('li', null, outside(web)));
}

/** A moment, and how far it is. @param {string} iso */
export function moment(iso) {
  return h('time', { datetime: iso }, dateTime(iso), h('span', { class: 'hint' }, ` (${relative(iso)})`));
}

/** A list with a mark before each line. @param {'check' | 'shield'} mark @param {(string | false)[]} lines */
export function points(mark, lines) {
  return h('ul', { class: 'points' }, lines.map((line) => line !== false && h('li', null, icon(mark), h('span', null, line))));
}
