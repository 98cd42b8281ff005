// The parts that pages are made of. They carry the classes that style.css knows; none has an identity of its own, so a page may have many of each.

import { h, replace, svg } from './dom.js';
import { dateTime, has, list, t } from './i18n.js';
import { aborted, asProblem } from './problem.js';

/** @typedef {import('./dom.js').Child} Child */

/** A button of a dialog. `onclick` may return `false`, or a promise of it, to keep the dialog open; a problem that it throws is shown in the dialog.
 * @typedef {object} Action
 * @property {string} label
 * @property {'primary' | 'danger' | 'plain'} [kind] `plain` when not given
 * @property {string} [value] what `closed` resolves to; the label when not given, `null` for one that only closes
 * @property {() => unknown} [onclick] */

let count = 0;
/** @param {string} prefix */
function unique(prefix) {
  count += 1;
  return `${prefix}-${count}`;
}

/** What went wrong, what to do about it and, if given, a button that tries again.
 * @param {unknown} error a `Problem`, or anything else that was caught
 * @param {() => unknown} [retry] @returns {HTMLElement} */
export function problemBox(error, retry) {
  const problem = asProblem(error);
  const roles = Array.isArray(problem.body.requiredRoles) ? problem.body.requiredRoles : [];
  return h('div', { class: `notice ${['signed-out', 'offline', 'unavailable'].includes(problem.slug) ? 'warn' : 'bad'} problem`, role: 'alert', 'data-slug': problem.slug },
    h('p', null, explain(problem)),
    roles.length > 0 && h('p', null, t('problem.requiredRoles', { roles: list(roles) })),
    problem.errors.length > 0 && h('ul', null, problem.errors.map((one) => h('li', null, one.detail))),
    ['internal', 'gateway', 'sign-in-failed', 'sign-in-untrusted', 'broken-page'].includes(problem.slug) && (problem.detail || problem.title) && h('p', { class: 'hint' }, problem.detail || problem.title),
    problem.slug === 'internal' && problem.body.instance && h('p', { class: 'hint' }, t('problem.instance', { id: problem.body.instance })),
    retry && retryButton(problem.body.kept ? beginAnew : retry, problem.slug === 'signed-out' ? t('session.signIn') : t('action.retry')));
}

/** @param {() => unknown} retry @param {string} text */
function retryButton(retry, text) {
  const button = h('button', { type: 'button', class: 'button', onclick: () => void busy(button, Promise.resolve(retry())) }, text);
  return button;
}

/** Loads the document again, with what was typed, once there is an answer: without one, the browser would show its own page in place of this one. */
async function beginAnew() {
  if ((await fetch(location.pathname).catch(() => null)) === null) return;
  document.dispatchEvent(new Event('portal:save'));
  location.reload();
}

/** A problem in the person's language where there are words for it, else as the API says it. Times within are written as the language writes them.
 * @param {import('./problem.js').Problem} problem @returns {string} */
export function explain(problem) {
  const key = `problem.${problem.slug}`;
  if (!has(key)) return problem.detail || problem.title || t('problem.unknown', { status: problem.status });
  const { expiredAt, resetsAt, ...members } = problem.body;
  return t(key, { ...members, expiredAt: dateTime(expiredAt), resetsAt: dateTime(resetsAt) });
}

/** Puts a problem's errors onto the fields of a form, and the focus into the first.
 * A field is known by `data-pointer` on its control, or on a group of controls; an error of something within a pointer counts as the pointer's.
 * @param {HTMLElement} form @param {import('./problem.js').Problem} problem @returns {boolean} whether any was placed */
export function fieldErrors(form, problem) {
  clearFieldErrors(form);
  /** @type {HTMLElement | null} */
  let first = null;
  for (const { pointer, detail } of problem.errors) {
    const control = [...form.querySelectorAll('[data-pointer]')].find((one) => within(pointer, one.getAttribute('data-pointer') ?? ''));
    if (!(control instanceof HTMLElement)) continue;
    fieldError(control, detail);
    first ??= control;
  }
  const target = first?.matches('input, select, textarea, button') ? first : first?.querySelector('input, select, textarea, button');
  if (target instanceof HTMLElement) target.focus();
  return first !== null;
}

