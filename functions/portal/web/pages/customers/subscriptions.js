// What the partner sold to the customer: subscriptions, reservations and software purchases, each with what can be done to it.

import { h, replace } from '../../lib/dom.js';
import { number, t } from '../../lib/i18n.js';
import { announce, badge, confirmDialog } from '../../lib/ui.js';
import { choice, keyOf, line, opensForm, textOf } from './form.js';
import { actButton, button, fact, focusRow, history, newButton, paged, rerendered, section, time } from './parts.js';

/** @typedef {import('./record.js').CustomerRecord} CustomerRecord */
/** @typedef {import('./types.js').Subscription} Subscription */

/** The API's bounds of a quantity. */
const QUANTITY = { type: 'number', min: 1, max: 1_000_000, step: 1, inputmode: 'numeric' };

/** @type {Record<import('./types.js').SubscriptionStatus, 'ok' | 'warn' | 'muted'>} */
const STATUS = { active: 'ok', suspended: 'warn', cancelled: 'muted' };

/** @param {CustomerRecord} record */
export function subscriptionsSection(record) {
  const list = h('ul', { class: 'items', 'aria-label': t('customers.subscriptions') });
  record.show = (id) => {
    const there = [...list.children].find((each) => each.getAttribute('data-id') === id);
    const one = record.subscriptions.get(id);
    if (there === undefined && one !== undefined) list.prepend(row(one));
    focusRow(/** @type {HTMLElement | undefined} */ (there ?? list.firstElementChild));
  };
  const row = (/** @type {Subscription} */ one) => subscriptionRow(record, one);
  const add = newButton(t('customers.buy'));
  const slot = h('div', null);
  opensForm(add, slot, () => ({
    name: `${record.customerId}/buy`, record, title: t('customers.buy'), submit: t('customers.buy.submit'),
    fields: () => h('div', { class: 'pairs' },
      choice('kind', '/kind', { label: t('customers.kind') }, ['subscription', 'reservation', 'softwarePurchase'].map((kind) => [kind, t(`customers.kind.${kind}`)])),
      choice('serviceType', '/serviceType', { label: t('customers.serviceType') }, ['microsoft365', 'azure', 'other'].map((type) => [type, t(`customers.serviceType.${type}`)])),
      line('name', '/name', { label: t('customers.productName') }, { maxlength: 120 }),
      line('sku', '/sku', { label: t('customers.sku') }, { maxlength: 120, spellcheck: 'false', autocapitalize: 'none' }),
      line('quantity', '/quantity', { label: t('customers.quantity') }, QUANTITY)),
    act: async (form) => {
      const body = { kind: textOf(form, 'kind'), serviceType: textOf(form, 'serviceType'), name: textOf(form, 'name'), sku: textOf(form, 'sku'), quantity: Number(textOf(form, 'quantity')) };
      const made = await record.buy(body, keyOf(form, body));
      return () => {
        const shown = row(made);
        list.prepend(shown);
        announce(t('customers.bought', { name: made.name }));
        focusRow(shown);
      };
    },
  }));
  return section(t('customers.subscriptions'), 'subscriptions', h('div', { class: 'toolbar' }, add), slot,
    paged({ list, first: record.now.subscriptions, next: (cursor) => record.page('subscriptions', cursor), row, empty: t('customers.subscriptions.none') }));
}

/** @param {CustomerRecord} record @param {Subscription} first */
function subscriptionRow(record, first) {
  const id = first.id;
  const now = () => record.subscriptions.get(id) ?? first;
  const licenses = h('span', null);
  const element = h('li', { class: 'item stack', 'data-id': id });
  const showLicenses = () => {
    const license = record.licenses.get(id);
    replace(licenses, license ? t('customers.assigned', { count: license.assigned, quantity: license.quantity }) : '');
  };
  const shown = (/** @type {string} */ said) => () => {
    rerendered(element, render);
    announce(said);
  };
  const render = () => {
    const one = now();
    showLicenses();
    const { partnerId } = one.supportContact;
    const hasLicenses = record.licenses.has(id) && (one.status !== 'cancelled' || (record.licenses.get(id)?.assigned ?? 0) > 0);
    const [buttons, below] = one.status === 'cancelled' ? [] : actions(record, one, shown);
    replace(element,
      h('div', { class: 'item-head' }, h('h4', null, one.name), badge(STATUS[one.status] ?? 'muted', t(`customers.status.${one.status}`)), buttons),
      h('dl', { class: 'facts' },
        fact(t('customers.kind'), t(`customers.kind.${one.kind}`)),
        fact(t('customers.quantity'), number(one.quantity)),
        hasLicenses && fact(t('customers.licenses'), licenses),
        fact(t('customers.serviceType'), t(`customers.serviceType.${one.serviceType}`)),
        fact(t('customers.sku'), h('code', null, one.sku)),
        fact(t('customers.supportedBy'), partnerId === record.now.relationship.partnerId ? t('customers.supportedBy.own') : h('code', null, partnerId)),
        fact(t('customers.since'), time(one.createdAt))),
      below,
      history(one.name, 'customers.subscriptionStep', one.history));
  };
  render();
  record.watch(showLicenses);
  return element;
}

