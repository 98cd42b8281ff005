// Invitations: what was asked of whom, since when and until when, what the mail did, and what the customer answered.

import { api } from '../lib/api.js';
import { h, replace } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { requireSignIn } from '../lib/session.js';
import { empty, icon, pager } from '../lib/ui.js';
import { STATUSES } from './invitations/parts.js';
import { row } from './invitations/row.js';

/** @import { Invitation, Status } from './invitations/types.js' */

export const title = 'invitations.title';
export const area = 'invitations';
export const audience = 'partner';

/**
 * @param {HTMLElement} view
 * @param {{signal: AbortSignal, query: URLSearchParams}} where
 */
export default async function page(view, { signal, query }) {
  if (!requireSignIn(view)) return;
  const filters = /** @type {(Status | null)[]} */ ([null, ...STATUSES]);
  let chosen = filters.find((status) => status === query.get('status')) ?? null;
  const listing = h('div', { class: 'stack' });
  /** How many are shown, for those who hear the page. */
  const counted = h('p', { class: 'visually-hidden', role: 'status' });
  const buttons = filters.map((status) => h('button', { class: 'button', type: 'button', 'aria-pressed': String(status === chosen), onclick: () => choose(status) }, nameOf(status)));
  const anew = () => h('a', { class: 'button primary', href: '/request' }, icon('plus'), t('invitations.new'));
  /** Ends the loading of a filter that another one took the place of. */
  let current = new AbortController();

  replace(view, h('div', { class: 'page stack' },
    h('div', { class: 'toolbar spread' }, h('h1', { tabindex: -1 }, t('invitations.title')), anew()),
    h('p', { class: 'lead' }, t('invitations.lead')),
    h('div', { class: 'filters', role: 'group', 'aria-label': t('invitations.filter') }, buttons),
    counted,
    listing));
  signal.addEventListener('abort', () => current.abort(), { once: true });
  // Where the network comes back, a list that could not be loaded loads by itself. What failed in one of its rows is that row's.
  addEventListener('online', () => { if (listing.querySelector(':scope > .pager [data-slug="offline"]')) show(); }, { signal });
  show();

  /** @param {Status | null} status */
  function choose(status) {
    if (status === chosen) return;
    chosen = status;
    buttons.forEach((button, at) => button.setAttribute('aria-pressed', String(filters[at] === status)));
    // Replaced, so that a reload shows the same and the way back is not one step for each look.
    history.replaceState(history.state, '', status === null ? '/invitations' : `/invitations?status=${status}`);
    show();
  }

  function show() {
    current.abort();
    current = new AbortController();
    const mine = current.signal;
    const list = h('ul', { class: 'invitations', 'aria-label': t('invitations.list') });
    const load = (/** @type {string | undefined} */ cursor) => api('GET', '/v1/invitations', { query: { status: chosen, cursor }, signal: mine });
    const more = pager(load, (/** @type {Invitation[]} */ items, first) => {
      if (mine.aborted) return null;
      if (first && items.length === 0) list.replaceWith(nothing());
      const made = items.map((invitation) => row(invitation, signal));
      list.append(...made);
      // Placed anew, not pushed down: what is in sight does not move.
      if (first) listing.append(more);
      counted.textContent = t('invitations.shown', { count: list.childElementCount });
      return /** @type {HTMLElement | null | undefined} */ (made[0]?.querySelector('.toggle'));
    });
    replace(listing, list, more);
  }

  function nothing() {
    return chosen === null
      ? empty(t('invitations.empty.title'), t('invitations.empty'), anew())
      : empty(t('invitations.empty.filtered.title'), t('invitations.empty.filtered', { status: nameOf(chosen) }));
  }
}

/** @param {Status | null} status */
function nameOf(status) {
  return t(status === null ? 'invitations.filter.all' : `invitations.status.${status}`);
}
