// The answer: sign in, then accept with the agreement, or decline with or without a reason.

import { api } from '../../lib/api.js';
import { h, replace } from '../../lib/dom.js';
import { dateTime, list, t } from '../../lib/i18n.js';
import { Problem, aborted, asProblem } from '../../lib/problem.js';
import { session, signIn, signInButtons } from '../../lib/session.js';
import { busy, clearFieldErrors, copy, dialog, explain, field, fieldError, problemBox } from '../../lib/ui.js';
import { countries } from '../../lib/countries.js';
import { endedBy } from './ended.js';
import { answered, invitation, show, typed, write } from './kept.js';
import { contactOf, outside } from './parts.js';

/** @import { Preview } from './types.js' */

/** The reason's most characters, as people count them. */
const REASON = 500;

/** Another account may be allowed what this one is not. */
const OTHER_ACCOUNT = ['forbidden', 'not-bound-to-you', 'own-invitation', 'wrong-cloud', 'token-refused'];

/** Only the partner can do something about these. */
const ASK_PARTNER = ['outside-territory', 'unsupported-country', 'partner-suspended', 'not-bound-to-you', 'wrong-cloud'];

/** What the page around the answer does: `changed` shows it anew, for the invitation was answered, or ended meanwhile; `corrected` shows what else it says of a preview that is another now.
 * @typedef {{ changed: () => void, corrected: () => void }} Around */

/** @param {Preview} preview @param {Around} around @param {AbortSignal} signal @returns {HTMLElement} */
export function answer(preview, around, signal) {
  return h('section', { class: 'card stack answer', 'aria-labelledby': 'answer' },
    h('h2', { id: 'answer', tabindex: -1 }, t('customer.answer.title')),
    session.signedIn ? form(preview, around, signal) : [h('p', null, t('customer.answer.signIn')), signInButtons('/accept')]);
}

/** @param {Preview} preview @param {Around} around @param {AbortSignal} signal */
function form(preview, { changed, corrected }, signal) {
  const values = typed();
  const outcome = h('div', { class: 'stack', tabindex: -1, 'aria-live': 'polite' });
  const box = h('input', { type: 'checkbox', checked: values.agreed === preview.agreement.version, onchange: () => { values.agreed = box.checked ? preview.agreement.version : null; write(); } });
  const agreement = h('div', { class: 'stack' });
  const showAgreement = () => {
    const { version, url } = preview.agreement;
    replace(agreement,
      h('p', null, outside(url, t('customer.agree.read', { version }))),
      field({ label: t('customer.agree', { version }), pointer: '/agreementAccepted', input: box }));
  };
  showAgreement();
  const details = organisation(values);
  const accept = h('button', { type: 'submit', class: 'button primary' }, t('customer.accept'));
  const decline = h('button', { type: 'button', class: 'button', onclick: () => declining(preview, changed, signal) }, t('customer.decline'));

  return h('form', { class: 'stack', novalidate: true, onsubmit: submit },
    h('div', { class: 'who' }, h('span', null, t('customer.answer.as', { name: session.name ?? session.email ?? t('session.signedIn') })), otherAccount('button quiet small')),
    details.element, agreement, outcome,
    h('div', { class: 'row' }, accept, decline));

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    replace(outcome);
    const shown = /** @type {HTMLFormElement} */ (event.currentTarget);
    clearFieldErrors(shown);
    if (!box.checked) {
      fieldError(box, t('customer.agree.missing'));
      box.focus();
      return;
    }
    const { version } = preview.agreement;
    const body = { token: invitation().token, agreementAccepted: true, agreementVersion: version, customer: details.stated() };
    try {
      const { relationship } = await busy(accept, api('POST', '/v1/invitations/accept', { body, signal }));
      answered({ kind: 'accepted', partner: preview.partner.name, relationship });
      changed();
    } catch (error) {
      if (!aborted(error)) refused(asProblem(error), shown);
    }
  }

  /** @param {Problem} problem @param {HTMLFormElement} shown */
  function refused(problem, shown) {
    const now = endedBy(preview, problem);
    if (now !== null) {
      show(now);
      changed();
    } else if (problem.slug === 'agreement-changed') {
      preview.agreement = { version: problem.body.version, url: problem.body.url };
      box.checked = false;
      values.agreed = null;
      write();
      showAgreement();
      corrected();
      replace(outcome, h('div', { class: 'notice warn' }, h('p', null, t('customer.agreement.changed', { version: problem.body.version })), h('p', null, outside(problem.body.url, t('customer.agree.read', { version: problem.body.version })))));
      outcome.focus();
    } else if (problem.slug === 'validation-failed' && details.refuse(problem)) {
      // The fields say it.
    } else {
      replace(outcome, refusal(problem, preview, () => shown.requestSubmit()));
      outcome.focus();
    }
  }
}

