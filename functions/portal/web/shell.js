// What surrounds the pages: bar, menu, account, language, foot.

import { h, replace } from './lib/dom.js';
import { language, languageName, languages, setLanguage, t } from './lib/i18n.js';
import { current, rerender, start } from './lib/router.js';
import { issuers, restore, session, signIn, signOut } from './lib/session.js';
import { announce, explain, icon } from './lib/ui.js';
import { asProblem } from './lib/problem.js';

/** Says for as long as it is so that there is no connection. @type {HTMLElement | null} */
let away = null;

/** What each side finds in the bar. @type {Record<import('./lib/router.js').Audience, [string, string][]>} */
const NAVIGATION = {
  partner: [['/customers', 'nav.customers'], ['/invitations', 'nav.invitations'], ['/request', 'nav.request']],
  customer: [['/partners', 'nav.partners'], ['/accept', 'nav.accept']],
  any: [],
};

document.addEventListener('pagechange', shell);
document.addEventListener('sessionchange', (event) => {
  // The redirect URI goes on by itself, to where the sign-in began.
  if (location.pathname === '/signed-in') return;
  // Where nobody was signed in, the page that asked goes on; what somebody saw and typed is not for somebody else.
  if (!(/** @type {CustomEvent<{ somebody: boolean }>} */ (event).detail.somebody)) return shell();
  document.getElementById('main')?.replaceChildren();
  void rerender({ save: false });
});
document.addEventListener('languagechange', () => void rerender({ save: true }));
document.addEventListener('pointerdown', (event) => {
  for (const menu of document.querySelectorAll('details.bar-menu[open]')) if (event.target instanceof Node && !menu.contains(event.target)) menu.removeAttribute('open');
});

addEventListener('offline', connection);
addEventListener('online', connection);

// The redirect URI has an answer of the issuer to look at first; everywhere else, whoever was signed in before a reload is again.
if (location.pathname === '/signed-in' || !(await restore())) await start();

/** Renders what surrounds the page. */
function shell() {
  const { path, audience } = current();
  const skip = /** @type {HTMLAnchorElement} */ (document.getElementById('skip'));
  skip.textContent = t('nav.skip');
  skip.onclick = (event) => { event.preventDefault(); document.getElementById('main')?.focus(); };
  const header = /** @type {HTMLElement} */ (document.getElementById('header'));
  const links = NAVIGATION[audience];
  const menu = h('nav', { id: 'menu', class: 'bar-nav', 'aria-label': t('nav.label') }, links.map(([href, key]) => h('a', { href, 'aria-current': path === href && 'page' }, t(key))));
  const choosing = document.activeElement?.matches('.bar-language select');
  replace(header,
    links.length > 0 && toggle(menu),
    h('a', { class: 'brand', href: '/' }, mark(), h('span', null, t('product'))),
    menu,
    h('div', { class: 'bar-end' }, languageMenu(), account()));
  if (choosing) header.querySelector('select')?.focus();
  replace(/** @type {HTMLElement} */ (document.getElementById('footer')),
    h('span', null, t('product')),
    h('nav', { 'aria-label': t('nav.more') },
      h('a', { href: '/' }, t('nav.home')),
      audience !== 'customer' && h('a', { href: '/partners' }, t('nav.forCustomers')),
      audience !== 'partner' && h('a', { href: '/customers' }, t('nav.forPartners')),
      h('a', { href: '/api' }, t('nav.api'))));
}

/** On a narrow screen the links are behind this. It closes by Esc, and when the focus goes elsewhere. @param {HTMLElement} menu */
function toggle(menu) {
  const show = (/** @type {boolean} */ open) => { menu.classList.toggle('open', open); button.setAttribute('aria-expanded', String(open)); };
  const button = h('button', {
    type: 'button', class: 'button quiet bar-toggle', 'aria-expanded': 'false', 'aria-controls': 'menu', 'aria-label': t('nav.menu'),
    onclick: () => show(!menu.classList.contains('open')),
  }, icon('menu'));
  for (const element of [menu, button]) {
    element.addEventListener('keydown', (event) => { if (event.key === 'Escape') { show(false); button.focus(); } });
    element.addEventListener('focusout', (event) => { if (!menu.contains(/** @type {Node | null} */ (event.relatedTarget)) && event.relatedTarget !== button && event.relatedTarget !== null) show(false); });
  }
  return button;
}

function mark() {
  return h('img', { src: new URL('icon.svg', import.meta.url).href, alt: '', width: 24, height: 24 });
}

function languageMenu() {
  return h('label', { class: 'bar-language' }, icon('globe'), h('span', { class: 'visually-hidden' }, t('nav.language')),
    h('select', { value: language(), onchange: (/** @type {Event} */ event) => setLanguage(/** @type {HTMLSelectElement} */ (event.target).value) },
      languages().map((tag) => h('option', { value: tag, lang: tag }, languageName(tag)))));
}

function account() {
  if (!session.signedIn) {
    if (issuers().length === 0) return null;
    return h('button', {
      type: 'button', class: 'button quiet bar-account', onclick: () => void signIn().catch((error) => announce(explain(asProblem(error)))),
    }, icon('person'), h('span', null, t('session.signIn')));
  }
  const details = h('details', { class: 'bar-menu' },
    h('summary', { class: 'button quiet bar-account', 'aria-label': `${t('nav.account')}: ${session.name ?? t('session.signedIn')}` }, icon('person'), h('span', { class: 'who' }, session.name ?? t('session.signedIn')), icon('chevron')),
    h('div', { class: 'bar-panel stack' },
      h('div', null, h('strong', null, session.name ?? t('session.signedIn')), session.email && session.email !== session.name && h('div', { class: 'hint' }, session.email)),
      h('button', { type: 'button', class: 'button', onclick: () => void signOut() }, t('session.signOut'))));
  details.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !details.open) return;
    details.open = false;
    details.querySelector('summary')?.focus();
  });
  details.addEventListener('focusout', (event) => {
    if (event.relatedTarget instanceof Node && !details.contains(event.relatedTarget)) details.open = false;
  });
  return details;
}

function connection() {
  away?.remove();
  away = navigator.onLine ? null : h('div', { class: 'toast' }, icon('warning'), h('span', null, t('state.offline')));
  if (away !== null) document.getElementById('status')?.append(away);
}
