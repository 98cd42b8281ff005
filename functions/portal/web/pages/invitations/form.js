// Step 1 of a request: what is asked, of whom, in which language and for how long.

import { api } from '../../lib/api.js';
import { h, replace } from '../../lib/dom.js';
import { date, language, languages, t } from '../../lib/i18n.js';
import { Problem } from '../../lib/problem.js';
import { navigate } from '../../lib/router.js';
import { claimsOf, token } from '../../lib/session.js';
import { busy, field, fieldErrors } from '../../lib/ui.js';
import { countries } from './countries.js';
import { explain, problemOf, roles } from './explain.js';
import { languageOf, notice, heading } from './parts.js';
import { remember, remembered } from './remembered.js';

/** @import { FieldError } from '../../lib/problem.js' */

/**
 * What the form holds, as typed. `key` is of the request `asked`: a double click, a lost answer or the way back
 * ask the same again and get the same invitation, `made`. `fixed` is the cloud that demands the privileges, or
 * true where only the demand is known.
 * @typedef {{
 *   includeDelegatedAdmin: boolean, name: string, email: string, country: string, tenantId: string, locale: string,
 *   days: string, fixed: string | boolean, key?: string, asked?: string, made?: string
 * }} Values
 */

const DAY = 86_400_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @returns {Values} */
function blank() {
  const locale = languages('customer').includes(language()) ? language() : 'en';
  return { includeDelegatedAdmin: true, name: '', email: '', country: '', tenantId: '', locale, days: '30', fixed: false };
}

/**
 * @param {HTMLElement} view
 * @param {AbortSignal} signal
 */
