// Who is signed in: authorization code with PKCE at the organisation's own issuer, as a public client.
//
// The access token lives in this module's memory and nowhere else, so no other page, extension store or later visitor finds it. What a flow needs to know itself again (state, nonce, verifier, where it began)
// waits in `sessionStorage` while the browser is at the issuer, and is used once. After a reload the issuer is asked again without a question (`prompt=none`).
//
// | function | does |
// |---|---|
// | `signIn` | leaves for the issuer and comes back to the page where it began |
// | `complete` | the redirect URI's part: the answer of the issuer becomes a session |
// | `token` | the access token, renewed first where it ran out |
// | `renew` | asks to sign in again in a window of its own, so that nothing typed is lost |
// | `restore` | after a reload: asks the issuer, once |
// | `signOut` | forgets, here and in other tabs, and tells the issuer |
//
// `document` hears `sessionchange` when somebody else is signed in than before, and `portal:save` before the window leaves for the issuer: a page then saves what was typed.
//
// The identity token comes from the token endpoint over TLS, so its signature says nothing more than the connection did (OpenID Connect Core, 3.1.3.7, point 6); issuer, audience, nonce and time are checked.

import { h } from './dom.js';
import { t } from './i18n.js';
import { Problem } from './problem.js';
import { dialog, problemBox } from './ui.js';

/** One way to sign in, from the function's variable `SIGN_IN`. The endpoints are found by discovery where they are not given.
 * @typedef {object} Issuer
 * @property {string} name what its button says
 * @property {string} cloud
 * @property {string} issuer `{tid}` in it stands for the tenant of whoever signs in
 * @property {string} clientId
 * @property {string} scope
 * @property {string} [authorizationEndpoint] may carry a query, such as an audience
 * @property {string} [tokenEndpoint]
 * @property {string} [endSessionEndpoint] */

/** @typedef {{ authorization: string, token: string, endSession: string | null, issuer: string }} Endpoints */

/** One run of the flow. @typedef {{ issuer: string, state: string, nonce: string, verifier: string, returnTo: string, silent: boolean }} Flow */

/** @typedef {{ accessToken: string, idToken: string, refreshToken: string | null, expiresAt: number, issuer: Issuer, subject: string }} Held */

const FLOW = 'portal.flow';
const SIGNED_IN = 'portal.signed-in';
const CHANNEL = 'portal.sign-in';

/** A token this close to its end is as good as over: the request still has to arrive. */
const MARGIN = 10_000;

/** Who is signed in, as far as the identity token says. @type {{ name: string | null, email: string | null, cloud: string | null, signedIn: boolean }} */
export const session = { name: null, email: null, cloud: null, signedIn: false };

/** @type {Held | null} */
let held = null;
/** @type {Promise<boolean> | null} */
let renewing = null;

const channel = new BroadcastChannel(CHANNEL);
channel.addEventListener('message', ({ data }) => { if (data.kind === 'signed-out' && held !== null) forget(); });

/** The ways to sign in that this deployment has. @returns {Issuer[]} */
export function issuers() {
  return JSON.parse(document.getElementById('config')?.textContent ?? '{}').signIn ?? [];
}

/** Leaves for the issuer. Where there are several and none is named, asks which.
 * @param {{ issuer?: Issuer, returnTo?: string }} [options] `returnTo` a path of this portal; the present one when not given
 * @returns {Promise<void>} */
export async function signIn({ issuer, returnTo = here() } = {}) {
  const all = issuers();
  const chosen = issuer ?? (all.length === 1 ? all[0] : await choose(all));
  if (chosen === undefined) return;
  await leave(chosen, { returnTo });
}

/** The access token, renewed first where it ran out. @returns {Promise<string | null>} `null` where nobody signs in */
export async function token() {
  if (held !== null && held.expiresAt - MARGIN > Date.now()) return held.accessToken;
  return (await renew()) ? (held?.accessToken ?? null) : null;
}

