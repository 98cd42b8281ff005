// OpenID Connect as a public client in a browser: authorization code with PKCE (S256), state and nonce. It remembers nothing; `session.js` does.
//
// | function | does |
// |---|---|
// | `authorization` | one run of the flow, and the address where the person signs in |
// | `redeem` | what the issuer answered becomes tokens, checked |
// | `refresh` | a refresh token becomes tokens |
// | `endSession` | the address where the issuer ends its own session |
//
// The identity token comes from the token endpoint over TLS, so its signature says nothing more than the connection did (OpenID Connect Core, 3.1.3.7, point 6); issuer, audience, nonce and time are checked.
// What a token lets its holder do is judged by the API's authorizer alone.

import { Problem } from './problem.js';

/** One way to sign in, from the function's variable `SIGN_IN`. The endpoints are found by discovery where they are not given.
 * @typedef {object} Issuer
 * @property {string} name what its button says; no two have the same, so that it also names the way: one issuer may be there twice, with another scope
 * @property {string} cloud
 * @property {string} issuer `{tid}` in it stands for the tenant of whoever signs in
 * @property {string} clientId
 * @property {string} scope
 * @property {string} [authorizationEndpoint] may carry a query, such as an audience
 * @property {string} [tokenEndpoint]
 * @property {string} [endSessionEndpoint] */

/** What a flow needs to know itself again when the answer comes; `way` is the name of its issuer. @typedef {{ way: string, state: string, nonce: string, verifier: string }} Flow */

/** @typedef {{ accessToken: string, refreshToken: string | null, expiresIn: number, claims: Record<string, any> }} Tokens */

/** @typedef {{ authorization: string, token: string, endSession: string | null, issuer: string }} Endpoints */

/** Begins a flow.
 * @param {Issuer} issuer @param {string} redirectUri @param {Record<string, string>} [more] further parameters, such as `prompt`
 * @returns {Promise<{ flow: Flow, address: string }>} */
export async function authorization(issuer, redirectUri, more = {}) {
  const { authorization } = await endpoints(issuer);
  const flow = { way: issuer.name, state: random(), nonce: random(), verifier: random() };
  const address = withQuery(authorization, {
    response_type: 'code', client_id: issuer.clientId, redirect_uri: redirectUri, scope: issuer.scope, state: flow.state, nonce: flow.nonce,
    code_challenge: await challenge(flow.verifier), code_challenge_method: 'S256', ...more,
  });
  return { flow, address };
}

/** Exchanges the code of an answer whose state is the flow's.
 * @param {Issuer} issuer @param {Flow} flow @param {URLSearchParams} answer @param {string} redirectUri @returns {Promise<Tokens>}
 * @throws {Problem} `sign-in-failed`, `sign-in-untrusted`, `sign-in-unreachable` */
export async function redeem(issuer, flow, answer, redirectUri) {
  const found = await endpoints(issuer);
  const from = answer.get('iss');
  // RFC 9207: an answer of another issuer was mixed up on the way, and its code is not for this token endpoint.
  if (from !== null && !isIssuer(from, found.issuer)) throw untrusted('an answer of another issuer');
  const code = answer.get('code');
  if (code === null) throw new Problem('sign-in-failed', 0, { detail: answer.get('error_description') ?? answer.get('error') ?? '', error: answer.get('error') });
  const tokens = await ask(found.token, { grant_type: 'authorization_code', client_id: issuer.clientId, code, redirect_uri: redirectUri, code_verifier: flow.verifier });
  return checked(tokens, { issuer: found.issuer, clientId: issuer.clientId, nonce: flow.nonce, now: Date.now() });
}

/** Renews without a question. An issuer may leave the identity token out then: who it is does not change.
 * @param {Issuer} issuer @param {Tokens} before @returns {Promise<Tokens>} */
export async function refresh(issuer, before) {
  const found = await endpoints(issuer);
  const tokens = await ask(found.token, { grant_type: 'refresh_token', client_id: issuer.clientId, refresh_token: before.refreshToken ?? '', scope: issuer.scope });
  if (tokens.id_token === undefined) return { ...held(tokens, before.claims), refreshToken: tokens.refresh_token ?? before.refreshToken };
  const after = checked(tokens, { issuer: found.issuer, clientId: issuer.clientId, nonce: null, now: Date.now() });
  return { ...after, refreshToken: after.refreshToken ?? before.refreshToken };
}

/** Where the issuer ends its own session, `null` where it offers that not. It is not told by the identity token whose session that is, though it might then ask the person: an address stands in histories and logs,
 * and that token has a name and an address in it.
 * @param {Issuer} issuer @param {string} backTo @returns {Promise<string | null>} */
export async function endSession(issuer, backTo) {
  const found = await endpoints(issuer).catch(() => null);
  return found?.endSession ? withQuery(found.endSession, { client_id: issuer.clientId, post_logout_redirect_uri: backTo }) : null;
}

/** @param {any} tokens @param {Expected} expected @returns {Tokens} */
function checked(tokens, expected) {
  const claims = claimsOf(tokens.id_token);
  const wrong = claims === null ? 'no identity token' : refusal(claims, expected);
  if (claims === null || wrong !== null) throw untrusted(wrong ?? '');
  return held(tokens, claims);
}

