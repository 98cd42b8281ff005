// Sending an invitation's email through the service.

import { api } from '../../lib/api.js';
import { h } from '../../lib/dom.js';
import { t } from '../../lib/i18n.js';
import { Problem } from '../../lib/problem.js';
import { confirmDialog } from '../../lib/ui.js';
import { notice } from './parts.js';

/** @import { Invitation } from './types.js' */

/** Good enough to save a round trip; the API judges. @param {string} text */
export function isAddress(text) {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
}

/**
 * Sends it, and asks first where an earlier mail to that address came back.
 * @param {Invitation} invitation
 * @param {{to: string, subject?: string, text?: string}} edits
 * @returns {Promise<{invitation: Invitation | null, said: HTMLElement}>} what it is now, if it was sent, and what to say
 * @throws {Problem}
 */
export async function send({ id }, edits) {
  const ask = (/** @type {boolean} */ force) => api('POST', `/v1/invitations/${id}/send`, { body: force ? { ...edits, force } : edits });
  try {
    const { invitation } = await ask(false).catch(async (error) => {
      if (!(error instanceof Problem) || error.slug !== 'address-blocked') throw error;
      const isMeant = await confirmDialog({
        title: t('invitations.blocked.title'), body: t('invitations.blocked', { to: edits.to }), confirm: t('invitations.blocked.force'), danger: true,
      });
      return isMeant ? ask(true) : { invitation: null };
    });
    return { invitation, said: said(invitation, edits.to) };
  } catch (error) {
    // Here it can only mean that a mail is on its way; elsewhere the same slug means other things.
    if (error instanceof Problem && error.slug === 'conflict') return { invitation: null, said: words('warn', 'conflict', edits.to) };
    throw error;
  }
}

/**
 * @param {Invitation | null} invitation
 * @param {string} to
 */
function said(invitation, to) {
  if (invitation === null) return h('p', { class: 'notice info' }, t('invitations.blocked.kept', { to }));
  return invitation.delivery.status === 'sending' ? words('warn', 'sending', to) : words('ok', 'sent', to);
}

/**
 * @param {'ok' | 'warn'} kind
 * @param {string} key
 * @param {string} to
 */
function words(kind, key, to) {
  return notice(kind, t(`invitations.${key}.title`, { to }), h('p', null, t(`invitations.${key}`, { to })));
}
