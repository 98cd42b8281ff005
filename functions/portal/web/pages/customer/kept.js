// The invitation that this tab has open: kept in `sessionStorage`, so that it lives through a reload, the way back and the sign-in. The token is kept until it is answered, and goes nowhere but into bodies.

import { session } from '../../lib/session.js';

/** @import { Outcome, Preview, Typed } from './types.js' */

/** @typedef {{ token?: string, locale?: string, typed?: Typed, outcome?: Outcome }} Kept */

const KEY = 'portal.invitation';

/** What the storage holds, or would hold if it were not refused. @type {Kept} */
let kept = read();
/** What the link showed: in memory alone, so that a reload asks again. @type {Preview | null} */
let shown = null;

// Whoever signs out leaves nothing behind; `session.js` clears the storage.
document.addEventListener('sessionchange', () => { if (!session.signedIn) { kept = {}; shown = null; } });

/** @returns {Kept} */
export function invitation() {
  return kept;
}

/** Another link was opened: whatever was there of the one before goes. @param {string} token */
export function open(token) {
  if (kept.token !== token) kept = { token };
  shown = null;
  write();
}

/** @returns {Preview | null} */
export function preview() {
  return shown;
}

/** @param {Preview} what */
export function show(what) {
  shown = what;
  kept.locale = what.locale;
  write();
}

/** It is answered: the token has done its work. @param {Outcome} outcome */
export function answered(outcome) {
  kept = { outcome, ...(kept.locale === undefined ? {} : { locale: kept.locale }) };
  shown = null;
  write();
}

export function forget() {
  kept = {};
  shown = null;
  write();
}

/** What was typed, by whoever is signed in. @returns {Typed} */
export function typed() {
  const who = `${session.name} ${session.email}`;
  if (kept.typed?.who !== who) kept.typed = { who, name: '', domain: '', country: '', needed: false, agreed: null, reason: '' };
  return kept.typed;
}

export function write() {
  try {
    if (Object.keys(kept).length === 0) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Storage is refused or full: the page works, and a reload needs the link again.
  }
}

/** @returns {Kept} */
function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '{}') ?? {};
  } catch {
    return {}; // storage is refused, or holds what another version wrote
  }
}