export function ask(view, signal) {
  /** @type {Values} */
  const values = { ...blank(), ...remembered('request') };
  const save = () => remember('request', values);

  const privileges = h('input', {
    type: 'checkbox', checked: values.includeDelegatedAdmin,
    // Fixed, it stays in the tab order: who looks for it finds it, and hears why.
    onclick: (/** @type {Event} */ event) => { if (values.fixed !== false) event.preventDefault(); },
    onchange: () => { values.includeDelegatedAdmin = privileges.checked; save(); },
  });
  const fixed = h('div', { id: 'dap-fixed', 'aria-live': 'polite' });
  const outcome = h('div', { tabindex: -1, role: 'alert' });
  const next = h('button', { class: 'button primary', type: 'submit' }, t('invitations.form.next'));

  /** @param {'name' | 'email' | 'country' | 'tenantId' | 'locale' | 'days'} name @param {HTMLInputElement | HTMLSelectElement} input */
  const bound = (name, input) => {
    input.value = values[name];
    input.addEventListener('input', () => { values[name] = input.value; save(); });
    return input;
  };
  const text = (/** @type {'name' | 'email' | 'tenantId'} */ name, /** @type {Record<string, unknown>} */ props) =>
    field({ label: t(`invitations.form.${name === 'tenantId' ? 'tenant' : name}`), hint: name === 'tenantId' ? t('invitations.form.tenant.hint') : undefined,
      pointer: `/customer/${name}`, input: bound(name, h('input', { type: 'text', autocomplete: 'off', ...props })) });
  const days = h('input', { type: 'number', min: 1, max: 90, step: 1, inputmode: 'numeric', autocomplete: 'off' });
  const until = h('span');
  const showUntil = () => replace(until, t('invitations.form.days.hint', { date: date(new Date(Date.now() + (whole(values.days) ?? 30) * DAY).toISOString()) }));

  const form = h('form', { class: 'stack request', novalidate: true, onsubmit: submit },
    h('fieldset', { class: 'card stack' },
      h('legend', null, t('invitations.form.what')),
      field({ label: t('invitations.form.dap'), hint: t('invitations.form.dap.hint'), pointer: '/includeDelegatedAdmin', input: privileges }),
      fixed),
    h('fieldset', { class: 'card stack' },
      h('legend', null, t('invitations.form.who')),
      h('p', { class: 'hint' }, t('invitations.form.who.hint')),
      h('div', { class: 'pairs' },
        text('name', { maxlength: 120 }),
        text('email', { type: 'email', maxlength: 254, spellcheck: 'false', autocapitalize: 'none' }),
        field({ label: t('invitations.form.country'), hint: t('invitations.form.country.hint'), pointer: '/customer/country',
          input: bound('country', h('select', null, h('option', { value: '' }, t('invitations.form.country.none')), countries().map(([code, name]) => h('option', { value: code }, name)))) }),
        text('tenantId', { maxlength: 60, spellcheck: 'false', autocapitalize: 'none' }))),
    h('fieldset', { class: 'card stack' },
      h('legend', null, t('invitations.form.how')),
      h('div', { class: 'pairs' },
        field({ label: t('invitations.form.locale'), pointer: '/locale',
          input: bound('locale', h('select', null, languages('customer').map((tag) => h('option', { value: tag }, languageOf(tag))))) }),
        field({ label: t('invitations.form.days'), hint: until, pointer: '/expiresInDays', input: bound('days', days) }))),
    outcome,
    h('div', { class: 'toolbar' }, next));
  days.addEventListener('input', showUntil);
  showUntil();

  replace(view, h('div', { class: 'page narrow stack' },
    ...heading(1),
    values.made !== undefined && notice('info', null,
      h('p', null, t('invitations.form.made')),
      h('div', null, h('button', { class: 'button', type: 'button', onclick: () => { remember('request', null); ask(view, signal); } }, t('invitations.form.clear')))),
    form));
  privileges.setAttribute('aria-describedby', `${privileges.getAttribute('aria-describedby')} ${fixed.id}`);
  showFixed();
  lookAhead();

  function showFixed() {
    if (values.fixed !== false) privileges.checked = values.includeDelegatedAdmin = true;
    if (values.fixed === false) privileges.removeAttribute('aria-disabled');
    else privileges.setAttribute('aria-disabled', 'true');
    replace(fixed, values.fixed !== false && h('p', { class: 'notice info' }, typeof values.fixed === 'string'
      ? t('invitations.form.dap.fixed', { cloud: t(`invitations.cloud.${values.fixed}`) })
      : t('invitations.form.dap.fixed.unnamed')));
  }

  /** What would be refused later is said before anything is typed, where it can be known: it is no reason to wait. */
  async function lookAhead() {
    try {
      const partner = await ownPartner(signal);
      if (partner === null) return;
      values.fixed = partner.cloud !== 'public' && partner.cloud;
      save();
      showFixed();
      if (partner.status === 'suspended') refuse(new Problem('partner-suspended', 403));
    } catch (error) {
      if (problemOf(error)?.slug === 'forbidden') refuse(/** @type {Problem} */ (error));
    }
  }

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    replace(outcome);
    const errors = wrong(values);
    // Called without errors too: what an earlier answer complained about goes.
    fieldErrors(form, new Problem('validation-failed', 422, { errors }));
    if (errors.length === 0 && !next.disabled) busy(next, make());
  }

  async function make() {
    const body = {
      customer: {
        name: values.name.trim() || null, email: values.email.trim() || null, country: values.country || null,
        tenantId: values.tenantId.trim().toLowerCase() || null,
      },
      includeDelegatedAdmin: values.includeDelegatedAdmin, locale: values.locale, expiresInDays: whole(values.days), send: false,
    };
    const asked = JSON.stringify(body);
    // The key is stored before the request goes out: a reload in between asks the same again.
    if (values.key === undefined || values.asked !== asked) Object.assign(values, { key: crypto.randomUUID(), asked });
    save();
    try {
      const { invitation } = await api('POST', '/v1/invitations', { body, idempotencyKey: values.key });
      values.made = invitation.id;
      save();
      if (!signal.aborted) navigate(`/request?invitation=${invitation.id}`);
    } catch (error) {
      const problem = problemOf(error);
      if (problem !== null) refuse(problem);
    }
  }

  /** @param {Problem} problem */
  function refuse(problem) {
    const placed = onField(problem);
    if (placed !== null && fieldErrors(form, new Problem(problem.slug, problem.status, { ...problem.body, errors: placed }))) return;
    if (problem.slug === 'idempotency-key-reused') { // another tab of the past used it: the next try has a new one
      delete values.key;
      save();
    }
    if (problem.slug === 'delegated-admin-required') {
      values.fixed = true;
      save();
      showFixed();
      privileges.focus();
    } else if (problem.slug === 'forbidden' && values.includeDelegatedAdmin && (problem.body.requiredRoles ?? []).every((/** @type {string} */ role) => role !== 'SalesAgent')) {
      replace(outcome, withoutPrivileges(problem));
      outcome.focus();
    } else {
      replace(outcome, explain(problem, () => form.requestSubmit()));
      outcome.focus();
    }
  }

  /** @param {Problem} problem */
  function withoutPrivileges(problem) {
    const title = t('invitations.forbidden.dap.title');
    if (values.fixed !== false) return notice('bad', title, h('p', null, t('invitations.forbidden.dap.fixed', { roles: roles(problem) })));
    const leave = () => {
      privileges.checked = values.includeDelegatedAdmin = false;
      save();
      replace(outcome);
      next.focus();
    };
    return notice('bad', title,
      h('p', null, t('invitations.forbidden.dap', { roles: roles(problem) })),
      h('div', null, h('button', { class: 'button', type: 'button', onclick: leave }, t('invitations.forbidden.dap.leave'))));
  }
}

