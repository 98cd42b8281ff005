// The `mailto:` of the edited draft (RFC 6068), made as the API makes its own.

/** Mail applications take URIs under this many characters. */
const MOST = 2000;

/**
 * Everything but RFC 3986's unreserved characters is encoded; `encodeURIComponent` leaves five more and
 * throws at half a surrogate pair.
 * @param {string} text
 */
function encode(text) {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * @param {string} to
 * @param {string} subject
 * @param {string} body encoded
 */
function uri(to, subject, body) {
  return `mailto:${encode(to).replace('%40', '@')}?subject=${encode(subject)}&body=${body}`;
}

/**
 * The address to open, and whether it carries the text as edited. A text that is too long gives way to the
 * API's own, which is short enough, with the edited recipient and subject where they fit beside it.
 * @param {{to: string, subject: string, text: string}} mail
 * @param {string} drafted the draft's own `mailto`
 * @returns {{href: string, whole: boolean}}
 */
export function mailto(mail, drafted) {
  const body = encode(mail.text.trim().replace(/\r?\n/g, '\r\n'));
  const edited = uri(mail.to, mail.subject, body);
  if (edited.length < MOST) return { href: edited, whole: true };
  const own = /[?&]body=([^&]*)/.exec(drafted)?.[1] ?? '';
  const short = uri(mail.to, mail.subject, own);
  return { href: short.length < MOST ? short : drafted, whole: false };
}
