// A place for the link where it was not clicked: mail applications break links, and people copy them.

import { h } from '../../lib/dom.js';
import { t } from '../../lib/i18n.js';
import { tokenOf } from '../../lib/link.js';
import { field, fieldError } from '../../lib/ui.js';

/** @param {(token: string) => unknown} open @returns {HTMLElement} */
export function pasteForm(open) {
  // Several lines, for a link that was wrapped is pasted as it is.
  const input = h('textarea', { class: 'link', rows: 3, autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off' });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const token = tokenOf(input.value);
    if (token !== null) return void open(token);
    fieldError(input, t(input.value.trim() === '' ? 'link.missing' : 'link.incomplete'));
    input.focus();
  };
  // A link has no line of its own to end, so Enter opens it.
  input.addEventListener('keydown', (event) => { if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event); });
  return h('form', { class: 'stack', novalidate: true, onsubmit: submit },
    field({ label: t('customer.paste.label'), hint: t('customer.paste.hint'), input }),
    h('button', { type: 'submit', class: 'button primary' }, t('customer.paste.open')));
}
