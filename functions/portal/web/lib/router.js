// Pages and the way between them.
//
// Navigation stays in one document, for the access token lives in its memory: links to pages are followed here, everything else by the browser. Each page is a module that loads on demand, together with the
// texts and the style sheet of its area.
//
// A page exports `title` (a key of its texts), `area` (whose texts it uses), `audience`, and a function that renders it. Its `signal` is aborted when the page is left or rendered again.

import { h, replace } from './dom.js';
import { enterArea, has, t } from './i18n.js';
import { aborted } from './problem.js';
import { closeDialogs, problemBox, skeleton } from './ui.js';

/** @typedef {'partner' | 'customer' | 'any'} Audience */

/** What a page is called with.
 * @typedef {object} Visit
 * @property {AbortSignal} signal aborted when the page is left
 * @property {URLSearchParams} query
 * @property {string} fragment what stands behind `#`, or behind `%23` where a mail scanner rewrote the link; without either */

/** @typedef {{ title: string, area: string, audience: Audience, default: (view: HTMLElement, visit: Visit) => unknown }} PageModule */

/** @typedef {{ load: () => Promise<PageModule>, area: string, style?: string }} Route */

/** The area is said here too, so that texts and style load beside the module, not after it. @type {Record<string, Route>} */
const ROUTES = {
  '/': { load: () => import('../pages/home.js'), area: 'shell' },
  '/customers': { load: () => import('../pages/customers.js'), area: 'customers', style: 'customers' },
  '/request': { load: () => import('../pages/request.js'), area: 'invitations', style: 'invitations' },
  '/invitations': { load: () => import('../pages/invitations.js'), area: 'invitations', style: 'invitations' },
  '/accept': { load: () => import('../pages/accept.js'), area: 'customer', style: 'customer' },
  '/partners': { load: () => import('../pages/partners.js'), area: 'customer', style: 'customer' },
  '/api': { load: () => import('../pages/reference.js'), area: 'shell', style: 'reference' },
  '/signed-in': { load: () => import('../pages/signed-in.js'), area: 'shell' },
};

/** @type {AbortController} */
let visit = new AbortController();
/** Path and query of what is shown. */
let shown = '';
/** @type {{ path: string, audience: Audience }} */
let at = { path: '/', audience: 'any' };

/** Where we are: the page's path, its query, and for whom the page is. @returns {{ path: string, query: URLSearchParams, audience: Audience }} */
export function current() {
  return { ...at, query: new URLSearchParams(location.search) };
}

/** Goes to a page of the portal.
 * @param {string} path with query and fragment @param {{ replace?: boolean }} [options] `replace` leaves no way back to the present page
 * @returns {Promise<void>} when the page stands */
export async function navigate(path, { replace: instead = false } = {}) {
  if (instead) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  await render({ focus: true });
}

/** Renders the page of the address bar again, such as in another language.
 * @param {{ save: boolean }} options whether what was typed is saved first
 * @returns {Promise<void>} */
export async function rerender({ save }) {
  if (save) document.dispatchEvent(new Event('portal:save'));
  await render({ focus: false });
}

/** Follows links and the browser's back and forward, and renders the first page. @returns {Promise<void>} */
export async function start() {
  // The page that one comes back to is loaded before it can be scrolled, so the browser would be too early.
  history.scrollRestoration = 'manual';
  document.addEventListener('click', follow);
  document.addEventListener('scrollend', () => history.replaceState({ ...history.state, y: scrollY }, ''));
  addEventListener('popstate', (event) => {
    const same = location.pathname + location.search === shown;
    // Within a page, a new fragment is a place in it; on the answer page it is another invitation.
    if (same && !(at.path === '/accept' && location.hash.length > 1)) return;
    void render({ focus: true, y: event.state?.y ?? 0 });
  });
  await render({ focus: false });
}

