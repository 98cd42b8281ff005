// Renewing: a new link and more time. The dialog says what that does to the old link.

import { api } from '../../lib/api.js';
import { h } from '../../lib/dom.js';
import { date, t } from '../../lib/i18n.js';
import { dialog, field, fieldError } from '../../lib/ui.js';
import { daysOf } from './asked.js';
import { nameOf, notice } from './parts.js';

/** @import { Invitation, Outcome } from './types.js' */

const DAY = 86_400_000;

/**
 * @param {Invitation} invitation
 * @returns {Promise<Outcome | null>} null where nothing was tried
 */
export async function renew(invitation) {
  const days = h('input', { type: 'number', min: 1, max: 90, step: 1, inputmode: 'numeric', autocomplete: 'off', value: String(lifetime(invitation)) });
  /** @type {Outcome | null} */
  let outcome = null;
  await dialog({
    title: t('invitations.renew.title', { name: nameOf(invitation) }),
    body: [
      h('p', { class: 'notice warn' }, t(invitation.status === 'expired' ? 'invitations.renew.body.expired' : 'invitations.renew.body')),
      field({ label: t('invitations.renew.days'), pointer: '/expiresInDays', input: days }),
    ],
    actions: [
      { label: t('invitations.renew.confirm'), kind: 'primary', onclick: async () => {
        const expiresInDays = daysOf(days.value);
        if (expiresInDays === null) {
          fieldError(days, t('invitations.form.bad.days'));
          days.focus();
          return false;
        }
        outcome = {};
        const answer = await api('POST', `/v1/invitations/${invitation.id}/renew`, { body: { expiresInDays } });
        outcome = { answer, said: notice('ok', null, h('p', null, t('invitations.renewed', { date: date(answer.invitation.expiresAt) }))) };
        return true;
      } },
      { label: t('action.cancel') },
    ],
  }).closed;
  return outcome;
}

/**
 * For how many days it was meant when it was made or last renewed.
 * @param {Invitation} invitation
 */
function lifetime({ createdAt, expiresAt, history }) {
  const since = [...history].reverse().find(({ what }) => what === 'renewed')?.at ?? createdAt;
  return Math.min(90, Math.max(1, Math.round((Date.parse(expiresAt) - Date.parse(since)) / DAY)));
}
