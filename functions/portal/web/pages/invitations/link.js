// The personal link within a text that people edit: the same rule as the API's, so that the warning comes
// while one types and not after the mail was refused.

/**
 * Where the link stands, white space within it left out of account: mail applications wrap long lines. What
 * goes on with another letter of a token is another link.
 * @param {string} text
 * @param {string} link
 * @param {number} [from]
 * @returns {{start: number, end: number} | null}
 */
export function findLink(text, link, from = 0) {
  for (let start = text.indexOf(link[0], from); start >= 0; start = text.indexOf(link[0], start + 1)) {
    let end = start;
    let matched = 0;
    while (end < text.length && matched < link.length) {
      if (text[end] === link[matched]) matched += 1;
      else if (!/\s/.test(text[end])) break;
      end += 1;
    }
    if (matched === link.length && !/[A-Za-z0-9_-]/.test(text[end] ?? '')) return { start, end };
  }
  return null;
}

/**
 * The text with every wrapped link made whole; null where the link is not in it.
 * @param {string} text
 * @param {string} link
 * @param {string} [by] what to put in its place: the new link, where the invitation was renewed
 * @returns {string | null}
 */
export function withWholeLinks(text, link, by = link) {
  let whole = '';
  let at = 0;
  for (let found = findLink(text, link); found; found = findLink(text, link, at)) {
    whole += text.slice(at, found.start) + by;
    at = found.end;
  }
  return at === 0 ? null : whole + text.slice(at);
}

/**
 * The text with the link in it again, and where it stands then. A damaged link is replaced; else it goes back
 * behind the paragraph that led to it in the draft, or to the end.
 * @param {string} text
 * @param {string} link
 * @param {string} drafted the text as the system wrote it
 * @returns {{text: string, start: number, end: number}}
 */
export function putLinkBack(text, link, drafted) {
  const damaged = findDamaged(text, link);
  if (damaged) return spliced(text, damaged.start, damaged.end, '', link, '');
  const lead = drafted.slice(0, drafted.indexOf(link)).trim().split('\n').pop()?.trim() ?? '';
  const led = lead === '' ? -1 : text.indexOf(lead);
  const at = led < 0 ? text.trimEnd().length : led + lead.length;
  // A paragraph of its own, whatever gap the old one left.
  const next = at + (/^\s*\n/.exec(text.slice(at))?.[0].length ?? 0);
  return spliced(text, at, next, at === 0 ? '' : '\n\n', link, text.slice(next).trim() === '' ? '\n' : '\n\n');
}

/**
 * What begins like the link up to its `#` and then goes another way: letters of the token were lost or added.
 * @param {string} text
 * @param {string} link
 */
function findDamaged(text, link) {
  const start = text.indexOf(link.slice(0, link.indexOf('#') + 1));
  if (start < 0) return null;
  const run = /^\S*/.exec(text.slice(start))?.[0] ?? '';
  const closed = run.search(/[>)\]"'、。」）】]/);
  return { start, end: start + (closed < 0 ? run.length : closed) };
}

/**
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @param {string} before
 * @param {string} link
 * @param {string} behind
 */
function spliced(text, start, end, before, link, behind) {
  const at = start + before.length;
  const rest = text.slice(end);
  return { text: text.slice(0, start) + before + link + behind + rest, start: at, end: at + link.length };
}
