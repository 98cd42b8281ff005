// The token of an invitation, out of whatever a person has of its link.

/** Base64url behind `#`, or behind `%23` where a mail scanner encoded it, perhaps more than once. A scanner's own parameters may follow. */
const BEHIND = /(?:#|%(?:25)*23)([\w-]+)/i;

/** What stands behind `#` in a link. The link may be wrapped over lines, in `<…>`, quoted by `>`, or packed into a scanner's address; the token may also come alone.
 * @param {string} text @returns {string | null} `null` where there is no token in it */
export function tokenOf(text) {
  // Mail applications break lines with spaces, marks of a reply, and characters that nobody sees.
  const whole = text.replace(/[\s<>"'\u00ad\u200b-\u200d\u2060\ufeff]+/g, '');
  return BEHIND.exec(whole)?.[1] ?? (/^[\w-]+$/.test(whole) ? whole : null);
}
