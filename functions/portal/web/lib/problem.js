// What went wrong, as one kind of error for pages to explain.

/** One field that was refused, by JSON pointer into the body.
 * @typedef {{ pointer: string, detail: string }} FieldError */

/** An RFC 9457 problem of the API, or what stands for one:
 *
 * | slug | when |
 * |---|---|
 * | `offline` | no answer came |
 * | `signed-out` | nobody is signed in |
 * | `token-refused` | the authorizer does not know the token |
 * | `gateway` | API Gateway answered `{"message"}` itself |
 * | `sign-in-failed` | the issuer refused |
 * | `sign-in-untrusted` | the issuer's answer belongs to something else |
 * | `sign-in-unknown` | an answer of the issuer that this window did not ask for |
 * | `sign-in-unreachable` | the issuer gave no answer |
 * | `storage-closed` | the browser keeps nothing for this site, which a sign-in needs |
 * | `broken-page` | a page of the portal failed | */
export class Problem extends Error {
  /** @param {string} slug @param {number} status the answer's, 0 without one @param {Record<string, any>} [body] the problem document with all its members */
  constructor(slug, status, body = {}) {
    super(`${slug}: ${body.detail ?? body.title ?? status}`);
    this.name = 'Problem';
    this.slug = slug;
    this.status = status;
    this.body = body;
    /** @type {string} */
    this.title = body.title ?? '';
    /** @type {string} */
    this.detail = body.detail ?? '';
    /** @type {FieldError[]} */
    this.errors = Array.isArray(body.errors) ? body.errors : [];
  }
}

/** Which problem an answer is.
 * @param {{ status: number }} response @param {any} body @returns {Problem} */
export function problemOf(response, body) {
  const { status } = response;
  const slug = /^\/problems\/([a-z0-9-]+)$/.exec(body?.type ?? '')?.[1];
  if (slug !== undefined) return new Problem(slug === 'unauthenticated' ? 'signed-out' : slug, status, body);
  // The gateway answers for itself: no token, a refused token, a quota, a time-out.
  if (status === 401) return new Problem('signed-out', status, body ?? {});
  if (status === 403) return new Problem('token-refused', status, body ?? {});
  return new Problem('gateway', status, { title: body?.message ?? '', ...body });
}

/** What the loader said. Some browsers keep a module's failure for as long as the document lives, so what fails again may never come. @type {Set<string>} */
const missed = new Set();

/** Any error as a problem, so that no page has to ask what it caught. `kept` of a module's failure: it is not the first.
 * @param {unknown} error @returns {Problem} */
export function asProblem(error) {
  if (error instanceof Problem) return error;
  // A module or a text that could not be loaded is a TypeError of the loader: no answer came.
  if (error instanceof TypeError && /fetch|import|module/i.test(error.message)) {
    const kept = missed.has(error.message);
    missed.add(error.message);
    return new Problem('offline', 0, { kept });
  }
  return new Problem('broken-page', 0, { detail: error instanceof Error ? error.message : String(error) });
}

/** Whether this only says that the page was left.
 * @param {unknown} error */
export function aborted(error) {
  return error instanceof DOMException && error.name === 'AbortError';
}
