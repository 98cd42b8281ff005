// The partner's customers: the list with its search, and in each row the customer's record.
//
// The address says what is shown: `query` what is searched for, `customer` which row is open. So a reload, a link and the way back show the same.

import { api } from '../lib/api.js';
import { h, replace } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { asProblem, aborted } from '../lib/problem.js';
import { requireSignIn } from '../lib/session.js';
import { empty, icon, pager } from '../lib/ui.js';
import { begin, save } from './customers/drafts.js';
import { explainHere, notice } from './customers/explain.js';
import { CustomerRecord } from './customers/record.js';
import { customerRow } from './customers/row.js';

/** @typedef {import('./customers/types.js').ListItem} ListItem */
/** @typedef {import('./customers/types.js').Page<ListItem>} ListPage */

export const title = 'customers.title';
export const area = 'customers';
export const audience = /** @type {const} */ ('partner');

/** Nobody types for longer than this between two letters of one word. */
const PAUSE = 250;

/** @param {HTMLElement} view @param {import('../lib/router.js').Visit} visit */
export default function page(view, { signal, query }) {
  if (!requireSignIn(view)) return;
  begin(signal);
  const search = h('input', { type: 'search', id: 'customers-search', name: 'query', value: query.get('query') ?? '', maxlength: 120, autocomplete: 'off', spellcheck: 'false', 'aria-describedby': 'customers-search-hint' });
  const results = h('div', { class: 'results' });
  const status = h('p', { class: 'hint', role: 'status' });
  const form = h('form', { role: 'search', class: 'field search', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); look(); } },
    h('label', { for: 'customers-search' }, t('customers.search')), search, h('div', { class: 'hint', id: 'customers-search-hint' }, t('customers.search.hint')));
  replace(view, h('div', { class: 'page customers stack' },
    h('div', { class: 'page-head' }, h('h1', null, t('customers.title')), h('a', { class: 'button primary', href: '/request' }, icon('plus'), t('customers.request'))),
    form, status, results));

  let asked = new AbortController();
  let standing = new AbortController();
  /** Rows work until others take their place, which a search that fails never brings. */
  const replaced = () => {
    // What was typed into rows that go away is there again when they come back.
    save();
    standing.abort();
    standing = new AbortController();
    return AbortSignal.any([signal, standing.signal]);
  };
  let last = search.value.trim();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  const look = () => {
    clearTimeout(waiting);
    asked.abort();
    asked = new AbortController();
    last = search.value.trim();
    remember('query', last);
    list(results, status, last, { asked: AbortSignal.any([signal, asked.signal]), replaced }, () => { search.value = ''; search.focus(); look(); });
  };
  search.addEventListener('input', (event) => {
    // Half a word of an input method is no word yet.
    if (event instanceof InputEvent && event.isComposing) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => { if (search.value.trim() !== last) look(); }, PAUSE);
  });
  search.addEventListener('compositionend', () => search.dispatchEvent(new Event('input')));
  signal.addEventListener('abort', () => clearTimeout(waiting));
  look();
}

/** Lists what a search finds in place of what stood there, once the first page is there.
 * @param {HTMLElement} results @param {HTMLElement} status @param {string} query @param {{ asked: AbortSignal, replaced: () => AbortSignal }} lives `asked` is aborted by the next search; `replaced` ends the rows that stood there, and answers the signal of those that come @param {() => void} clear begins without a search */
