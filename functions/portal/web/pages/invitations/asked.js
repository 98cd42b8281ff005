// What a request asks for, as the form holds it: what it begins with, what is wrong with it, what is sent.

import { has, language, languages, t } from '../../lib/i18n.js';
import { isAddress } from './send.js';

/** @import { FieldError, Problem } from '../../lib/problem.js' */

/**
 * What the form holds, as typed. `key` is of the request `asked`: a double click, a lost answer or the way back
 * ask the same again and get the same invitation, `made`. `fixed` is the cloud that demands the privileges, or
 * true where only the demand is known.
 * @typedef {{
 *   includeDelegatedAdmin: boolean, name: string, email: string, country: string, tenantId: string, locale: string,
 *   days: string, fixed: string | boolean, key?: string, asked?: string, made?: string
 * }} Values
 */

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @param {unknown} text @returns {text is string} */
export function isTenant(text) {
  return typeof text === 'string' && UUID.test(text);
}

/** @returns {Values} */
export function blank() {
  const locale = languages('customer').includes(language()) ? language() : 'en';
  return { includeDelegatedAdmin: true, name: '', email: '', country: '', tenantId: '', locale, days: '30', fixed: false };
}

/** @param {Values} values */
export function bodyOf({ name, email, country, tenantId, includeDelegatedAdmin, locale, days }) {
  return {
    customer: { name: name.trim() || null, email: email.trim() || null, country: country || null, tenantId: tenantId.trim().toLowerCase() || null },
    includeDelegatedAdmin, locale, expiresInDays: daysOf(days), send: false,
  };
}

/**
 * The number of days that was typed; null where it is none that an invitation may live.
 * @param {string} text
 * @returns {number | null}
 */
export function daysOf(text) {
  const days = /^\s*\d{1,2}\s*$/.test(text) ? Number(text) : 0;
  return days >= 1 && days <= 90 ? days : null;
}

/**
 * What the API would refuse, in the language of the page.
 * @param {Values} values
 * @returns {FieldError[]}
 */
export function wrong({ email, tenantId, days }) {
  const errors = [];
  if (email.trim() !== '' && !isAddress(email.trim())) errors.push({ pointer: '/customer/email', detail: t('invitations.form.bad.email') });
  if (tenantId.trim() !== '' && !isTenant(tenantId.trim())) errors.push({ pointer: '/customer/tenantId', detail: t('invitations.form.bad.tenant') });
  if (daysOf(days) === null) errors.push({ pointer: '/expiresInDays', detail: t('invitations.form.bad.days') });
  return errors;
}

/**
 * A refusal that is about one field, on that field; null where it is not.
 * @param {Problem} problem
 * @returns {FieldError[] | null}
 */
export function onField({ slug, body, errors }) {
  switch (slug) {
    case 'validation-failed': return errors;
    case 'outside-territory': return [{ pointer: '/customer/country', detail: t('invitations.form.bad.territory', { partnerRegion: region(body.partnerRegion), customerRegion: region(body.customerRegion) }) }];
    case 'unsupported-country': return [{ pointer: '/customer/country', detail: t('invitations.form.bad.country') }];
    case 'own-invitation': return [{ pointer: '/customer/tenantId', detail: t('invitations.form.bad.own') }];
    default: return null;
  }
}

/** The territory table may get regions that have no words yet. @param {string} key */
function region(key) {
  return has(`invitations.region.${key}`) ? t(`invitations.region.${key}`) : key;
}