/** The organisation's name, domain and country: asked for by the API where it does not know the organisation yet, so closed until then.
 * @param {import('./types.js').Typed} values */
function organisation(values) {
  const bound = (/** @type {'name' | 'domain' | 'country'} */ name, /** @type {HTMLInputElement | HTMLSelectElement} */ input) => {
    input.value = values[name];
    input.addEventListener('input', () => { values[name] = input.value; write(); });
    return input;
  };
  const inputs = {
    name: bound('name', h('input', { type: 'text', autocomplete: 'organization', maxlength: 120 })),
    domain: bound('domain', h('input', { type: 'text', autocomplete: 'off', inputmode: 'url', spellcheck: 'false', autocapitalize: 'off', maxlength: 253 })),
    country: bound('country', h('select', { autocomplete: 'country' }, h('option', { value: '' }, t('customer.details.country.none')), countries().map(([code, name]) => h('option', { value: code }, name)))),
  };
  const needed = h('div', { role: 'status' });
  const sayNeeded = () => values.needed && replace(needed, h('p', { class: 'notice info' }, t('customer.details.needed')));
  const element = h('details', { class: 'organisation', open: values.needed || values.name !== '' || values.domain !== '' || values.country !== '' },
    h('summary', null, t('customer.details.title')),
    h('div', { class: 'stack' },
      h('p', { class: 'hint' }, t('customer.details.hint')),
      needed,
      field({ label: t('customer.details.name'), pointer: '/customer/name', input: inputs.name }),
      field({ label: t('customer.details.domain'), hint: t('customer.details.domain.hint'), pointer: '/customer/domain', input: inputs.domain }),
      field({ label: t('customer.details.country'), hint: t('customer.details.country.hint'), pointer: '/customer/country', input: inputs.country })));
  sayNeeded();
  return {
    element,
    stated: () => ({ name: values.name.trim() || null, domain: values.domain.trim() || null, country: values.country || null }),
    /** @param {Problem} problem @returns {boolean} whether it is about these fields */
    refuse(problem) {
      const wrong = /** @type {const} */ (['name', 'domain', 'country']).filter((name) => problem.errors.some((one) => one.pointer === `/customer/${name}`));
      if (wrong.length === 0) return false;
      element.open = true;
      values.needed = true;
      write();
      sayNeeded();
      // A country that was chosen and still is not right: this deployment believes the sign-in alone.
      for (const name of wrong) fieldError(inputs[name], t(name === 'country' && values.country !== '' ? 'customer.bad.country.signIn' : `customer.bad.${name}`));
      const [first] = wrong;
      if (first !== undefined) inputs[first].focus();
      return true;
    },
  };
}

