// The redirect URI: what the issuer answered becomes a session, and the person is back where the sign-in began.

import { h, replace } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { navigate } from '../lib/router.js';
import { complete, signInButtons } from '../lib/session.js';
import { problemBox, skeleton } from '../lib/ui.js';

export const title = 'session.signIn';
export const area = 'shell';
export const audience = /** @type {const} */ ('any');

/** What becomes of the answer that this window came back with. It counts once, so another language shows the same again. @type {ReturnType<typeof complete> | undefined} */
let completed;

/** @param {HTMLElement} view @param {import('../lib/router.js').Visit} visit */
export default async function page(view, { signal, query }) {
  replace(view, h('div', { class: 'page narrow stack' }, h('h1', null, t('session.signingIn')), skeleton(2)));
  // The code is good for nothing after this, and has no business in the history.
  history.replaceState(null, '', '/signed-in');
  completed ??= complete(query);
  try {
    const { returnTo, handedOver } = await completed;
    if (signal.aborted) return;
    if (!handedOver) return await navigate(returnTo, { replace: true });
    replace(view, h('div', { class: 'page narrow stack' }, h('h1', null, t('session.signedIn')), h('p', null, t('session.closeWindow'))));
    window.close();
  } catch (error) {
    if (!signal.aborted) replace(view, h('div', { class: 'page narrow stack' }, h('h1', null, t('session.failed')), problemBox(error), signInButtons()));
  }
}
