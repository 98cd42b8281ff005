// What was typed, kept for this tab: it lives through a reload, the way back and another sign-in. Who signs in
// after somebody else finds nothing of it.

import { session } from '../../lib/session.js';

/**
 * @template T
 * @param {string} key
 * @returns {T | null}
 */
export function remembered(key) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(`invitations.${key}`) ?? 'null');
    return kept?.who === who() ? kept.what : null;
  } catch {
    return null; // storage is refused, or holds what another version wrote: the form starts empty
  }
}

/**
 * @param {string} key
 * @param {unknown} what null forgets it
 */
export function remember(key, what) {
  try {
    if (what === null) sessionStorage.removeItem(`invitations.${key}`);
    else sessionStorage.setItem(`invitations.${key}`, JSON.stringify({ who: who(), what }));
  } catch {
    // Storage is refused or full: the page works, and a reload loses what was typed.
  }
}

function who() {
  return `${session.name} ${session.email}`;
}