/** Signs in again without leaving the page. Several callers wait for one sign-in.
 * @returns {Promise<boolean>} whether the same person is signed in now */
export function renew() {
  renewing ??= renewOnce().finally(() => { renewing = null; });
  return renewing;
}

/** After a reload: asks the issuer, without a question to the person, if this tab was signed in. It asks once; whoever is signed out at the issuer sees the page signed out.
 * @returns {Promise<boolean>} whether the window is leaving */
export async function restore() {
  const name = sessionStorage.getItem(SIGNED_IN);
  const issuer = issuers().find((one) => one.issuer === name);
  if (held !== null || issuer === undefined) return false;
  sessionStorage.removeItem(SIGNED_IN);
  try {
    await leave(issuer, { returnTo: here(), silent: true });
    return true;
  } catch {
    return false;
  }
}

/** Forgets the session, tells the other tabs, and ends it at the issuer where the issuer offers that. What pages had saved goes too: the next person at this screen finds nothing. */
export async function signOut() {
  const last = held;
  held = null;
  sessionStorage.clear();
  channel.postMessage({ kind: 'signed-out' });
  let address = '/';
  if (last !== null) {
    const endSession = await endpoints(last.issuer).then((found) => found.endSession, () => null);
    if (endSession !== null) {
      address = withQuery(endSession, { id_token_hint: last.idToken, client_id: last.issuer.clientId, post_logout_redirect_uri: `${location.origin}/` });
    }
  }
  location.assign(address);
}

/** Shows how to sign in where nobody is signed in.
 * @param {HTMLElement} view @returns {boolean} whether somebody is signed in, and the page can go on */
export function requireSignIn(view) {
  if (session.signedIn) return true;
  view.replaceChildren(h('div', { class: 'card stack sign-in' },
    h('h1', { tabindex: -1 }, t('session.title')),
    h('p', null, t('session.text')),
    signInButtons()));
  return false;
}

/** One button for each way to sign in, or why there is none. @param {string} [returnTo] @returns {HTMLElement} */
export function signInButtons(returnTo) {
  const all = issuers();
  if (all.length === 0) return h('p', { class: 'notice warn' }, t('session.notConfigured'));
  const failed = h('div', null);
  return h('div', { class: 'stack' },
    h('div', { class: 'row' }, all.map((issuer, index) => h('button', {
      type: 'button', class: index === 0 ? 'button primary' : 'button',
      onclick: () => signIn({ issuer, ...(returnTo === undefined ? {} : { returnTo }) }).catch((error) => failed.replaceChildren(problemBox(error))),
    }, all.length === 1 ? t('session.signIn') : issuer.name))),
    failed);
}

/** The redirect URI's part. In the window where the flow began: exchanges the code. In a window that was opened for a renewal: hands the answer to the page that waits for it.
 * @param {URLSearchParams} answer @returns {Promise<{ returnTo: string, handedOver: boolean }>} where to go on, or that this window is done
 * @throws {Problem} */
export async function complete(answer) {
  const flow = takeFlow(answer.get('state'));
  if (flow === null) {
    if (answer.has('state') && await handOver(answer)) return { returnTo: '/', handedOver: true };
    throw new Problem('sign-in-failed', 0, { detail: t('session.unknownFlow') });
  }
  try {
    await exchange(flow, answer);
  } catch (error) {
    // A silent question that got no answer is no failure: the page is shown signed out.
    if (!flow.silent) throw error;
  }
  return { returnTo: flow.returnTo, handedOver: false };
}

