// Who is signed in.
//
// The access token lives in this module's memory and nowhere else, so that no later visitor of this browser finds it. What a flow needs to know itself again waits in `sessionStorage` while the browser is at
// the issuer, and is used once. After a reload the issuer is asked again, without a question to the person (`prompt=none`).
//
// | function | does |
// |---|---|
// | `signIn` | leaves for the issuer and comes back to the page where it began |
// | `complete` | the redirect URI's part: the issuer's answer becomes a session |
// | `token` | the access token, renewed first where it ran out |
// | `renew` | asks to sign in again in a window of its own, so that nothing typed is lost |
// | `restore` | after a reload: asks the issuer, once |
// | `signOut` | forgets, here and in other tabs, and tells the issuer |
//
// `document` hears `sessionchange` when somebody else is signed in than before (`detail.somebody`: whether anybody was), and `portal:save` before the window leaves for the issuer: a page then saves what was typed.

import { h } from './dom.js';
import { t } from './i18n.js';
import { authorization, endSession, redeem, refresh } from './oidc.js';
import { Problem, aborted, asProblem } from './problem.js';
import { dialog, problemBox } from './ui.js';

export { claimsOf } from './oidc.js';

/** @typedef {import('./oidc.js').Issuer} Issuer */
/** @typedef {import('./oidc.js').Tokens} Tokens */
/** A flow of this window: where it began, and whether it asked without a question. @typedef {import('./oidc.js').Flow & { returnTo: string, silent: boolean }} Flow */
/** @typedef {Tokens & { issuer: Issuer, expiresAt: number, subject: string }} Held */

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

/** Where this window's last sign-in began: the way on, also where nobody was signed in by it. */
let began = '/';

/** The other tabs. A browser that closes storage to pages may close this too. */
const channel = allowed(() => new BroadcastChannel(CHANNEL));
// A tab where nobody is signed in keeps the invitation that it has open: it may be another person's, who is about to sign in.
channel?.addEventListener('message', ({ data }) => { if (data.kind === 'signed-out' && held !== null) forget(); });
// Out of the back/forward cache comes a page as it was left, with what it knew of somebody who may have signed out since.
addEventListener('pageshow', ({ persisted }) => { if (persisted && (!session.signedIn || allowed(() => sessionStorage.getItem(SIGNED_IN)) === null)) location.reload(); });

/** The ways to sign in that this deployment has. @returns {Issuer[]} */
export function issuers() {
  return JSON.parse(document.getElementById('config')?.textContent ?? '{}').signIn ?? [];
}

/** Leaves for the issuer. Where there are several and none is named, asks which.
 * @param {{ issuer?: Issuer | undefined, returnTo?: string | undefined, otherAccount?: boolean }} [options] `returnTo` a path of this portal; the present one when not given. `otherAccount` lets the person choose one, even where the issuer knows one
 *   already
 * @returns {Promise<void>} */
export async function signIn({ issuer, returnTo = here(), otherAccount = false } = {}) {
  const all = issuers();
  const chosen = issuer ?? (all.length === 1 ? all[0] : await choose(all));
  if (chosen !== undefined) await leave(chosen, { returnTo, prompt: otherAccount ? 'select_account' : undefined });
}

/** The access token, renewed first where it ran out. @returns {Promise<string | null>} `null` where nobody signs in */
export async function token() {
  if (held !== null && held.expiresAt - MARGIN > Date.now()) return held.accessToken;
  return (await renew()) ? (held?.accessToken ?? null) : null;
}

/** Signs in again without leaving the page. Several callers wait for one sign-in.
 * @returns {Promise<boolean>} whether the same person is signed in now
 * @throws {Problem} `offline` */
export function renew() {
  renewing ??= renewOnce().finally(() => { renewing = null; });
  return renewing;
}

/** After a reload: asks the issuer, without a question to the person, if this tab was signed in. It asks once; whoever is signed out at the issuer sees the page signed out.
 * @returns {Promise<boolean>} whether the window is leaving */
export async function restore() {
  const issuer = named(allowed(() => sessionStorage.getItem(SIGNED_IN)));
  if (held !== null || issuer === undefined) return false;
  sessionStorage.removeItem(SIGNED_IN);
  return leave(issuer, { returnTo: here(), prompt: 'none' }).then(() => true, () => false);
}

/** Forgets the session, tells the other tabs, and ends it at the issuer where the issuer offers that. */
export async function signOut() {
  const last = held;
  forget();
  channel?.postMessage({ kind: 'signed-out' });
  location.assign((last && await endSession(last.issuer, `${location.origin}/`)) ?? '/');
}