function list(results, status, query, { asked, replaced }, clear) {
  const rows = h('ul', { class: 'customer-list', 'aria-label': t('customers.title') });
  let more = false;
  /** @type {AbortSignal} */
  let signal;
  const count = () => {
    const shown = rows.querySelectorAll('[data-customer]').length;
    status.textContent = shown === 0 ? '' : t(more ? 'customers.shown.more' : 'customers.shown', { count: shown });
  };
  const load = async (/** @type {string | undefined} */ cursor) => {
    if (cursor === undefined) results.setAttribute('aria-busy', 'true');
    try {
      const page = /** @type {ListPage} */ (await api('GET', '/v1/customers', { query: { query, cursor }, signal: asked }));
      more = page.nextCursor !== undefined;
      return page;
    } catch (error) {
      if (!aborted(error)) results.removeAttribute('aria-busy');
      throw error;
    }
  };
  const render = (/** @type {ListItem[]} */ items, /** @type {boolean} */ first) => {
    if (first) signal = replaced();
    const wanted = new URLSearchParams(location.search).get('customer');
    const made = items.filter(({ customerId }) => rows.querySelector(`[data-customer="${customerId}"]`) === null).map((item) => rowOf(item, signal, count));
    if (first) {
      replace(results, (items.length > 0 || (wanted && query === '')) ? [header(), rows] : nothing(query, clear), pages);
      pages.classList.remove('quiet');
      results.removeAttribute('aria-busy');
    }
    for (const row of made) rows.append(row.element);
    const open = made.find(({ id }) => id === wanted && first);
    if (open) void open.open();
    else if (first && wanted && query === '') void pinned(rows, wanted, signal, count);
    count();
    return /** @type {HTMLElement | null | undefined} */ (made[0]?.element.querySelector('.arrow'));
  };
  const pages = pager(load, render);
  if (results.querySelector('.customer-list') === null) replace(results, pages);
  else {
    // The list that is there stays until the other one comes; only what goes wrong shows before.
    pages.classList.add('quiet');
    results.querySelector('.pager')?.replaceWith(pages);
  }
}

/** @param {ListItem} item @param {AbortSignal} signal @param {() => void} gone @param {CustomerRecord} [record] */
function rowOf(item, signal, gone, record = new CustomerRecord(item.customerId, signal)) {
  const id = item.customerId;
  const row = customerRow(item, record, (open) => {
    if (open) remember('customer', id);
    else if (new URLSearchParams(location.search).get('customer') === id) remember('customer', '');
  }, gone);
  return { id, ...row };
}

/** A link leads to a customer that may stand far down the list: its row comes first.
 * @param {HTMLElement} rows @param {string} id @param {AbortSignal} signal @param {() => void} count */
async function pinned(rows, id, signal, count) {
  const record = new CustomerRecord(id, signal);
  const place = h('li', { class: 'customer' });
  rows.prepend(place);
  const again = async () => {
    try {
      const { account: { name, domain, country }, relationship: { delegatedAdmin, establishedAt } } = await record.load();
      if (rows.querySelector(`[data-customer="${id}"]`) !== null) return place.remove();
      const row = rowOf({ customerId: id, name, domain, country, delegatedAdmin, establishedAt }, signal, count, record);
      place.replaceWith(row.element);
      count();
      await row.open();
    } catch (error) {
      if (aborted(error)) return;
      const problem = asProblem(error);
      record.leave = () => { place.remove(); remember('customer', ''); };
      replace(place, problem.slug === 'not-found' ? notice('warn', t('customers.linked.title'), t('customers.linked')) : explainHere(problem, record, again));
    }
  };
  await again();
}

/** What the columns are, for those who see them; others hear it with each value. */
function header() {
  return h('div', { class: 'customer-columns', 'aria-hidden': 'true' },
    ['name', 'domain', 'country', 'admin', 'established'].map((column) => h('span', null, t(`customers.${column}`))));
}

/** @param {string} query @param {() => void} clear */
function nothing(query, clear) {
  if (query === '') return empty(t('customers.empty.title'), t('customers.empty'), h('a', { class: 'button primary', href: '/request' }, t('customers.request')));
  return empty(t('customers.notFound.title', { query }), t('customers.notFound'), h('button', { type: 'button', class: 'button', onclick: clear }, t('customers.notFound.clear')));
}

/** Keeps the address in step, without a step in the browser's history.
 * @param {'query' | 'customer'} name @param {string} value */
function remember(name, value) {
  const address = new URL(location.href);
  if (value === '') address.searchParams.delete(name);
  else address.searchParams.set(name, value);
  history.replaceState(history.state, '', address);
}
