// Requests to the API of the same origin: JSON in, JSON out, and every refusal a `Problem`.
//
// | what happens | what this does |
// |---|---|
// | no token, or it ran out | waits for `renew()`, then asks |
// | the gateway refuses the token (401, 403) | `renew()`, and the same request once more |
// | 503 with `Retry-After` | waits as told, at most ten seconds, and asks once more, unless that could do something twice |
// | the network fails | a `Problem` with the slug `offline` |
// | the page is left (`signal`) | the `AbortError` passes through; pages leave it alone |

import { Problem, aborted, problemOf } from './problem.js';
import { renew, token } from './session.js';

export { Problem };

/** @typedef {object} Options
 * @property {unknown} [body] sent as JSON
 * @property {Record<string, string | number | boolean | null | undefined> | undefined} [query] empty values are left out
 * @property {Record<string, string> | undefined} [headers]
 * @property {AbortSignal | undefined} [signal]
 * @property {boolean | undefined} [anonymous] sent without a token
 * @property {string | undefined} [idempotencyKey] makes a `POST` safe to repeat */

/** Asks the API.
 * @param {string} method @param {string} path such as `/v1/customers` @param {Options} [options]
 * @returns {Promise<any>} the answer's JSON, `null` where it has no body
 * @throws {Problem} */
export async function api(method, path, options = {}) {
  const address = path + search(options.query);
  let asked = false;
  let waited = false;
  for (;;) {
    const bearer = options.anonymous ? null : await token();
    if (!options.anonymous && bearer === null) throw new Problem('signed-out', 401);
    const response = await send(method, address, options, bearer);
    if (response.ok) return response.status === 204 ? null : read(response);
    const problem = problemOf(response, await read(response));
    if (!options.anonymous && !asked && (problem.slug === 'signed-out' || problem.slug === 'token-refused')) {
      asked = true;
      if (await renew()) continue;
    }
    const seconds = Number(response.headers.get('retry-after'));
    if (response.status === 503 && seconds > 0 && !waited && repeatable(method, options)) {
      waited = true;
      await sleep(Math.min(seconds, 10) * 1000, options.signal);
      continue;
    }
    throw problem;
  }
}

/** @param {string} method @param {string} address @param {Options} options @param {string | null} bearer @returns {Promise<Response>} */
async function send(method, address, options, bearer) {
  /** @type {Record<string, string>} */
  const headers = { accept: 'application/json', ...options.headers };
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  if (bearer !== null) headers.authorization = `Bearer ${bearer}`;
  if (options.idempotencyKey !== undefined) headers['idempotency-key'] = options.idempotencyKey;
  try {
    return await fetch(address, {
      method, headers, signal: options.signal ?? null, cache: 'no-store', credentials: 'omit', redirect: 'error',
      body: options.body === undefined ? null : JSON.stringify(options.body),
    });
  } catch (error) {
    if (aborted(error)) throw error;
    throw new Problem('offline', 0);
  }
}

/** The body as JSON, `null` where there is none or it is something else.
 * @param {Response} response @returns {Promise<any>} */
async function read(response) {
  try {
    return await response.json();
  } catch (error) {
    if (aborted(error)) throw error;
    if (response.ok) throw new Problem('offline', 0);
    return null;
  }
}

/** Everything but a `POST` says the same when it is said twice, unless it adds a note; a `POST` with a key does too, and one without a caller changes nothing.
 * @param {string} method @param {Options} options */
function repeatable(method, { body, idempotencyKey, anonymous = false }) {
  if (method === 'POST') return idempotencyKey !== undefined || anonymous;
  return /** @type {{ note?: unknown } | undefined} */ (body)?.note === undefined;
}

/** @param {Options['query']} query */
function search(query) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** @param {number} milliseconds @param {AbortSignal} [signal] @returns {Promise<void>} */
function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => { clearTimeout(timer); reject(new DOMException('the page was left', 'AbortError')); }, { once: true });
  });
}