/** @param {Preview} preview @param {() => void} changed @param {AbortSignal} signal */
function declining(preview, changed, signal) {
  const { name: partner } = preview.partner;
  const values = typed();
  const reason = h('textarea', { rows: 4, value: values.reason });
  const left = h('span', { role: 'status' });
  const count = () => {
    const rest = REASON - [...reason.value.trim()].length;
    replace(left, t(rest < 0 ? 'customer.decline.over' : 'customer.decline.left', { count: Math.abs(rest) }));
    return rest;
  };
  reason.addEventListener('input', () => { values.reason = reason.value; write(); count(); });
  count();
  let done = false;
  const shown = dialog({
    title: t('customer.decline.title', { partner }),
    body: [h('p', null, t('customer.decline.text', { partner })), field({ label: t('customer.decline.reason'), optional: true, hint: left, pointer: '/reason', input: reason })],
    actions: [
      {
        label: t('customer.decline.confirm'), kind: 'danger', value: 'yes',
        onclick: async () => {
          const rest = count();
          if (rest < 0) {
            fieldError(reason, t('customer.decline.over', { count: -rest }));
            reason.focus();
            return false;
          }
          try {
            const answer = await api('POST', '/v1/invitations/decline', { body: { token: invitation().token, reason: reason.value.trim() || null }, signal });
            answered({ kind: 'declined', partner, reason: answer.reason ?? null });
          } catch (error) {
            if (aborted(error)) throw error;
            const problem = asProblem(error);
            const now = endedBy(preview, problem);
            if (now === null) {
              if (problem.slug !== 'forbidden') throw problem;
              // More to say than a dialog has room for.
              refusedIn = problem;
              return true;
            }
            show(now);
          }
          done = true;
          return true;
        },
      },
      { label: t('action.cancel') },
    ],
  });
  /** @type {Problem | null} */
  let refusedIn = null;
  void shown.closed.then(() => {
    if (done) return changed();
    const outcome = document.querySelector('.answer form > [aria-live]');
    if (refusedIn === null || !(outcome instanceof HTMLElement)) return;
    replace(outcome, refusal(refusedIn, preview, null));
    outcome.focus();
  });
}

/** Why it was refused, and what to do.
 * @param {Problem} problem @param {Preview} preview @param {(() => void) | null} retry @returns {HTMLElement} */
function refusal(problem, preview, retry) {
  const { name: partner, supportContact } = preview.partner;
  if (!OTHER_ACCOUNT.includes(problem.slug) && !ASK_PARTNER.includes(problem.slug)) return problemBox(problem, retry ?? undefined);
  return h('div', { class: 'notice bad', role: 'alert', 'data-slug': problem.slug },
    h('p', null, problem.slug === 'forbidden' ? t('customer.forbidden', { roles: list(rolesOf(problem)) }) : explain(problem)),
    OTHER_ACCOUNT.includes(problem.slug) && otherAccount('button'),
    ASK_PARTNER.includes(problem.slug) && [h('p', null, t('customer.ended.contact', { partner })), contactOf(supportContact, partner)],
    problem.slug === 'forbidden' && forward(preview));
}

/** @param {Problem} problem @returns {string[]} */
function rolesOf(problem) {
  const roles = /** @type {string[]} */ (problem.body.requiredRoles ?? ['GlobalAdmin']);
  return roles.map((role) => (['GlobalAdmin', 'BillingAdmin'].includes(role) ? t(`customer.role.${role}`) : role));
}

/** A message for whoever may answer, with the link, for this page is all that most people have. @param {Preview} preview */
function forward({ partner: { name: partner }, expiresAt }) {
  const link = `${location.origin}/accept#${invitation().token}`;
  const text = h('textarea', { rows: 7, readonly: true, value: `${t('customer.forward.text', { partner, date: dateTime(expiresAt) })}\n\n${link}\n` });
  return h('div', { class: 'stack forward' },
    field({ label: t('customer.forward.label'), input: text }),
    h('button', { type: 'button', class: 'button', onclick: () => void copy(text.value, text) }, t('customer.forward.copy')));
}

/** @param {string} style */
function otherAccount(style) {
  const button = h('button', {
    type: 'button', class: style,
    onclick: () => void busy(button, signIn({ returnTo: '/accept', otherAccount: true })).catch((error) => button.replaceWith(problemBox(error))),
  }, t('customer.answer.otherAccount'));
  return button;
}