/** @returns {Promise<boolean>} */
async function renewOnce() {
  const before = held;
  if (before?.refreshToken && await refresh(before, before.refreshToken)) return true;
  const choices = before === null ? issuers() : [before.issuer];
  if (choices.length === 0) return false;
  /** @type {AbortController} */
  const over = new AbortController();
  const failed = h('div', null);
  const shown = dialog({
    title: before === null ? t('session.title') : t('session.again'),
    body: [h('p', null, before === null ? t('session.text') : t('session.againText')), failed],
    actions: [
      ...choices.map((issuer, index) => ({
        label: choices.length === 1 ? t('session.signIn') : issuer.name, kind: index === 0 ? /** @type {const} */ ('primary') : /** @type {const} */ ('plain'),
        onclick: async () => {
          failed.replaceChildren();
          try {
            await inWindow(issuer, over.signal);
            return true;
          } catch (error) {
            if (!over.signal.aborted) failed.replaceChildren(problemBox(error));
            return false;
          }
        },
      })),
      { label: t('action.cancel'), kind: /** @type {const} */ ('plain') },
    ],
  });
  await shown.closed;
  over.abort();
  // Somebody else must not send what the person before typed: the page begins anew for the newcomer.
  return held !== null && held !== before && (before === null || held.subject === before.subject);
}

/** Runs the flow in a window of its own; leaves this page, saved, where the browser opens none.
 * @param {Issuer} issuer @param {AbortSignal} signal @returns {Promise<void>} */
async function inWindow(issuer, signal) {
  // Opened within the click, empty: browsers refuse windows that come later.
  const popup = window.open('', 'portal-sign-in', 'popup,width=520,height=720');
  if (popup === null) {
    await leave(issuer, { returnTo: here() });
    return new Promise(() => { /* The window is leaving. */ });
  }
  try {
    const { flow, address } = await begin(issuer, { returnTo: here() });
    const answered = answerOf(flow.state, signal);
    popup.location.replace(address);
    await exchange(flow, await answered);
  } catch (error) {
    popup.close();
    throw error;
  }
}

/** Waits until the window of a renewal hands over what the issuer answered.
 * @param {string} state @param {AbortSignal} signal @returns {Promise<URLSearchParams>} */
function answerOf(state, signal) {
  return new Promise((resolve, reject) => {
    const listener = new BroadcastChannel(CHANNEL);
    signal.addEventListener('abort', () => { listener.close(); reject(new DOMException('not signed in', 'AbortError')); }, { once: true });
    listener.addEventListener('message', ({ data }) => {
      const answer = data.kind === 'answer' ? new URLSearchParams(data.query) : null;
      if (answer?.get('state') !== state) return;
      listener.postMessage({ kind: 'taken', state });
      listener.close();
      resolve(/** @type {URLSearchParams} */ (answer));
    });
  });
}

/** Offers an answer to the page that waits for it. The code is of no use to any other page: it has no verifier.
 * @param {URLSearchParams} answer @returns {Promise<boolean>} whether a page took it */
function handOver(answer) {
  return new Promise((resolve) => {
    const listener = new BroadcastChannel(CHANNEL);
    const done = (/** @type {boolean} */ taken) => { clearTimeout(timer); listener.close(); resolve(taken); };
    const timer = setTimeout(() => done(false), 1000);
    listener.addEventListener('message', ({ data }) => { if (data.kind === 'taken' && data.state === answer.get('state')) done(true); });
    listener.postMessage({ kind: 'answer', query: answer.toString() });
  });
}

/** Leaves for the issuer; pages save what was typed first.
 * @param {Issuer} issuer @param {{ returnTo: string, silent?: boolean }} options */
async function leave(issuer, options) {
  const { flow, address } = await begin(issuer, options);
  document.dispatchEvent(new Event('portal:save'));
  sessionStorage.setItem(FLOW, JSON.stringify(flow));
  // Replaced, not added: the way back must not lead through a silent question.
  if (options.silent) location.replace(address);
  else location.assign(address);
}

/** @param {Issuer} issuer @param {{ returnTo: string, silent?: boolean }} options @returns {Promise<{ flow: Flow, address: string }>} */
async function begin(issuer, { returnTo, silent = false }) {
  const { authorization } = await endpoints(issuer);
  /** @type {Flow} */
  const flow = { issuer: issuer.issuer, state: random(), nonce: random(), verifier: random(), returnTo, silent };
  const address = withQuery(authorization, {
    response_type: 'code', response_mode: 'query', client_id: issuer.clientId, redirect_uri: redirectUri(), scope: issuer.scope, state: flow.state, nonce: flow.nonce,
    code_challenge: await challenge(flow.verifier), code_challenge_method: 'S256', ...(silent ? { prompt: 'none' } : {}),
  });
  return { flow, address };
}

