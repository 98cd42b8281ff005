// Request a reseller relationship, in two steps: what is asked (form.js), and the review of the email
// (review.js). `?invitation=` names the one to review, so that a reload shows the same; `?name=&email=&country=&tenantId=` say whom a
// new request is for, which is taken out of the address and into the form.

import { requireSignIn } from '../lib/session.js';
import { ask } from './invitations/form.js';
import { remember } from './invitations/remembered.js';

export const title = 'invitations.request.title';
export const area = 'invitations';
export const audience = 'partner';

/**
 * @param {HTMLElement} view
 * @param {{signal: AbortSignal, query: URLSearchParams}} where
 */
export default async function page(view, { signal, query }) {
  if (!requireSignIn(view)) return;
  const given = ['name', 'email', 'country', 'tenantId'].flatMap((name) => (query.has(name) ? [[name, query.get(name)]] : []));
  if (given.length > 0) {
    remember('request', Object.fromEntries(given));
    history.replaceState(history.state, '', '/request');
  }
  const id = query.get('invitation');
  if (id === null) return ask(view, signal);
  // The form is there without what only a draft needs.
  const { review } = await import('./invitations/review.js');
  if (!signal.aborted) await review(view, id, signal);
}
