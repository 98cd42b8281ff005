// Step 1 of a request: what is asked, of whom, in which language and for how long.

import { api } from '../../lib/api.js';
import { h, replace } from '../../lib/dom.js';
import { date, languages, t } from '../../lib/i18n.js';
import { Problem } from '../../lib/problem.js';
import { navigate } from '../../lib/router.js';
import { busy, field, fieldErrors, skeleton } from '../../lib/ui.js';
import { lookAhead } from './ahead.js';
import { blank, bodyOf, daysOf, onField, wrong } from './asked.js';
import { countries } from '../../lib/countries.js';
import { explain, problemOf, roles } from './explain.js';
import { heading, languageOf, notice } from './parts.js';
import { remember, remembered } from './remembered.js';

/** @import { Hint } from './ahead.js' */
/** @import { Values } from './asked.js' */

/** What may be otherwise the next time. */
const PASSING = ['offline', 'signed-out', 'gateway', 'internal', 'unavailable', 'conflict', 'idempotency-key-reused'];

/**
 * @param {HTMLElement} view
 * @param {AbortSignal} signal
 */
export async function ask(view, signal) {
  const body = h('div', { class: 'stack' }, skeleton(8));
  replace(view, h('div', { class: 'page narrow stack' }, ...heading(1), body));
  const looking = lookAhead(signal);
  const hint = await Promise.race([looking, new Promise((/** @type {(hint: Hint) => void} */ resolve) => setTimeout(resolve, 500, {}))]);
  if (signal.aborted) return;

  /** @type {Values} */
  const values = { ...blank(), ...remembered('request') };
  const heed = (/** @type {Hint} */ { cloud }) => { if (cloud !== undefined) values.fixed = cloud !== 'public' && cloud; };
  heed(hint);
  const save = () => remember('request', values);

  const privileges = h('input', {
    type: 'checkbox', checked: values.includeDelegatedAdmin,
    // Fixed, it stays in the tab order: who looks for it finds it, and hears why.
    onclick: (/** @type {Event} */ event) => { if (values.fixed !== false) event.preventDefault(); },
    onchange: () => { values.includeDelegatedAdmin = privileges.checked; save(); },
  });
  const fixed = h('div', { id: 'dap-fixed', 'aria-live': 'polite' });
  const ahead = h('div', null, hint.problem && explain(hint.problem));
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
  const showUntil = () => replace(until, t('invitations.form.days.hint', { date: date(new Date(Date.now() + (daysOf(values.days) ?? 30) * 86_400_000).toISOString()) }));

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

  replace(body,
    ahead,
    values.made !== undefined && notice('info', null,
      h('p', null, t('invitations.form.made')),
      h('div', null, h('button', { class: 'button', type: 'button', onclick: startEmpty }, t('invitations.form.clear')))),
    form);
  privileges.setAttribute('aria-describedby', `${privileges.getAttribute('aria-describedby')} ${fixed.id}`);
  showFixed();
  // A hint that comes late fixes the choice all the same. Its refusal would move what is being read: that one the API says when it is asked.
  void looking.then((late) => {
    if (late === hint || signal.aborted || !form.isConnected) return;
    heed(late);
    showFixed();
  });

  function showFixed() {
    if (values.fixed !== false) privileges.checked = values.includeDelegatedAdmin = true;
    if (values.fixed === false) privileges.removeAttribute('aria-disabled');
    else privileges.setAttribute('aria-disabled', 'true');
    replace(fixed, values.fixed !== false && h('p', { class: 'notice info' }, typeof values.fixed === 'string'
      ? t('invitations.form.dap.fixed', { cloud: t(`invitations.cloud.${values.fixed}`) })
      : t('invitations.form.dap.fixed.unnamed')));
  }

  async function startEmpty() {
    remember('request', null);
    await ask(view, signal);
    view.querySelector('h1')?.focus();
  }

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    // What was said ahead, the answer says again or takes back.
    replace(ahead);
    replace(outcome);
    const errors = wrong(values);
    // Called without errors too: what an earlier answer complained about goes.
    fieldErrors(form, new Problem('validation-failed', 422, { errors }));
    if (errors.length === 0 && !next.disabled) busy(next, make());
  }

  async function make() {
    const body = bodyOf(values);
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
      replace(outcome, explain(problem, PASSING.includes(problem.slug) ? () => form.requestSubmit() : undefined));
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