/** Puts one error onto a control that `field` made. It goes away when the control changes. An empty text takes it away at once.
 * @param {HTMLElement} control @param {string} text */
export function fieldError(control, text) {
  const slot = control.closest('.field')?.querySelector('.error');
  if (!slot) return;
  slot.textContent = text;
  if (text === '') control.removeAttribute('aria-invalid');
  else {
    control.setAttribute('aria-invalid', 'true');
    control.addEventListener('input', () => fieldError(control, ''), { once: true });
  }
}

/** @param {HTMLElement} form */
export function clearFieldErrors(form) {
  for (const control of form.querySelectorAll('[aria-invalid]')) control.removeAttribute('aria-invalid');
  for (const slot of form.querySelectorAll('.field > .error')) slot.textContent = '';
}

/** @param {string} pointer @param {string} of */
function within(pointer, of) {
  return pointer === of || pointer.startsWith(`${of}/`);
}

/** A labelled control with a hint and a place for an error, wired for those who hear the page.
 * @param {{ label: string, hint?: Child, pointer?: string, input: HTMLElement, optional?: boolean }} parts `pointer` is where its value stands in the request's body
 * @returns {HTMLElement} */
export function field({ label, hint, pointer, input, optional = false }) {
  if (input.id === '') input.id = unique('field');
  if (pointer !== undefined) input.dataset.pointer = pointer;
  const hintId = `${input.id}-hint`;
  const errorId = `${input.id}-error`;
  input.setAttribute('aria-describedby', hint ? `${hintId} ${errorId}` : errorId);
  const check = input instanceof HTMLInputElement && (input.type === 'checkbox' || input.type === 'radio');
  const text = h('label', { for: input.id }, label, optional && h('span', { class: 'optional' }, ` ${t('field.optional')}`));
  const parts = [hint && h('div', { class: 'hint', id: hintId }, hint), h('div', { class: 'error', id: errorId })];
  return check ? h('div', { class: 'field check' }, input, text, parts) : h('div', { class: 'field' }, text, parts[0], input, parts[1]);
}

/** A modal dialog. Esc closes it, and the focus goes back where it was. While an action runs it stays: what is being done cannot be taken back, and its outcome is to be seen.
 * @param {{ title: string, body?: Child, actions: Action[], wide?: boolean }} parts
 * @returns {{ close: (value?: string | null) => void, closed: Promise<string | null>, element: HTMLDialogElement }} `closed` resolves to the value of the action that closed it, `null` for Esc and cancel */
export function dialog({ title, body, actions, wide = false }) {
  const before = document.activeElement;
  const id = unique('dialog');
  const failed = h('div', null);
  const element = h('dialog', { class: wide ? 'dialog wide' : 'dialog', 'aria-labelledby': id });
  /** @type {string | null} */
  let result = null;
  const close = (/** @type {string | null} */ value = null) => { result = value; element.close(); };
  const buttons = actions.map((action) => {
    const kind = action.kind ?? 'plain';
    const button = h('button', {
      type: 'button', class: kind === 'plain' ? 'button' : `button ${kind}`,
      onclick: async () => {
        replace(failed);
        try {
          const running = busy(button, Promise.resolve(action.onclick?.()));
          hold(true);
          if ((await running) === false) return;
        } catch (error) {
          if (!aborted(error)) replace(failed, problemBox(error));
          return;
        } finally {
          hold(false);
        }
        close(action.value ?? (action.onclick || kind !== 'plain' ? action.label : null));
      },
    }, action.label);
    return button;
  });
  let held = false;
  const hold = (/** @type {boolean} */ on) => {
    held = on;
    for (const button of buttons) button.disabled = on;
    element.setAttribute('aria-busy', String(on));
    // `cancel` can be refused once only: browsers let the next Esc through.
    element.setAttribute('closedby', on ? 'none' : 'closerequest');
  };
  element.addEventListener('cancel', (event) => { if (held) event.preventDefault(); });
  element.append(h('h2', { id }, title), h('div', { class: 'dialog-body stack' }, body, failed), h('div', { class: 'dialog-actions' }, buttons));
  document.body.append(element);
  element.showModal();
  const closed = new Promise((/** @type {(value: string | null) => void} */ resolve) => {
    element.addEventListener('close', () => {
      element.remove();
      focusAgain(before);
      resolve(result);
    });
  });
  return { close, closed, element };
}

