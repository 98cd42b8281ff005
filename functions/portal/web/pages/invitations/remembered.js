// What was typed, kept for this tab: it lives through a reload, the way back and another sign-in.

/**
 * @template T
 * @param {string} key
 * @returns {T | null}
 */
export function remembered(key) {
  try {
    return JSON.parse(sessionStorage.getItem(`invitations.${key}`) ?? 'null');
  } catch {
    return null; // storage is refused, or holds what another version wrote: the form starts empty
  }
}

/**
 * @param {string} key
 * @param {unknown} value null forgets it
 */
export function remember(key, value) {
  try {
    if (value === null) sessionStorage.removeItem(`invitations.${key}`);
    else sessionStorage.setItem(`invitations.${key}`, JSON.stringify(value));
  } catch {
    // Storage is refused or full: the page works, and a reload loses what was typed.
  }
}
