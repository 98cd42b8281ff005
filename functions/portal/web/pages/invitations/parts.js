// Pieces that both pages show.

import { h } from '../../lib/dom.js';
import { dateTime, language, relative, t } from '../../lib/i18n.js';
import { badge } from '../../lib/ui.js';

/** @import { Child } from '../../lib/dom.js' */
/** @import { Delivery, DeliveryStatus, Invitation, Status } from './types.js' */

/** @typedef {'ok' | 'warn' | 'bad' | 'muted' | 'info'} Kind */

/** @type {Record<Status, Kind>} */
const STATUS_KIND = { pending: 'info', accepted: 'ok', declined: 'bad', expired: 'warn', revoked: 'muted' };

/** @type {Record<DeliveryStatus, Kind>} */
const DELIVERY_KIND = {
  notSent: 'muted', sending: 'info', sent: 'info', delayed: 'warn', delivered: 'ok', failed: 'bad', bounced: 'bad', complained: 'bad',
};

/** Every status, in the order in which people ask for them. @type {readonly Status[]} */
export const STATUSES = ['pending', 'accepted', 'declined', 'expired', 'revoked'];

/** @param {Status} status */
export function statusBadge(status) {
  return badge(STATUS_KIND[status] ?? 'muted', t(`invitations.status.${status}`));
}

/** @param {DeliveryStatus} status */
export function deliveryBadge(status) {
  return badge(DELIVERY_KIND[status] ?? 'muted', t(`invitations.delivery.${status}`));
}

/**
 * What became of a mail, to whom, since when, and what to do about it.
 * @param {Delivery} delivery
 */
export function mailOf({ status, at, sentTo, reason }) {
  const hint = ['notSent', 'sending', 'delayed', 'failed', 'bounced', 'complained'].includes(status);
  return [
    h('div', null, deliveryBadge(status), sentTo && ` ${sentTo}`),
    at && h('div', null, time(at)),
    reason && h('div', null, t('invitations.delivery.reason', { reason })),
    hint && h('div', { class: 'hint' }, t(`invitations.delivery.${status}.hint`)),
  ];
}

/**
 * What people call the invitation by.
 * @param {Invitation} invitation
 */
export function nameOf({ customer }) {
  return customer.name ?? customer.email ?? customer.tenantId ?? t('invitations.unnamed');
}

/**
 * A language's name in the language of the page.
 * @param {string} tag
 */
export function languageOf(tag) {
  return new Intl.DisplayNames([language(), 'en'], { type: 'language' }).of(tag) ?? tag;
}

/**
 * A time as people read it, and how far away it is.
 * @param {string} iso
 */
export function time(iso) {
  return h('time', { datetime: iso }, dateTime(iso), ' ', h('span', { class: 'hint' }, `(${relative(iso)})`));
}

/**
 * A term and what it stands for; nothing where there is nothing to say.
 * @param {string} term
 * @param {...Child} what
 */
export function entry(term, ...what) {
  return what.every((one) => one === null || one === undefined || one === '') ? null : h('div', null, h('dt', null, term), h('dd', null, ...what));
}

/**
 * @param {'info' | 'warn' | 'bad' | 'ok'} kind
 * @param {string | null} title
 * @param {...Child} body
 */
export function notice(kind, title, ...body) {
  return h('div', { class: `notice ${kind}` }, title && h('p', null, h('strong', null, title)), ...body);
}

/**
 * The heading of a request, its two steps, and which one this is.
 * @param {1 | 2} current
 */
export function heading(current) {
  const step = (/** @type {number} */ number, /** @type {string} */ name) => h('li', { 'aria-current': number === current ? 'step' : null },
    name, number < current && h('span', { class: 'visually-hidden' }, ` (${t('invitations.step.done')})`));
  return [
    h('h1', { tabindex: -1 }, t('invitations.request.title')),
    h('p', { class: 'lead' }, t('invitations.request.lead')),
    h('ol', { class: 'steps', 'aria-label': t('invitations.steps') }, step(1, t('invitations.step.ask')), step(2, t('invitations.step.review'))),
  ];
}
