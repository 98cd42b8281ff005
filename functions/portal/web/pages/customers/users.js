// The users of the customer's tenant and who has which licence; closed without delegated administration, and then why and what to do.

import { h, replace } from '../../lib/dom.js';
import { country, t } from '../../lib/i18n.js';
import { announce, badge } from '../../lib/ui.js';
import { countries } from '../../lib/countries.js';
import { closedBecause, notice, requestLink } from './explain.js';
import { choice, keyOf, line, opensForm, textOf } from './form.js';
import { valuesOf } from './drafts.js';
import { actButton, button, fact, focusRow, newButton, paged, rerendered, section } from './parts.js';

/** @typedef {import('./record.js').CustomerRecord} CustomerRecord */
/** @typedef {import('./types.js').User} User */
/** @typedef {import('./types.js').Subscription} Subscription */

/** The API takes at most so many licences to give, and to take, in one request. */
const AT_ONCE = 40;

/** @param {CustomerRecord} record */
export function usersSection(record) {
  const { users, relationship } = record.now;
  if (users === null) {
    const last = relationship.delegatedAdminHistory.at(-1);
    return section(t('customers.users'), 'users', notice('info', t('customers.closed.title'), closedBecause(relationship.delegatedAdmin, last?.at), t('customers.closed.todo'), h('div', null, requestLink(record))));
  }
  const list = h('ul', { class: 'items', 'aria-label': t('customers.users') });
  const named = namesOnce(record);
  const row = (/** @type {User} */ one) => userRow(record, one, named);
  const add = newButton(t('customers.addUser'));
  const slot = h('div', null);
  opensForm(add, slot, () => ({
    name: `${record.customerId}/user`, record, title: t('customers.addUser'), submit: t('customers.addUser.submit'),
    fields: () => [line('displayName', '/displayName', { label: t('customers.displayName') }, { maxlength: 120 }), h('div', { class: 'pairs' },
      line('userPrincipalName', '/userPrincipalName', { label: t('customers.upn'), hint: t('customers.upn.hint', { domain: record.now.account.domain }) },
        { maxlength: 113, inputmode: 'email', spellcheck: 'false', autocapitalize: 'none', pattern: "\\s*[A-Za-z0-9'._!#^~\\-]+@[A-Za-z0-9.\\-]+\\s*", 'data-bad': 'customers.bad.upn' }),
      choice('country', '/country', { label: t('customers.usageLocation'), hint: t('customers.usageLocation.hint') }, countries(), record.now.relationship.customer.country))],
    act: async (form) => {
      const body = { userPrincipalName: textOf(form, 'userPrincipalName'), displayName: textOf(form, 'displayName'), country: textOf(form, 'country') };
      const made = await record.makeUser(body, keyOf(form, body));
      return () => {
        const shown = row(made);
        list.prepend(shown);
        announce(t('customers.userAdded', { name: made.displayName }));
        focusRow(shown);
      };
    },
    place: ({ slug }) => (slug === 'user-exists' ? [{ pointer: '/userPrincipalName', detail: t('customers.upn.taken') }] : null),
  }));
  return section(t('customers.users'), 'users', h('div', { class: 'toolbar' }, add), slot,
    paged({ list, first: users, next: (cursor) => record.page('users', cursor), row, empty: t('customers.users.none') }));
}

/** Fetches the names of all subscriptions, once: a licence may be of one that no page has shown yet.
 * @param {CustomerRecord} record */
function namesOnce(record) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    // Without an answer the licence shows its number, and the section has all else.
    record.everySubscription().catch(() => undefined);
  };
}

