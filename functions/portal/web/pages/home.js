// The home page: the two ways in, and a place for an invitation's link.

import { h } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { tokenOf } from '../lib/link.js';
import { navigate } from '../lib/router.js';
import { field, fieldError, icon } from '../lib/ui.js';

export const title = 'home.title';
export const area = 'shell';
export const audience = /** @type {const} */ ('any');

/** @param {HTMLElement} view */
export default function page(view) {
  view.append(h('div', { class: 'page stack' },
    h('div', { class: 'hero' }, h('h1', null, t('home.title')), h('p', { class: 'lead' }, t('home.lead'))),
    h('div', { class: 'ways' },
      h('section', { class: 'card stack', 'aria-labelledby': 'for-customers' },
        h('h2', { id: 'for-customers' }, icon('shield'), t('home.customer.title')),
        h('p', null, t('home.customer.text')),
        paste(),
        h('p', { class: 'ways-more' }, h('a', { href: '/partners' }, t('home.customer.partners')))),
      h('section', { class: 'card stack', 'aria-labelledby': 'for-partners' },
        h('h2', { id: 'for-partners' }, icon('people'), t('home.partner.title')),
        h('p', null, t('home.partner.text')),
        h('div', { class: 'row' }, h('a', { class: 'button primary', href: '/customers' }, t('home.partner.customers')), h('a', { class: 'button', href: '/request' }, t('home.partner.request'))),
        h('p', { class: 'ways-more' }, h('a', { href: '/invitations' }, t('home.partner.invitations'))))),
    h('p', { class: 'hint' }, t('home.api.text'), ' ', h('a', { href: '/api' }, t('home.api.read')))));
}

/** A pasted link is opened as if it had been clicked. */
function paste() {
  const input = h('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off', inputmode: 'url' });
  return h('form', {
    class: 'stack', novalidate: true,
    onsubmit: (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const token = tokenOf(input.value);
      if (token !== null) return void navigate(`/accept#${token}`);
      fieldError(input, t(input.value.trim() === '' ? 'link.missing' : 'link.incomplete'));
      input.focus();
    },
  }, field({ label: t('home.link.label'), hint: t('home.link.hint'), input }), h('button', { type: 'submit', class: 'button primary' }, t('home.link.open')));
}
