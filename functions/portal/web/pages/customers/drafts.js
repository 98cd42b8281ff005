// What was typed into open forms, kept for this tab: it lives through a reload, another page, another language and another sign-in.
//
// A form has a name that says what it is for, such as `<customer>/user/new`. While it is open its fields are known here; `save` writes them to `sessionStorage`,
// and a form of that name that opens again takes them out. They belong to who typed them: whoever signs in next finds nothing.

import { session } from '../../lib/session.js';

/** @typedef {Record<string, string | boolean | string[]>} Values */

const KEY = 'customers.drafts';

/** @type {Map<string, HTMLFormElement>} */
const open = new Map();
let owner = '';
/** @type {Record<string, Values>} */
let kept = {};

/** The page begins: what its reader typed before is there again, until it is saved anew or sent.
 * @param {AbortSignal} signal aborted when the page is left */
export function begin(signal) {
  owner = who();
  kept = read();
  open.clear();
  document.addEventListener('portal:save', save, { signal });
  window.addEventListener('pagehide', save, { signal });
  signal.addEventListener('abort', save, { once: true });
}

/** What was typed into that form before, `null` where nothing was. @param {string} name @returns {Values | null} */
export function typed(name) {
  return kept[name] ?? null;
}

/** @param {string} name @param {HTMLFormElement} form */
export function opened(name, form) {
  open.set(name, form);
}

/** The form was sent or given up. @param {string} name */
export function closed(name) {
  open.delete(name);
  delete kept[name];
}

/** Keeps what stands in the open forms. The forms of a row that was closed are kept too: they are still in the page. */
export function save() {
  if (owner !== who()) return;
  for (const [name, form] of open) kept[name] = valuesOf(form);
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ owner, kept }));
  } catch {
    // Storage is refused or full: the page works, and a reload loses what was typed.
  }
}

/** Every named field's value; of boxes that share a name, those that are ticked.
 * @param {HTMLFormElement} form @returns {Values} */
export function valuesOf(form) {
  /** @type {Values} */
  const values = {};
  for (const control of form.elements) {
    if (!(control instanceof HTMLInputElement || control instanceof HTMLSelectElement || control instanceof HTMLTextAreaElement) || control.name === '') continue;
    if (control instanceof HTMLInputElement && control.type === 'checkbox') {
      const ticked = /** @type {string[]} */ (values[control.name] ?? []);
      values[control.name] = control.checked ? [...ticked, control.value] : ticked;
    } else if (!(control instanceof HTMLInputElement && control.type === 'radio' && !control.checked)) {
      values[control.name] = control.value;
    }
  }
  return values;
}

/** @param {HTMLFormElement} form @param {Values} values */
export function fillIn(form, values) {
  for (const control of form.elements) {
    if (!(control instanceof HTMLInputElement || control instanceof HTMLSelectElement || control instanceof HTMLTextAreaElement)) continue;
    const value = values[control.name];
    if (value === undefined) continue;
    if (control instanceof HTMLInputElement && control.type === 'checkbox') control.checked = Array.isArray(value) && value.includes(control.value);
    else if (control instanceof HTMLInputElement && control.type === 'radio') control.checked = control.value === value;
    else control.value = String(value);
  }
}

/** @returns {Record<string, Values>} */
function read() {
  try {
    const stored = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
    return stored?.owner === owner ? stored.kept : {};
  } catch {
    return {}; // Storage is refused, or holds what another version wrote: forms start empty.
  }
}

function who() {
  return `${session.name ?? ''} ${session.email ?? ''}`;
}