/** @param {CustomerRecord} record @param {User} user @param {() => void} named */
function userRow(record, user, named) {
  const element = h('li', { class: 'item stack', 'data-id': user.id });
  const licenses = h('span', null);
  const showLicenses = () => {
    if (user.licenses.some((id) => !record.subscriptions.has(id))) named();
    replace(licenses, user.licenses.length === 0 ? h('span', { class: 'hint' }, t('customers.licenses.none'))
      : h('ul', { class: 'chips' }, user.licenses.map((id) => h('li', { class: 'chip' }, record.subscriptions.get(id)?.name ?? h('code', null, id)))));
  };
  const change = async (/** @type {object} */ body, /** @type {(user: User) => string} */ said) => {
    user = await record.changeUser(user, body);
    return () => {
      rerendered(element, render);
      announce(said(user));
    };
  };
  const render = () => {
    showLicenses();
    const [buttons, below] = actions();
    replace(element,
      h('div', { class: 'item-head' }, h('h4', null, user.displayName), badge(user.blocked ? 'bad' : 'ok', t(user.blocked ? 'customers.blocked' : 'customers.unblocked')), buttons),
      h('dl', { class: 'facts' },
        fact(t('customers.upn'), user.userPrincipalName),
        fact(t('customers.usageLocation'), country(user.country)),
        fact(t('customers.licenses'), licenses)),
      below);
  };
  /** @returns {[buttons: HTMLElement, below: HTMLElement[]]} */
  const actions = () => {
    const problem = h('div', null);
    const forms = [h('div', null), h('div', null)];
    const rename = button(t('customers.rename'), user.displayName, { 'data-act': 'rename' });
    const assign = button(t('customers.assign'), user.displayName, { 'data-act': 'assign' });
    opensForm(assign, /** @type {HTMLElement} */ (forms[0]), () => licensesForm(record, user, change));
    opensForm(rename, /** @type {HTMLElement} */ (forms[1]), () => ({
      name: `${record.customerId}/rename/${user.id}`, record, title: t('customers.rename.title', { name: user.displayName }), submit: t('customers.save'),
      fields: () => line('displayName', '/displayName', { label: t('customers.displayName') }, { maxlength: 120, value: user.displayName }),
      act: (form) => change({ displayName: textOf(form, 'displayName') }, (now) => t('customers.renamed', { name: now.displayName })),
    }));
    const blocked = !user.blocked;
    return [
      h('div', { class: 'row' }, assign, rename,
        actButton(t(blocked ? 'customers.block' : 'customers.unblock'), user.displayName, problem, record, {
          act: () => change({ blocked }, ({ displayName: name }) => t(blocked ? 'customers.block.done' : 'customers.unblock.done', { name })), 'data-act': 'block',
        })),
      [problem, ...forms],
    ];
  };
  render();
  record.watch(showLicenses);
  return element;
}

/** @param {CustomerRecord} record @param {User} user @param {(body: object, said: (user: User) => string) => Promise<() => void>} change @returns {import('./form.js').Parts} */
function licensesForm(record, user, change) {
  return {
    name: `${record.customerId}/licenses/${user.id}`, record, title: t('customers.assign.title', { name: user.displayName }), submit: t('customers.save'),
    fields: async () => {
      const all = (await record.everySubscription()).filter(({ id, kind, status }) => user.licenses.includes(id) || (kind !== 'reservation' && status === 'active'));
      if (all.length === 0) return h('p', { class: 'hint' }, t('customers.assign.none'));
      return h('fieldset', { class: 'field choices' },
        h('legend', null, t('customers.assign.legend')),
        h('div', { class: 'stack', 'data-pointer': '/licenses' }, all.map((one) => licenseBox(record, user, one))),
        h('div', { class: 'error' }));
    },
    act: async (form) => {
      const wanted = /** @type {string[]} */ (valuesOf(form).license ?? []);
      const add = wanted.filter((id) => !user.licenses.includes(id));
      const remove = user.licenses.filter((id) => !wanted.includes(id));
      const said = (/** @type {User} */ { displayName: name }) => t('customers.assign.done', { name });
      while (remove.length > AT_ONCE || add.length > AT_ONCE) await change({ licenses: { remove: remove.splice(0, AT_ONCE), add: add.splice(0, AT_ONCE) } }, said);
      return change({ licenses: { add, remove } }, said);
    },
  };
}

/** @param {CustomerRecord} record @param {User} user @param {Subscription} one */
function licenseBox(record, user, { id, name, status }) {
  const has = user.licenses.includes(id);
  const license = record.licenses.get(id);
  const free = license === undefined ? 0 : Math.max(0, license.quantity - license.assigned);
  return h('label', { class: 'choice' }, h('input', { type: 'checkbox', name: 'license', value: id, checked: has }),
    h('span', null, name, ' ', h('span', { class: 'hint' }, status === 'active' ? t('customers.free', { count: free }) : t(`customers.status.${status}`))));
}