/** @param {CustomerRecord} record @param {Subscription} one @param {(said: string) => () => void} shown
 * @returns {[buttons: HTMLElement, below: HTMLElement[]]} */
function actions(record, one, shown) {
  const { id, name } = one;
  const problem = h('div', null);
  const forms = [h('div', null), h('div', null)];
  const change = (/** @type {string} */ status, /** @type {string} */ said) => async () => {
    await record.changeSubscription(id, { status });
    return shown(said);
  };
  const sure = (/** @type {'suspend' | 'cancel'} */ what) => () => confirmDialog({
    title: t(`customers.${what}.title`, { name }), body: t(`customers.${what}.body`), confirm: t(`customers.${what}.confirm`), cancel: t('customers.keep'), danger: what === 'cancel',
  });
  const quantity = one.status === 'active' && button(t('customers.changeQuantity'), name, { 'data-act': 'quantity' });
  const support = button(t('customers.changeSupport'), name, { 'data-act': 'support' });
  if (quantity) opensForm(quantity, /** @type {HTMLElement} */ (forms[0]), () => quantityForm(record, one, shown));
  opensForm(support, /** @type {HTMLElement} */ (forms[1]), () => supportForm(record, one, shown));
  return [
    h('div', { class: 'row' },
      one.kind === 'subscription' && one.status === 'active'
        && actButton(t('customers.suspend'), name, problem, record, { sure: sure('suspend'), act: change('suspended', t('customers.suspended.done', { name })), 'data-act': 'pause' }),
      one.status === 'suspended' && actButton(t('customers.resume'), name, problem, record, { act: change('active', t('customers.resumed.done', { name })), 'data-act': 'pause' }),
      quantity, support,
      actButton(t(`customers.cancel.${one.kind}`), name, problem, record, { sure: sure('cancel'), act: change('cancelled', t('customers.cancelled.done', { name })), 'data-act': 'cancel', class: 'button small danger' })),
    [problem, ...forms],
  ];
}

/** @param {CustomerRecord} record @param {Subscription} one @param {(said: string) => () => void} shown @returns {import('./form.js').Parts} */
function quantityForm(record, { id, name, quantity }, shown) {
  return {
    name: `${record.customerId}/quantity/${id}`, record, title: t('customers.changeQuantity.title', { name }), submit: t('customers.save'),
    fields: () => line('quantity', '/quantity', { label: t('customers.quantity') }, { ...QUANTITY, value: quantity }),
    act: async (form) => {
      const changed = await record.changeSubscription(id, { quantity: Number(textOf(form, 'quantity')) });
      return shown(t('customers.quantity.done', { name, quantity: changed.quantity }));
    },
    place: ({ slug, body }) => (slug === 'licenses-assigned' ? [{ pointer: '/quantity', detail: t('customers.quantity.assigned', { count: body.assigned }) }] : null),
  };
}

/** @param {CustomerRecord} record @param {Subscription} one @param {(said: string) => () => void} shown @returns {import('./form.js').Parts} */
function supportForm(record, { id, name, supportContact }, shown) {
  const own = record.now.relationship.partnerId;
  return {
    name: `${record.customerId}/support/${id}`, record, title: t('customers.changeSupport.title', { name }), submit: t('customers.save'),
    fields: () => line('partnerId', '/supportContact/partnerId', { label: t('customers.supportPartner'), hint: [t('customers.supportPartner.hint'), ' ', h('code', null, own)] },
      { value: supportContact.partnerId, maxlength: 60, spellcheck: 'false', autocapitalize: 'none', pattern: '\\s*[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\\s*', 'data-bad': 'customers.bad.tenant' }),
    act: async (form) => {
      await record.changeSubscription(id, { supportContact: { partnerId: textOf(form, 'partnerId').toLowerCase() } });
      return shown(t('customers.support.done', { name }));
    },
    place: ({ slug, errors }) => (slug === 'validation-failed' && errors.length > 0 ? [{ pointer: '/supportContact/partnerId', detail: t('customers.supportPartner.refused') }] : null),
  };
}
