// The page that an invitation's link opens. Whoever holds the link sees who asks for what; a Global administrator of the customer signs in and answers. Opening it decides nothing, however often.

import { api } from '../lib/api.js';
import { h, replace } from '../lib/dom.js';
import { country, date, preferLanguage, t } from '../lib/i18n.js';
import { tokenOf } from '../lib/link.js';
import { aborted, asProblem } from '../lib/problem.js';
import { problemBox, skeleton } from '../lib/ui.js';
import { answer } from './customer/answer.js';
import { ended, unknown } from './customer/ended.js';
import { forget, invitation, open, preview, show } from './customer/kept.js';
import { fact } from './customer/parts.js';
import { pasteForm } from './customer/paste.js';
import { facts, heading, meaning } from './customer/request.js';

/** @import { Outcome } from './customer/types.js' */

export const title = 'customer.accept.title';
export const area = 'customer';
export const audience = /** @type {const} */ ('customer');

/** @param {HTMLElement} view @param {import('../lib/router.js').Visit} visit */
export default async function page(view, { signal, fragment }) {
  if (fragment !== '') {
    // Read once, and gone: an address bar is seen, shared and remembered. What is no token is asked for all the same, and explained.
    history.replaceState(history.state, '', '/accept');
    open(tokenOf(fragment) ?? fragment);
  }
  await render();

  async function render() {
    const { token, outcome, locale } = invitation();
    if (locale !== undefined) preferLanguage(locale);
    // Another language shows the page anew, and this is the one before.
    if (signal.aborted) return;
    if (outcome !== undefined) return void replace(view, done(outcome, another));
    if (token === undefined) return void replace(view, start());
    if (preview() === null && !(await look(token))) return;
    shown();
  }

  /** Asks what the link shows. @param {string} token @returns {Promise<boolean>} whether this page is still there to show it */
  async function look(token) {
    const waits = h('div', { class: 'page stack' }, h('h1', { tabindex: -1 }, t('customer.accept.title')), skeleton(12));
    replace(view, waits);
    try {
      const found = await api('POST', '/v1/invitations/preview', { body: { token }, anonymous: true, signal });
      show(found);
      preferLanguage(found.locale);
      return !signal.aborted;
    } catch (error) {
      if (aborted(error)) return false;
      const problem = asProblem(error);
      // What cannot be a token at all is as unknown as a forged one.
      if (['unknown-link', 'validation-failed', 'malformed'].includes(problem.slug)) replace(view, unknown(opened));
      else replace(waits, h('h1', { tabindex: -1 }, t('customer.accept.title')), problemBox(problem, again));
      if (problem.slug === 'offline') addEventListener('online', again, { once: true, signal });
      return false;
    }
  }

  function shown() {
    const found = preview();
    if (found === null) return;
    if (found.status !== 'pending') return void replace(view, ended(found, opened));
    const about = h('div', null, facts(found));
    replace(view, h('div', { class: 'page stack invitation-page' },
      heading(found),
      h('div', { class: 'sides' }, h('div', { class: 'stack' }, meaning(found), about), answer(found, { changed, corrected: () => replace(about, facts(found)) }, signal)),
      h('p', null, h('button', { type: 'button', class: 'button quiet', onclick: another }, t('customer.another')))));
  }

  function again() {
    void render();
  }

  /** It was answered, or ended: whoever hears the page hears that. */
  function changed() {
    if (signal.aborted) return;
    void render();
    scrollTo(0, 0);
    view.querySelector('h1')?.focus({ preventScroll: true });
  }

  /** @param {string} token */
  async function opened(token) {
    open(token);
    await render();
    view.querySelector('h1')?.focus({ preventScroll: true });
  }

  function another() {
    forget();
    changed();
  }

  function start() {
    return h('div', { class: 'page narrow stack' },
      h('h1', { tabindex: -1 }, t('customer.paste.title')),
      h('p', { class: 'lead' }, t('customer.paste.text')),
      h('section', { class: 'card stack' }, pasteForm(opened)));
  }
}

/** @param {Outcome} outcome @param {() => void} another @returns {HTMLElement} */
function done(outcome, another) {
  const { kind, partner } = outcome;
  const open = h('button', { type: 'button', class: 'button', onclick: another }, t('customer.another'));
  if (kind === 'declined') {
    return h('div', { class: 'page narrow stack' },
      h('h1', { tabindex: -1 }, t('customer.declined.title', { partner })),
      h('p', { class: 'notice info' }, t('customer.declined.text', { partner })),
      outcome.reason && h('dl', { class: 'facts card' }, fact(t('customer.declined.reason'), h('span', { class: 'said' }, outcome.reason))),
      h('div', { class: 'row' }, open));
  }
  const { delegatedAdmin, establishedAt, customer, agreementVersion } = outcome.relationship;
  return h('div', { class: 'page narrow stack' },
    h('h1', { tabindex: -1 }, t('customer.accepted.title', { partner })),
    h('p', { class: 'notice ok' }, t(delegatedAdmin === 'granted' ? 'customer.grant.granted.text' : 'customer.means.noAdmin', { partner })),
    h('dl', { class: 'facts card' },
      fact(t('customer.details.name'), customer.name),
      fact(t('customer.details.domain'), customer.domain),
      fact(t('customer.details.country'), country(customer.country)),
      fact(t('customer.partners.since'), h('time', { datetime: establishedAt }, date(establishedAt))),
      fact(t('customer.fact.agreement'), t('customer.fact.version', { version: agreementVersion }))),
    h('p', null, t(delegatedAdmin === 'granted' ? 'customer.accepted.next' : 'customer.accepted.nextNoAdmin')),
    h('div', { class: 'row' }, h('a', { class: 'button primary', href: '/partners' }, t('customer.seePartners')), open));
}
