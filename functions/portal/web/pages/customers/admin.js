// Delegated administration: whether it is granted, what happened to it, giving it back, and the responsibility that goes on after the customer took it away.

import { h, replace } from '../../lib/dom.js';
import { date, t } from '../../lib/i18n.js';
import { announce, confirmDialog } from '../../lib/ui.js';
import { notice, requestLink } from './explain.js';
import { line, opensForm, textOf } from './form.js';
import { actButton, button, fact, grantBadge, history, rerendered, section, time } from './parts.js';

/** @typedef {import('./record.js').CustomerRecord} CustomerRecord */

/** @param {CustomerRecord} record */
export function adminSection(record) {
  const body = h('div', { class: 'stack' });
  const shown = () => rerendered(body, () => render(record, body, shown));
  render(record, body, shown);
  return section(t('customers.admin'), 'admin', body);
}

/** @param {CustomerRecord} record @param {HTMLElement} body @param {() => void} shown */
function render(record, body, shown) {
  const { relationship, account } = record.now;
  const { delegatedAdmin, delegatedAdminHistory } = relationship;
  const problem = h('div', null);
  replace(body,
    h('p', { class: 'row' }, grantBadge(delegatedAdmin)),
    h('p', { class: 'hint' }, t(`customers.grant.${delegatedAdmin}.means`)),
    responsibility(record, shown),
    h('div', { class: 'row' }, record.granted
      ? actButton(t('customers.giveBack'), '', problem, record, {
        sure: () => confirmDialog({ title: t('customers.giveBack.title', { name: account.name }), body: t('customers.giveBack.body'), confirm: t('customers.giveBack.confirm'), cancel: t('customers.keep'), danger: true }),
        act: async () => {
          await record.giveAdminBack();
          return () => {
            announce(t('customers.giveBack.done'));
            record.reload();
          };
        },
      })
      : requestLink(record)),
    problem,
    agreements(relationship),
    history(t('customers.admin'), 'customers.adminStep', delegatedAdminHistory));
}

/** @param {CustomerRecord} record @param {() => void} shown */
function responsibility(record, shown) {
  const { responsibility: { partnerResponsible, since, until, agreementVersion } } = record.now.relationship;
  if (since === null) return null;
  const under = agreementVersion === undefined ? '' : t('customers.responsible.version', { version: agreementVersion });
  if (!partnerResponsible) return h('p', { class: 'hint' }, t('customers.responsible.ended', { since: date(since), until: date(until) }));
  const slot = h('div', null);
  const open = button(t('customers.agreement.record'), '', { 'data-act': 'agreement' });
  opensForm(open, slot, () => agreementForm(record, since, shown));
  return [
    notice('warn', t('customers.responsible.title', { since: date(since) }), t('customers.responsible', { since: date(since) }), under),
    h('div', null, open), slot,
  ];
}

/** @param {CustomerRecord} record @param {string} since when the customer took the grant away @param {() => void} shown @returns {import('./form.js').Parts} */
function agreementForm(record, since, shown) {
  const name = { maxlength: 120, autocomplete: 'off' };
  return {
    name: `${record.customerId}/agreement`, record, title: t('customers.agreement.title'), submit: t('customers.agreement.submit'),
    fields: () => [
      h('p', { class: 'hint' }, t('customers.agreement.hint')),
      h('div', { class: 'pairs' },
        line('renegotiatedAt', '/renegotiatedAt', { label: t('customers.agreement.at') }, { type: 'date', min: localDay(since), max: localDay(new Date().toISOString()), 'data-bad': 'customers.bad.date' }),
        line('firstName', '/signedBy/firstName', { label: t('customers.agreement.first') }, name),
        line('lastName', '/signedBy/lastName', { label: t('customers.agreement.last') }, name),
        line('email', '/signedBy/email', { label: t('customers.agreement.email') }, { type: 'email', maxlength: 254 })),
    ],
    act: async (form) => {
      await record.recordAgreement({
        renegotiatedAt: moment(textOf(form, 'renegotiatedAt'), since),
        signedBy: { firstName: textOf(form, 'firstName'), lastName: textOf(form, 'lastName'), email: textOf(form, 'email') },
      });
      return () => {
        shown();
        announce(t('customers.agreement.done'));
      };
    },
  };
}

/** The day on which something was, where the reader is. @param {string} iso */
function localDay(iso) {
  const at = new Date(iso);
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** The moment that stands for a day of the reader's calendar: its beginning there, but not before the day (UTC) on which the customer took the grant away, which the API would refuse for a day that the reader may choose.
 * @param {string} day @param {string} since */
function moment(day, since) {
  const [year, month, dayOfMonth] = day.split('-').map(Number);
  const begins = new Date(Number(year), Number(month) - 1, Number(dayOfMonth));
  const earliest = new Date(`${since.slice(0, 10)}T00:00:00Z`);
  return (begins < earliest && day === localDay(since) ? earliest : begins).toISOString();
}

/** @param {import('./types.js').Relationship} relationship */
function agreements({ agreements }) {
  if (agreements.length === 0) return null;
  return h('details', { class: 'history' }, h('summary', null, t('customers.agreements', { count: agreements.length })),
    agreements.map(({ renegotiatedAt, signedBy, recordedAt, recordedBy }) => h('dl', { class: 'facts' },
      fact(t('customers.agreement.at'), date(renegotiatedAt)),
      fact(t('customers.agreement.signed'), t('customers.agreement.person', signedBy), ' ', h('a', { href: `mailto:${signedBy.email}` }, signedBy.email)),
      fact(t('customers.agreement.recorded'), time(recordedAt)),
      fact(t('customers.agreement.recordedBy'), h('code', null, recordedBy)))));
}