/** @param {MouseEvent} event */
function follow(event) {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
  if (!(link instanceof HTMLAnchorElement) || link.target !== '' || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (!(link.pathname in ROUTES)) return;
  if (link.hash !== '' && link.pathname + link.search === shown) return;
  event.preventDefault();
  void navigate(link.pathname + link.search + link.hash);
}

/** A mail scanner may have rewritten `#` as `%23`, and so made the fragment a part of the path.
 * @param {string} pathname @param {string} hash @returns {{ path: string, fragment: string }} */
export function place(pathname, hash) {
  const [path = '/', inPath] = pathname.split(/%23/i);
  return { path: path.length > 1 ? path.replace(/\/$/, '') : path, fragment: inPath ?? hash.slice(1) };
}

/** @param {{ focus: boolean, y?: number }} options */
async function render({ focus, y = 0 }) {
  visit.abort();
  closeDialogs();
  const mine = new AbortController();
  visit = mine;
  const view = main();
  const { path, fragment } = place(location.pathname, location.hash);
  shown = location.pathname + location.search;
  const route = ROUTES[path];
  // A page that is loaded already appears without a flicker; only one that takes its time shows that it is coming.
  const late = setTimeout(() => { if (has('state.loading') && !mine.signal.aborted) replace(view, skeleton(5)); }, 120);
  try {
    const [module] = await Promise.all([
      route?.load() ?? { title: 'notFound.title', audience: /** @type {const} */ ('any'), default: notFound },
      enterArea(route?.area ?? 'shell'),
      route?.style && style(route.style),
    ]);
    clearTimeout(late);
    if (mine.signal.aborted) return;
    at = { path, audience: module.audience };
    document.title = path === '/' ? t('product') : `${t(module.title)} – ${t('product')}`;
    document.dispatchEvent(new Event('pagechange'));
    replace(view);
    view.dataset.page = path;
    const done = Promise.resolve(module.default(view, { signal: mine.signal, query: new URLSearchParams(location.search), fragment }));
    if (focus) { scrollTo(0, 0); focusHeading(view); }
    await done;
    if (mine.signal.aborted) return;
    if (focus && document.activeElement === document.body) focusHeading(view);
    if (y > 0) scrollTo(0, y);
  } catch (error) {
    clearTimeout(late);
    if (!mine.signal.aborted && !aborted(error)) await failed(view, error);
  }
}

/** Whoever hears the page hears its heading next, and Tab goes on from there.
 * @param {HTMLElement} view */
function focusHeading(view) {
  const heading = view.querySelector('h1');
  if (heading === null) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

/** @param {HTMLElement} view @param {unknown} error */
async function failed(view, error) {
  console.error(error);
  await enterArea('shell').catch(() => undefined);
  // The texts may be what could not be loaded: then the document's own words have to do, which `main.js` shows.
  if (!has('broken.title')) throw error;
  document.dispatchEvent(new Event('pagechange'));
  replace(view, h('div', { class: 'page narrow stack' }, h('h1', null, t('broken.title')), problemBox(error, () => void render({ focus: true }))));
}

/** @param {HTMLElement} view */
function notFound(view) {
  replace(view, h('div', { class: 'page narrow stack' }, h('h1', null, t('notFound.title')), h('p', null, t('notFound.text')), h('p', null, h('a', { href: '/' }, t('nav.home')))));
}

/** Style sheets that are there. @type {Map<string, Promise<void>>} */
const styles = new Map();

/** @param {string} name @returns {Promise<void>} when it applies; a style sheet that does not come is no reason to show nothing */
function style(name) {
  const loading = styles.get(name) ?? new Promise((/** @type {(value: void) => void} */ resolve) => {
    const href = new URL(`../styles/${name}.css`, import.meta.url).href;
    document.head.append(h('link', { rel: 'stylesheet', href, onload: () => resolve(), onerror: () => { styles.delete(name); resolve(); } }));
  });
  styles.set(name, loading);
  return loading;
}

function main() {
  return /** @type {HTMLElement} */ (document.getElementById('main'));
}
