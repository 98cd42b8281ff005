// What can be done with an invitation from the list: send it again, revoke it. Each asks first and says what it does.

import { api } from '../../lib/api.js';
import { h, replace } from '../../lib/dom.js';
import { date, t } from '../../lib/i18n.js';
import { Problem } from '../../lib/problem.js';
import { announce, dialog, field, fieldError, fieldErrors } from '../../lib/ui.js';
import { explain } from './explain.js';
import { nameOf } from './parts.js';
import { isAddress, send } from './send.js';

/** @import { Invitation, Outcome } from './types.js' */

/**
 * Sends the email as it was drafted.
 * @param {Invitation} invitation
 * @returns {Promise<Outcome | null>} null where nothing was tried
 */
export async function sendAgain(invitation) {
  const to = h('input', { type: 'email', maxlength: 254, autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none', value: invitation.delivery.sentTo ?? invitation.customer.email ?? '' });
  const failed = h('div');
  /** @type {Outcome | null} */
  let outcome = null;
  const body = h('div', { class: 'stack' },
    h('p', null, t('invitations.send.body', { date: date(invitation.expiresAt) })),
    field({ label: t('invitations.send.to'), pointer: '/to', input: to }),
    failed);
  await dialog({
    title: t('invitations.send.title', { name: nameOf(invitation) }),
    body,
    actions: [
      { label: t('invitations.send.confirm'), kind: 'primary', onclick: async () => {
        replace(failed);
        const address = to.value.trim();
        if (!isAddress(address)) {
          fieldError(to, t('invitations.review.bad.to'));
          to.focus();
          return false;
        }
        try {
          outcome = {};
          const { said } = await send(invitation, { to: address });
          outcome = { said };
          return true;
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          if (!fieldErrors(body, error)) replace(failed, explain(error));
          return false;
        }
      } },
      { label: t('action.cancel') },
    ],
  }).closed;
  return outcome;
}

/**
 * @param {Invitation} invitation
 * @returns {Promise<Outcome | null>} null where nothing was tried
 */
export async function revoke(invitation) {
  const name = nameOf(invitation);
  /** @type {Outcome | null} */
  let outcome = null;
  await dialog({
    title: t('invitations.revoke.title', { name }),
    body: h('p', null, t('invitations.revoke.body')),
    actions: [
      { label: t('invitations.revoke.confirm'), kind: 'danger', onclick: async () => {
        outcome = {};
        await api('POST', `/v1/invitations/${invitation.id}/revoke`);
        announce(t('invitations.revoke.done', { name }));
      } },
      { label: t('action.cancel') },
    ],
  }).closed;
  return outcome;
}