/** The flow that this window began with that state; taken, so that no answer counts twice.
 * @param {string | null} state @returns {Flow | null} */
function takeFlow(state) {
  const text = sessionStorage.getItem(FLOW);
  /** @type {Flow | null} */
  const flow = text === null ? null : JSON.parse(text);
  if (flow === null || state === null || flow.state !== state) return null;
  sessionStorage.removeItem(FLOW);
  return flow;
}

/** An answer of the issuer becomes the session.
 * @param {Flow} flow @param {URLSearchParams} answer */
async function exchange(flow, answer) {
  const issuer = issuers().find((one) => one.issuer === flow.issuer);
  if (issuer === undefined) throw new Problem('sign-in-failed', 0, { detail: t('session.unknownFlow') });
  const code = answer.get('code');
  if (code === null) throw new Problem('sign-in-failed', 0, { detail: answer.get('error_description') ?? answer.get('error') ?? '', error: answer.get('error') });
  const found = await endpoints(issuer);
  const from = answer.get('iss');
  // RFC 9207: an answer of another issuer was mixed up on the way.
  if (from !== null && !isIssuer(from, found.issuer)) throw new Problem('sign-in-failed', 0, { detail: t('session.untrusted') });
  hold(issuer, found, await post(found.token, { grant_type: 'authorization_code', client_id: issuer.clientId, code, redirect_uri: redirectUri(), code_verifier: flow.verifier }), flow.nonce, null);
}

/** Where the issuer gave a refresh token, that renews without a question.
 * @param {Held} before @param {string} refreshToken @returns {Promise<boolean>} */
async function refresh(before, refreshToken) {
  try {
    const found = await endpoints(before.issuer);
    hold(before.issuer, found, await post(found.token, { grant_type: 'refresh_token', client_id: before.issuer.clientId, refresh_token: refreshToken, scope: before.issuer.scope }), null, before);
    return true;
  } catch {
    return false;
  }
}

/** Checks what the token endpoint answered, and keeps it.
 * @param {Issuer} issuer @param {Endpoints} found @param {any} answer @param {string | null} nonce @param {Held | null} before what is renewed; a renewal may leave out what stays */
function hold(issuer, found, answer, nonce, before) {
  const idToken = answer.id_token ?? before?.idToken;
  const claims = claimsOf(idToken);
  const wrong = refusal(claims, { issuer: found.issuer, clientId: issuer.clientId, nonce, now: Date.now() });
  if (typeof answer.access_token !== 'string' || (answer.id_token !== undefined && wrong !== null) || claims === null) {
    throw new Problem('sign-in-failed', 0, { detail: t('session.untrusted'), reason: wrong });
  }
  const subject = `${claims.iss} ${claims.sub}`;
  const changed = held?.subject !== subject;
  held = {
    accessToken: answer.access_token, idToken, refreshToken: answer.refresh_token ?? before?.refreshToken ?? null,
    // `expires_in` may be absent; five minutes is what nobody goes below.
    expiresAt: Date.now() + Number(answer.expires_in ?? 300) * 1000, issuer, subject,
  };
  sessionStorage.setItem(SIGNED_IN, issuer.issuer);
  Object.assign(session, { name: claims.name ?? claims.preferred_username ?? claims.email ?? null, email: claims.email ?? claims.preferred_username ?? null, cloud: issuer.cloud, signedIn: true });
  if (changed) document.dispatchEvent(new Event('sessionchange'));
}

/** Another tab signed out: this one has nobody either. */
function forget() {
  held = null;
  sessionStorage.removeItem(SIGNED_IN);
  Object.assign(session, { name: null, email: null, cloud: null, signedIn: false });
  document.dispatchEvent(new Event('sessionchange'));
}