/** @param {any} tokens @param {Record<string, any>} claims @returns {Tokens} */
function held(tokens, claims) {
  if (typeof tokens.access_token !== 'string') throw untrusted('no access token');
  // `expires_in` may be absent; five minutes is what hardly an issuer goes below, and the API says when it was less.
  return { accessToken: tokens.access_token, refreshToken: tokens.refresh_token ?? null, expiresIn: Number(tokens.expires_in ?? 300), claims };
}

/** @typedef {{ issuer: string, clientId: string, nonce: string | null, now: number }} Expected */

/** Why the claims of an identity token are not to be trusted, or `null`.
 * @param {Record<string, any>} claims @param {Expected} expected `now` in milliseconds; `nonce` is `null` in a renewal, which has none @returns {string | null} */
export function refusal(claims, { issuer, clientId, nonce, now }) {
  if (!isIssuer(claims.iss, issuer, String(claims.tid))) return 'another issuer';
  if (![claims.aud].flat().includes(clientId)) return 'another audience';
  if (claims.azp !== undefined && claims.azp !== clientId) return 'another authorized party';
  if (nonce !== null && claims.nonce !== nonce) return 'another nonce';
  // Five minutes for a clock that is wrong: it is the person's own, and not ours to set.
  if (!(claims.exp * 1000 + 300_000 > now)) return 'expired';
  return null;
}

/** Whether an issuer is the expected one, which may name a tenant by `{tid}` or, as Microsoft's discovery document does, by `{tenantid}`.
 * @param {unknown} seen @param {string} expected @param {string} [tenant] the token's own; where it is not known yet, any */
function isIssuer(seen, expected, tenant) {
  if (typeof seen !== 'string') return false;
  const [before = '', after] = expected.split(/\{tid\}|\{tenantid\}/);
  if (after === undefined) return seen === expected;
  const stands = seen.slice(before.length, seen.length - after.length);
  return seen === `${before}${stands}${after}` && (tenant === undefined ? /^[\w.-]+$/.test(stands) : stands === tenant);
}

/** The endpoints of each issuer, asked for once. @type {Map<string, Promise<Endpoints>>} */
const known = new Map();

/** @param {Issuer} issuer @returns {Promise<Endpoints>} */
function endpoints(issuer) {
  const found = known.get(issuer.name) ?? discover(issuer);
  known.set(issuer.name, found);
  found.catch(() => known.delete(issuer.name));
  return found;
}

/** @param {Issuer} issuer @returns {Promise<Endpoints>} */
async function discover({ issuer, authorizationEndpoint, tokenEndpoint, endSessionEndpoint }) {
  if (authorizationEndpoint && tokenEndpoint) return { authorization: authorizationEndpoint, token: tokenEndpoint, endSession: endSessionEndpoint ?? null, issuer };
  // Whoever signs in may be of any organisation; Microsoft's name for that is `organizations`.
  const described = await json(`${issuer.replace('{tid}', 'organizations').replace(/\/$/, '')}/.well-known/openid-configuration`);
  const name = String(described.issuer);
  // Discovery 4.3: a document speaks for the issuer that it was asked of, and for no other. Microsoft's speaks for every tenant.
  const everyTenant = name.includes('{tenantid}') && new URL(name).origin === new URL(issuer).origin;
  if (name !== issuer && !everyTenant) throw untrusted('the description of another issuer');
  return {
    authorization: authorizationEndpoint ?? described.authorization_endpoint, token: tokenEndpoint ?? described.token_endpoint,
    endSession: endSessionEndpoint ?? described.end_session_endpoint ?? null, issuer: name,
  };
}

/** @param {string} address @param {Record<string, string>} form */
function ask(address, form) {
  return json(address, { method: 'POST', body: new URLSearchParams(form) });
}

/** @param {string} address @param {RequestInit} [init] @returns {Promise<any>} */
async function json(address, init) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(address, { ...init, credentials: 'omit', headers: { accept: 'application/json' } });
  } catch {
    throw new Problem('sign-in-unreachable', 0);
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem('sign-in-failed', response.status, { detail: body.error_description ?? body.error ?? '', error: body.error });
  return body;
}

/** @param {string} why for whoever looks into it; the person reads that the answer belongs to something else */
function untrusted(why) {
  return new Problem('sign-in-untrusted', 0, { detail: why });
}

/** The claims of a JSON web token, `null` where it is none. @param {unknown} jwt @returns {Record<string, any> | null} */
export function claimsOf(jwt) {
  const part = typeof jwt === 'string' ? jwt.split('.')[1] : undefined;
  if (part === undefined) return null;
  try {
    const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

/** The S256 challenge of a verifier (RFC 7636, 4.2). @param {string} verifier @returns {Promise<string>} */
export async function challenge(verifier) {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

/** 256 bits that nobody can guess. */
function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** @param {Uint8Array} bytes */
function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** @param {string} address @param {Record<string, string>} values */
function withQuery(address, values) {
  const url = new URL(address);
  for (const [name, value] of Object.entries(values)) url.searchParams.set(name, value);
  return url.href;
}