/** What a page asked goes with the page, and with who was asked. */
export function closeDialogs() {
  for (const open of document.querySelectorAll('dialog')) open.close();
}

/** Back to where the focus was; where that is gone, or was nowhere, to the page's heading, so that Tab does not begin at the top.
 * @param {Element | null} before */
function focusAgain(before) {
  if (before instanceof HTMLElement && before.isConnected && before !== document.body) before.focus();
  if (document.activeElement !== document.body && document.activeElement !== null) return;
  const heading = document.querySelector('main h1');
  if (!(heading instanceof HTMLElement)) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

/** Asks before something is done.
 * @param {{ title: string, body?: Child, confirm: string, cancel?: string, danger?: boolean, mustType?: string }} parts `mustType` is what the person types to show that it is meant
 * @returns {Promise<boolean>} */
export async function confirmDialog({ title, body, confirm, cancel, danger = false, mustType }) {
  const input = h('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off' });
  const typed = () => mustType === undefined || input.value.trim() === mustType.trim();
  const shown = dialog({
    title,
    body: [typeof body === 'string' ? h('p', null, body) : body, mustType !== undefined && field({ label: t('dialog.mustType', { text: mustType }), input })],
    actions: [
      {
        label: confirm, kind: danger ? 'danger' : 'primary', value: 'yes',
        onclick: () => {
          if (typed()) return true;
          fieldError(input, t('dialog.typedOther', { text: mustType }));
          input.focus();
          return false;
        },
      },
      { label: cancel ?? t('action.cancel') },
    ],
  });
  if (mustType !== undefined) input.focus();
  return (await shown.closed) === 'yes';
}

/** Says something in passing: to those who hear the page, and as a toast to those who see it.
 * @param {string} text */
export function announce(text) {
  const status = document.getElementById('status');
  if (status === null) return;
  const toast = h('div', { class: 'toast' }, icon('check'), h('span', null, text));
  status.append(toast);
  setTimeout(() => toast.remove(), 6000);
}

/** Holds the place of what is being loaded; without words where what is being loaded are the texts. @param {number} [lines] @returns {HTMLElement} */
export function skeleton(lines = 3) {
  return h('div', { class: 'skeleton', role: 'status' },
    has('state.loading') && h('span', { class: 'visually-hidden' }, t('state.loading')),
    Array.from({ length: lines }, () => h('div', { class: 'skeleton-line', 'aria-hidden': 'true' })));
}

/** What stands where a list has nothing. @param {string} title @param {Child} [text] @param {Child} [action] @returns {HTMLElement} */
export function empty(title, text, action) {
  return h('div', { class: 'empty' }, icon('empty'), h('h2', null, title), text && h('p', null, text), action);
}

/** A state in one or two words. @param {'ok' | 'warn' | 'bad' | 'muted' | 'info'} kind @param {string} text @returns {HTMLElement} */
export function badge(kind, text) {
  return h('span', { class: `badge ${kind}` }, text);
}

/** Copies a text; where the browser refuses, selects `source` and says what to press.
 * @param {string} text @param {HTMLElement} [source] an element that shows the text @returns {Promise<boolean>} whether it was copied */
export async function copy(text, source) {
  try {
    await navigator.clipboard.writeText(text);
    announce(t('copy.done'));
    return true;
  } catch {
    if (source instanceof HTMLInputElement || source instanceof HTMLTextAreaElement) {
      source.focus();
      source.select();
    } else if (source) {
      getSelection()?.selectAllChildren(source);
    }
    announce(t('copy.byHand', { keys: /mac|iphone|ipad/i.test(navigator.userAgent) ? '⌘C' : 'Ctrl+C' }));
    return false;
  }
}

/** A button that cannot be pressed twice while something runs. The focus stays with it.
 * @template T @param {HTMLButtonElement} button @param {Promise<T>} promise @returns {Promise<T>} */
export async function busy(button, promise) {
  const focused = document.activeElement === button;
  button.disabled = true;
  button.setAttribute('aria-busy', 'true');
  try {
    return await promise;
  } finally {
    button.disabled = false;
    button.removeAttribute('aria-busy');
    // A disabled button loses the focus in some browsers; whoever went elsewhere meanwhile stays there.
    if (focused && button.isConnected && document.activeElement === document.body) button.focus();
  }
}