/** Why an identity token is not to be trusted, or `null`.
 * @param {Record<string, any> | null} claims @param {{ issuer: string, clientId: string, nonce: string | null, now: number }} expected @returns {string | null} */
export function refusal(claims, { issuer, clientId, nonce, now }) {
  if (claims === null) return 'no identity token';
  const audiences = [claims.aud].flat();
  if (!isIssuer(claims.iss, issuer, claims.tid)) return 'another issuer';
  if (!audiences.includes(clientId)) return 'another audience';
  if (claims.azp !== undefined && claims.azp !== clientId) return 'another authorized party';
  if (nonce !== null && claims.nonce !== nonce) return 'another nonce';
  // A minute and a half for clocks that differ, for the person's clock is not ours to set.
  if (!(claims.exp * 1000 + 90_000 > now)) return 'expired';
  return null;
}

/** Whether an issuer is the expected one, which may name a tenant by `{tid}` or, as in Microsoft's discovery document, `{tenantid}`.
 * @param {unknown} seen @param {string} expected @param {unknown} [tenant] the token's own; any, where it is not known yet */
function isIssuer(seen, expected, tenant) {
  if (typeof seen !== 'string') return false;
  const [before, after] = expected.split(/\{tid\}|\{tenantid\}/);
  if (after === undefined) return seen === expected;
  const stands = seen.slice(/** @type {string} */ (before).length, seen.length - after.length);
  return seen === `${before}${stands}${after}` && (tenant === undefined ? /^[\w.-]+$/.test(stands) : stands === tenant);
}

/** Which endpoints an issuer has; asked once. @type {Map<string, Promise<Endpoints>>} */
const known = new Map();

/** @param {Issuer} issuer @returns {Promise<Endpoints>} */
function endpoints(issuer) {
  const found = known.get(issuer.issuer) ?? discover(issuer);
  known.set(issuer.issuer, found);
  found.catch(() => known.delete(issuer.issuer));
  return found;
}

/** @param {Issuer} issuer @returns {Promise<Endpoints>} */
async function discover(issuer) {
  const { authorizationEndpoint, tokenEndpoint } = issuer;
  if (authorizationEndpoint !== undefined && tokenEndpoint !== undefined) {
    return { authorization: authorizationEndpoint, token: tokenEndpoint, endSession: issuer.endSessionEndpoint ?? null, issuer: issuer.issuer };
  }
  // Whoever signs in may be of any organisation; Microsoft's name for that is `organizations`.
  const base = issuer.issuer.replace('{tid}', 'organizations').replace(/\/$/, '');
  const document = await json(`${base}/.well-known/openid-configuration`);
  return {
    authorization: authorizationEndpoint ?? document.authorization_endpoint, token: tokenEndpoint ?? document.token_endpoint,
    endSession: issuer.endSessionEndpoint ?? document.end_session_endpoint ?? null, issuer: issuer.issuer.includes('{tid}') ? issuer.issuer : document.issuer,
  };
}

/** @param {string} address @param {Record<string, string>} form */
function post(address, form) {
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

/** 256 bits nobody can guess. */
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

function redirectUri() {
  return `${location.origin}/signed-in`;
}

function here() {
  return location.pathname + location.search + location.hash;
}

/** @param {Issuer[]} all @returns {Promise<Issuer | undefined>} */
async function choose(all) {
  if (all.length === 0) {
    await dialog({ title: t('session.title'), body: h('p', null, t('session.notConfigured')), actions: [{ label: t('action.close'), kind: 'primary' }] }).closed;
    return undefined;
  }
  const name = await dialog({
    title: t('session.choose'), body: h('p', null, t('session.text')),
    actions: [...all.map((issuer) => ({ label: issuer.name, kind: /** @type {const} */ ('plain'), value: issuer.issuer })), { label: t('action.cancel'), kind: 'plain' }],
  }).closed;
  return all.find((issuer) => issuer.issuer === name);
}