/** Shows how to sign in where nobody is signed in.
 * @param {HTMLElement} view @returns {boolean} whether somebody is signed in, and the page can go on */
export function requireSignIn(view) {
  if (session.signedIn) return true;
  view.replaceChildren(h('div', { class: 'card stack sign-in' }, h('h1', { tabindex: -1 }, t('session.title')), h('p', null, t('session.text')), signInButtons()));
  return false;
}

/** One button for each way to sign in, or why there is none. @param {string} [returnTo] @returns {HTMLElement} */
export function signInButtons(returnTo) {
  const all = issuers();
  if (all.length === 0) return h('p', { class: 'notice warn' }, t('session.notConfigured'));
  const failed = h('div', null);
  const start = (/** @type {Issuer} */ issuer) => signIn({ issuer, returnTo }).catch((error) => failed.replaceChildren(problemBox(error)));
  return h('div', { class: 'stack' },
    h('div', { class: 'row' }, all.map((issuer, index) => h('button', { type: 'button', class: index === 0 ? 'button primary' : 'button', onclick: () => void start(issuer) }, all.length === 1 ? t('session.signIn') : issuer.name))),
    failed);
}

/** The redirect URI's part. In the window where the flow began: exchanges the code. In a window that was opened for a renewal: hands the answer to the page that waits for it.
 * @param {URLSearchParams} answer @returns {Promise<{ returnTo: string, handedOver: boolean }>} where to go on, or that this window is done
 * @throws {Problem} */
export async function complete(answer) {
  const flow = takeFlow(answer.get('state'));
  if (flow === null) {
    if (answer.has('state') && await handOver(answer)) return { returnTo: '/', handedOver: true };
    throw new Problem('sign-in-unknown', 0);
  }
  const issuer = named(flow.way);
  if (issuer === undefined) throw new Problem('sign-in-unknown', 0);
  try {
    hold(issuer, await redeem(issuer, flow, answer, redirectUri()));
  } catch (error) {
    // A silent question that got no answer is no failure: the page is shown signed out.
    if (!flow.silent) throw error;
  }
  return { returnTo: flow.returnTo, handedOver: false };
}

/** @returns {Promise<boolean>} */
async function renewOnce() {
  const before = held;
  if (before?.refreshToken) {
    const fresh = await refresh(before.issuer, before).catch((error) => {
      // Without a network nobody can sign in again either, and the sign-in may be as good as before.
      if (asProblem(error).slug === 'sign-in-unreachable') throw new Problem('offline', 0);
      return null;
    });
    // Whoever signed out meanwhile stays signed out.
    if (held !== before) return false;
    if (fresh !== null) return hold(before.issuer, fresh).subject === before.subject;
  }
  const choices = before === null ? issuers() : [before.issuer];
  if (choices.length === 0) return false;
  await dialogOf(before !== null, choices);
  // Somebody else must not send what the person before typed: the page begins anew for the newcomer.
  return held !== null && held !== before && (before === null || held.subject === before.subject);
}

/** Asks to sign in again, until it is done or given up.
 * @param {boolean} again @param {Issuer[]} choices @returns {Promise<void>} */
async function dialogOf(again, choices) {
  const failed = h('div', null);
  let tried = new AbortController();
  const begin = (/** @type {Issuer} */ issuer) => {
    tried.abort();
    tried = new AbortController();
    failed.replaceChildren();
    inWindow(issuer, tried.signal).then(() => shown.close(), (error) => { if (!aborted(error)) failed.replaceChildren(problemBox(error)); });
    // The question stays, and can be answered again: whether its window is still there cannot be known, for the isolation of the portal's pages says of every such window that it is closed.
    return false;
  };
  const shown = dialog({
    title: t(again ? 'session.again' : 'session.title'),
    body: [h('p', null, t(again ? 'session.againText' : 'session.text')), failed],
    actions: [
      ...choices.map((issuer, index) => ({
        label: choices.length === 1 ? t('session.signIn') : issuer.name, kind: index === 0 ? /** @type {const} */ ('primary') : /** @type {const} */ ('plain'),
        onclick: () => begin(issuer),
      })),
      { label: t('action.cancel') },
    ],
  });
  await shown.closed;
  tried.abort();
}

/** Runs the flow in a window of its own; leaves this page, saved, where the browser opens none.
 * @param {Issuer} issuer @param {AbortSignal} signal @returns {Promise<void>} */
