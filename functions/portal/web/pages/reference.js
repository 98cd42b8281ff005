// The API's description, for people: what `/openapi.json` says, by group, with a filter.
//
// The description speaks English, as the API does; what surrounds it speaks the person's language. Each operation has an address, `/api#<operationId>`, that opens it.

import { api } from '../lib/api.js';
import { h, replace } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { empty, field, problemBox, skeleton } from '../lib/ui.js';
import { operationView, operations, problemTable, words } from './reference/operation.js';

/** @typedef {import('./reference/operation.js').Operation} Operation */

export const title = 'reference.title';
export const area = 'shell';
export const audience = /** @type {const} */ ('any');

/** @param {HTMLElement} view @param {import('../lib/router.js').Visit} visit */
export default async function page(view, { signal, fragment }) {
  const body = h('div', null, skeleton(12));
  replace(view, h('div', { class: 'page stack' },
    h('div', { class: 'toolbar page-head' }, h('h1', null, t('reference.title')), h('a', { class: 'button end', href: '/openapi.json', download: 'openapi.json' }, t('reference.download'))), body));
  try {
    const document = await api('GET', '/openapi.json', { anonymous: true, signal });
    replace(body, reader(document, signal));
    open(fragment);
  } catch (error) {
    if (!signal.aborted) replace(body, problemBox(error, () => page(view, { signal, fragment, query: new URLSearchParams() })));
  }
}

/** @param {import('./reference/schema.js').Schema} description @param {AbortSignal} signal */
function reader(description, signal) {
  const all = operations(description);
  const groups = description.tags.map((/** @type {{ name: string, description?: string }} */ tag) => {
    const mine = all.filter((one) => one.tag === tag.name).map((one) => ({ one, element: operationView(description, one), link: contentsLine(one) }));
    const id = `group-${tag.name.toLowerCase()}`;
    return {
      mine,
      section: h('section', { class: 'group stack', 'aria-labelledby': id }, h('h2', { id, lang: 'en' }, tag.name), tag.description && h('p', { class: 'muted' }, words(tag.description)), h('div', { class: 'operations' }, mine.map(({ element }) => element))),
      contents: h('li', null, h('a', { class: 'contents-group', href: `#${id}`, lang: 'en' }, tag.name), h('ul', null, mine.map(({ link }) => link))),
    };
  });
  const problems = h('section', { class: 'group stack', 'aria-labelledby': 'group-problems' }, h('h2', { id: 'group-problems' }, t('reference.problems')), h('div', { class: 'card' }, problemTable(description)));
  const found = h('p', { class: 'hint', role: 'status' });
  const none = h('div', { hidden: true });
  const input = h('input', { type: 'search', autocomplete: 'off', spellcheck: 'false' });
  const filter = () => {
    const wanted = input.value.toLowerCase().split(/\s+/).filter((word) => word !== '');
    let count = 0;
    for (const group of groups) {
      let any = false;
      for (const { one, element, link } of group.mine) {
        const match = wanted.every((word) => one.words.includes(word));
        element.hidden = link.hidden = !match;
        any ||= match;
        count += match ? 1 : 0;
      }
      group.section.hidden = group.contents.hidden = !any;
    }
    found.textContent = t('reference.found', { count });
    problems.hidden = wanted.length > 0;
    none.hidden = count > 0;
    replace(none, count === 0 && empty(t('reference.none', { text: input.value.trim() })));
  };
  input.addEventListener('input', filter);
  filter();
  addEventListener('hashchange', () => open(location.hash.slice(1)), { signal });
  return h('div', { class: 'reader' },
    h('nav', { class: 'contents', 'aria-label': t('reference.contents') }, h('ul', null, groups.map((/** @type {{ contents: HTMLElement }} */ group) => group.contents), h('li', null, h('a', { class: 'contents-group', href: '#group-problems' }, t('reference.problems'))))),
    h('div', { class: 'stack' },
      h('div', { class: 'card stack about' }, h('p', null, words(description.info.description)), server(description)),
      h('form', { class: 'stack filter', role: 'search', onsubmit: (/** @type {Event} */ event) => event.preventDefault() }, field({ label: t('reference.filter'), hint: t('reference.filterHint'), input }), found),
      groups.map((/** @type {{ section: HTMLElement }} */ group) => group.section), none, problems));
}

/** @param {Operation} operation */
function contentsLine({ id, method, summary }) {
  return h('li', null, h('a', { href: `#${id}` }, h('span', { class: `method ${method.toLowerCase()}` }, method === 'DELETE' ? 'DEL' : method), words(summary)));
}

/** This very deployment answers where the page came from. @param {import('./reference/schema.js').Schema} description */
function server(description) {
  return h('p', { class: 'hint' }, h('code', null, location.origin), ' · ', words(`${description.info.title} ${description.info.version} · OpenAPI ${description.openapi}`));
}

/** Opens an operation and goes there. @param {string} id */
function open(id) {
  const element = id === '' ? null : document.getElementById(decodeURIComponent(id));
  if (element === null) return;
  if (element instanceof HTMLDetailsElement) {
    element.open = true;
    element.hidden = false;
    element.querySelector('summary')?.focus({ preventScroll: true });
  }
  element.scrollIntoView({ block: 'start' });
}