/** Loads a list page by page. Begins at once; a filtered page may be empty and still have a next one, so it goes on until there is something to show.
 * @template T
 * @param {(cursor: string | undefined) => Promise<{ items: T[], nextCursor?: string }>} load
 * @param {(items: T[], first: boolean) => HTMLElement | null | undefined | void} render called with each page's items; once with none where the whole list is empty. It answers where whoever asked for more goes on, for the button that was pressed goes
 * @returns {HTMLElement} to be placed behind the list: a skeleton, then "Show more" while there is more, or what went wrong */
export function pager(load, render) {
  const element = h('div', { class: 'pager' });
  let first = true;
  const more = async (/** @type {string | undefined} */ cursor, pressed = false) => {
    /** @type {HTMLElement | null | undefined | void} */
    let next;
    try {
      let page = await load(cursor);
      while (page.items.length === 0 && page.nextCursor) page = await load(page.nextCursor);
      next = render(page.items, first);
      first = false;
      const { nextCursor } = page;
      replace(element, nextCursor && button(nextCursor));
    } catch (error) {
      if (aborted(error)) return;
      replace(element, problemBox(error, () => { if (first) wait(); return more(cursor, true); }));
    }
    // Whoever went elsewhere meanwhile stays there.
    if (pressed && document.activeElement === document.body) (next ?? element.querySelector('button'))?.focus();
  };
  const button = (/** @type {string} */ cursor) => {
    const shown = h('button', { type: 'button', class: 'button', onclick: () => void busy(shown, more(cursor, true)) }, t('action.more'));
    return shown;
  };
  const wait = () => replace(element, skeleton(4));
  wait();
  void more(undefined);
  return element;
}

/** Drawings on a grid of 16 by 16, by stroke. @type {Record<string, string>} */
const ICONS = {
  check: 'M3 8.5 6.5 12 13 4.5',
  close: 'm4 4 8 8m0-8-8 8',
  chevron: 'm4 6 4 4 4-4',
  copy: 'M5.5 5.5v-3h8v8h-3m-8-5h8v8h-8z',
  empty: 'M2.5 9.5 4.5 3h7l2 6.5v3.5h-11zm0 0h3.5l1 1.5h2l1-1.5h3.5',
  external: 'M6 3H3v10h10v-3M9 3h4v4m0-4L7 9',
  globe: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm0 0c2.2 2 2.8 4 2.8 6.5s-.6 4.5-2.8 6.5c-2.2-2-2.8-4-2.8-6.5s.6-4.5 2.8-6.5ZM1.8 6h12.4M1.8 10h12.4',
  link: 'M6.5 9.5 9.5 6.5M7 4.5 8.8 2.7a2.9 2.9 0 0 1 4.5 4.5L11.5 9M9 11.5l-1.8 1.8a2.9 2.9 0 0 1-4.5-4.5L4.5 7',
  mail: 'M2 3.5h12v9H2zm0 .5 6 5 6-5',
  menu: 'M2 4h12M2 8h12M2 12h12',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  people: 'M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Zm-4.5 6c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4m0-11a2.5 2.5 0 0 1 0 5m1.5 2c1.6.6 2.5 2 2.5 4',
  person: 'M8 7.5a2.8 2.8 0 1 0 0-5.5 2.8 2.8 0 0 0 0 5.5Zm-5.5 6.5c0-2.8 2.3-4.5 5.5-4.5s5.5 1.7 5.5 4.5',
  plus: 'M8 3v10M3 8h10',
  search: 'M7 12a5 5 0 1 0 0-10 5 5 0 0 0 0 10Zm3.7-1.3L14 14',
  shield: 'M8 1.5 13 3.5v4c0 3.5-2.2 5.8-5 7-2.8-1.2-5-3.5-5-7v-4z',
  warning: 'M8 2 14.5 13.5h-13zm0 4.5V9.5m0 2v.01',
};

/** A drawing that says nothing to those who hear the page. @param {keyof typeof ICONS} name @returns {SVGElement} */
export function icon(name) {
  return svg('svg', { class: 'icon', viewBox: '0 0 16 16', 'aria-hidden': 'true', focusable: 'false' }, svg('path', { d: ICONS[name] }));
}