async function inWindow(issuer, signal) {
  // Opened within the click, empty: browsers refuse windows that come later.
  const popup = window.open('', '_blank', 'popup,width=520,height=720');
  if (popup === null) {
    await leave(issuer, { returnTo: here(), prompt: undefined });
    return new Promise(() => { /* The window is leaving. */ });
  }
  try {
    const { flow, address } = await authorization(issuer, redirectUri());
    signal.throwIfAborted();
    const answered = answerOf(flow.state, signal);
    popup.location.replace(address);
    const tokens = await redeem(issuer, flow, await answered, redirectUri());
    signal.throwIfAborted();
    hold(issuer, tokens);
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
      const answer = new URLSearchParams(data.kind === 'answer' ? data.query : '');
      if (answer.get('state') !== state) return;
      listener.postMessage({ kind: 'taken', state });
      listener.close();
      resolve(answer);
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
 * @param {Issuer} issuer @param {{ returnTo: string, prompt: 'none' | 'select_account' | undefined }} options */
async function leave(issuer, { returnTo, prompt }) {
  const silent = prompt === 'none';
  const { flow, address } = await authorization(issuer, redirectUri(), prompt === undefined ? {} : { prompt });
  document.dispatchEvent(new Event('portal:save'));
  try {
    sessionStorage.setItem(FLOW, JSON.stringify({ ...flow, returnTo, silent }));
  } catch {
    // Nothing would know the answer again.
    throw new Problem('storage-closed', 0);
  }
  // Replaced, not added: the way back must not lead through a silent question.
  if (silent) location.replace(address);
  else location.assign(address);
}

/** The flow that this window began with that state; taken, so that no answer counts twice.
 * @param {string | null} state @returns {Flow | null} */
function takeFlow(state) {
  /** @type {Flow | null} */
  const flow = JSON.parse(allowed(() => sessionStorage.getItem(FLOW)) ?? 'null');
  began = flow?.returnTo ?? began;
  if (state === null || flow?.state !== state) return null;
  sessionStorage.removeItem(FLOW);
  return flow;
}

/** @param {Issuer} issuer @param {Tokens} tokens @returns {Held} */
function hold(issuer, tokens) {
  const { claims } = tokens;
  const subject = `${claims.iss} ${claims.sub}`;
  const somebody = held !== null;
  const changed = held?.subject !== subject;
  held = { ...tokens, issuer, expiresAt: Date.now() + tokens.expiresIn * 1000, subject };
  allowed(() => sessionStorage.setItem(SIGNED_IN, issuer.name));
  Object.assign(session, { name: claims.name ?? claims.preferred_username ?? claims.email ?? null, email: claims.email ?? claims.preferred_username ?? null, cloud: issuer.cloud, signedIn: true });
  if (changed) changeOf(somebody);
  return held;
}

/** Nobody is signed in any more, and the next person at this screen finds nothing: not on the page, which lets go first, for a page that is left saves what was typed; nor in what pages had saved. */
function forget() {
  held = null;
  Object.assign(session, { name: null, email: null, cloud: null, signedIn: false });
  changeOf(true);
  allowed(() => sessionStorage.clear());
}

/** @param {boolean} somebody whether somebody was signed in before */
function changeOf(somebody) {
  document.dispatchEvent(new CustomEvent('sessionchange', { detail: { somebody } }));
}

/** @param {Issuer[]} all @returns {Promise<Issuer | undefined>} */
async function choose(all) {
  const none = all.length === 0;
  const shown = dialog({
    title: t(none ? 'session.title' : 'session.choose'),
    body: [h('p', null, t(none ? 'session.notConfigured' : 'session.text')), all.map(({ name }) => h('button', { type: 'button', class: 'button choice', onclick: () => shown.close(name) }, name))],
    actions: [{ label: t('action.cancel') }],
  });
  return named(await shown.closed);
}

/** What a browser may refuse, storage above all: `null` where it does. @template T @param {() => T} use @returns {T | null} */
function allowed(use) {
  try {
    return use();
  } catch {
    return null;
  }
}

/** @param {string | null} name */
function named(name) {
  return issuers().find((one) => one.name === name);
}

function redirectUri() {
  return `${location.origin}/signed-in`;
}

/** The page to come back to. The redirect URI is none: it has nothing to show but what became of an answer. */
function here() {
  return location.pathname === '/signed-in' ? began : location.pathname + location.search + location.hash;
}
