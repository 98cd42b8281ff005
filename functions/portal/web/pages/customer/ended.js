// A link that cannot be answered says why, and what to do.

import { h } from '../../lib/dom.js';
import { dateTime, t } from '../../lib/i18n.js';
import { contactOf } from './parts.js';
import { pasteForm } from './paste.js';

/** @import { Preview, Status } from './types.js' */
/** @import { Problem } from '../../lib/problem.js' */

/** Which refusals end an invitation that could be answered a moment ago. @type {Record<string, Status>} */
const ENDS = { 'already-accepted': 'accepted', 'already-declined': 'declined', 'already-revoked': 'revoked', expired: 'expired' };

/** How an invitation stands after a refusal. @param {Preview} preview @param {Problem} problem @returns {Preview | null} `null` where it can still be answered */
export function endedBy(preview, problem) {
  const status = ENDS[problem.slug];
  return status === undefined ? null : { ...preview, status, expiresAt: problem.body.expiredAt ?? preview.expiresAt };
}

/** @param {Preview} preview @param {(token: string) => unknown} open @returns {HTMLElement} */
export function ended({ status, partner: { name: partner, supportContact }, expiresAt }, open) {
  return h('div', { class: 'page narrow stack' },
    h('h1', { tabindex: -1 }, t(`customer.ended.${status}.title`)),
    h('p', { class: 'lead' }, t(`customer.ended.${status}.text`, { partner, date: dateTime(expiresAt) })),
    status === 'accepted' && h('p', null, h('a', { class: 'button primary', href: '/partners' }, t('customer.seePartners'))),
    h('section', { class: 'card stack', 'aria-labelledby': 'reach' }, h('h2', { id: 'reach' }, t('customer.ended.contact', { partner })), contactOf(supportContact, partner)),
    again(open));
}

/** @param {(token: string) => unknown} open @returns {HTMLElement} */
export function unknown(open) {
  return h('div', { class: 'page narrow stack' },
    h('h1', { tabindex: -1 }, t('customer.unknown.title')),
    h('p', { class: 'lead' }, t('customer.unknown.text')),
    again(open));
}

/** @param {(token: string) => unknown} open */
function again(open) {
  return h('section', { class: 'card stack', 'aria-labelledby': 'again' }, h('h2', { id: 'again' }, t('customer.another')), pasteForm(open));
}
