// Request a reseller relationship, in two steps: what is asked (form.js), and the review of the email
// (review.js). `?invitation=` names the one to review, so that a reload shows the same.

import { requireSignIn } from '../lib/session.js';
import { ask } from './invitations/form.js';
import { review } from './invitations/review.js';

export const title = 'invitations.request.title';
export const area = 'invitations';
export const audience = 'partner';

/**
 * @param {HTMLElement} view
 * @param {{signal: AbortSignal, query: URLSearchParams}} where
 */
export default async function page(view, { signal, query }) {
  if (!requireSignIn(view)) return;
  const id = query.get('invitation');
  await (id === null ? ask(view, signal) : review(view, id, signal));
}