/**
 * The caller's own profile: only a hint, so nobody waits for it. Its id is the tenant, which the token may name as
 * Microsoft Entra ID does; else it stands on everything that the partner made. Who made nothing yet learns of
 * its cloud's demand when it asks.
 * @param {AbortSignal} signal
 * @returns {Promise<{cloud: string, status: string} | null>}
 */
async function ownPartner(signal) {
  const tenant = claimsOf(await token())?.tid ?? (await api('GET', '/v1/invitations', { query: { limit: 1 }, signal })).items[0]?.partnerId;
  if (!UUID.test(tenant)) return null;
  const { partner } = await api('GET', `/v1/partners/${tenant}`, { signal });
  return partner;
}

/** @param {string} text @returns {number | null} */
function whole(text) {
  return /^\s*\d{1,2}\s*$/.test(text) ? Number(text) : null;
}

/**
 * What the API would refuse, in the language of the page.
 * @param {Values} values
 * @returns {FieldError[]}
 */
function wrong({ email, tenantId, days }) {
  const errors = [];
  const least = whole(days) ?? 0;
  if (email.trim() !== '' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email.trim())) errors.push({ pointer: '/customer/email', detail: t('invitations.form.bad.email') });
  if (tenantId.trim() !== '' && !UUID.test(tenantId.trim())) errors.push({ pointer: '/customer/tenantId', detail: t('invitations.form.bad.tenant') });
  if (least < 1 || least > 90) errors.push({ pointer: '/expiresInDays', detail: t('invitations.form.bad.days') });
  return errors;
}

/**
 * A refusal that is about one field, on that field; null where it is not.
 * @param {Problem} problem
 * @returns {FieldError[] | null}
 */
function onField({ slug, body, errors }) {
  switch (slug) {
    case 'validation-failed': return errors;
    case 'outside-territory': return [{ pointer: '/customer/country', detail: t('invitations.form.bad.territory', body) }];
    case 'unsupported-country': return [{ pointer: '/customer/country', detail: t('invitations.form.bad.country') }];
    case 'own-invitation': return [{ pointer: '/customer/tenantId', detail: t('invitations.form.bad.own') }];
    default: return null;
  }
}
