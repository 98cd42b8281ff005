// What can be known of the caller before anything is asked.

import { api } from '../../lib/api.js';
import { Problem } from '../../lib/problem.js';
import { claimsOf, token } from '../../lib/session.js';
import { isTenant } from './asked.js';
import { problemOf } from './explain.js';

/** The cloud that the partner is registered in, and why it will be refused. @typedef {{cloud?: string, problem?: Problem}} Hint */

/**
 * What would be refused later is said before anything is typed, where it can be known: by the caller's own
 * profile. Its id is the tenant, which the token may name as Microsoft Entra ID does; else it stands on everything
 * that the partner made.
 * @param {AbortSignal} signal
 * @returns {Promise<Hint>}
 */
export async function lookAhead(signal) {
  try {
    const tenant = claimsOf(await token())?.tid ?? (await api('GET', '/v1/invitations', { query: { limit: 1 }, signal })).items[0]?.partnerId;
    if (!isTenant(tenant)) return {};
    const { partner } = await api('GET', `/v1/partners/${tenant}`, { signal });
    return { cloud: partner.cloud, problem: partner.status === 'suspended' ? new Problem('partner-suspended', 403) : undefined };
  } catch (error) {
    const problem = problemOf(error);
    switch (problem?.slug) {
      case 'forbidden': return { problem };
      case 'not-found': return { problem: new Problem('not-a-partner', 403) };
      default: return {};
    }
  }
}
