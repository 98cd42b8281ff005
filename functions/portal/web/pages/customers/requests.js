// Service requests: help that the partner asks for on the customer's behalf.

import { h, replace } from '../../lib/dom.js';
import { t } from '../../lib/i18n.js';
import { announce, badge, confirmDialog } from '../../lib/ui.js';
import { choice, keyOf, line, lines, opensForm, textOf } from './form.js';
import { actButton, button, fact, focusRow, newButton, paged, rerendered, section, time } from './parts.js';
import { contactFacts } from './account.js';

/** @typedef {import('./record.js').CustomerRecord} CustomerRecord */
/** @typedef {import('./types.js').ServiceRequest} ServiceRequest */

/** @type {Record<import('./types.js').RequestStatus, 'info' | 'warn' | 'muted'>} */
const STATUS = { open: 'info', attentionNeeded: 'warn', closed: 'muted' };

/** @type {Record<ServiceRequest['severity'], 'bad' | 'warn' | 'muted'>} */
const SEVERITY = { critical: 'bad', moderate: 'warn', minimal: 'muted' };

/** @param {CustomerRecord} record */
export function requestsSection(record) {
  const list = h('ul', { class: 'items', 'aria-label': t('customers.requests') });
  const row = (/** @type {ServiceRequest} */ one) => requestRow(record, one);
  const add = newButton(t('customers.openRequest'));
  const slot = h('div', null);
  opensForm(add, slot, () => ({
    name: `${record.customerId}/request`, record, title: t('customers.openRequest'), submit: t('customers.openRequest.submit'),
    fields: async () => {
      const about = await record.everySubscription();
      return h('div', { class: 'pairs' },
        line('title', '/title', { label: t('customers.request.title') }, { maxlength: 250 }),
        choice('severity', '/severity', { label: t('customers.severity') }, ['critical', 'moderate', 'minimal'].map((each) => [each, t(`customers.severity.${each}`)]), 'moderate'),
        lines('description', '/description', { label: t('customers.description') }, { maxlength: 4000 }),
        choice('channel', '/channel', { label: t('customers.channel'), hint: t(record.granted ? 'customers.channel.hint' : 'customers.channel.closed') },
          ['assisted', 'selfService'].map((each) => [each, t(`customers.channel.${each}`), each === 'selfService' && !record.granted]), 'assisted'),
        choice('subscriptionId', '/subscriptionId', { label: t('customers.about') }, [['', t('customers.about.none')], ...about.map(({ id, name, status }) => /** @type {[string, string]} */ ([id, `${name} (${t(`customers.status.${status}`)})`]))], ''));
    },
    act: async (form) => {
      const body = {
        title: textOf(form, 'title'), description: textOf(form, 'description'), severity: textOf(form, 'severity'), channel: textOf(form, 'channel'),
        subscriptionId: textOf(form, 'subscriptionId') || null,
      };
      const made = await record.openRequest(body, keyOf(form, body));
      return () => {
        const shown = row(made);
        list.prepend(shown);
        announce(t('customers.requestOpened', { title: made.title }));
        focusRow(shown);
      };
    },
  }));
  return section(t('customers.requests'), 'requests', h('div', { class: 'toolbar' }, add), slot,
    paged({ list, first: record.now.serviceRequests, next: (cursor) => record.page('service-requests', cursor), row, empty: t('customers.requests.none') }));
}

/** @param {CustomerRecord} record @param {ServiceRequest} one */
function requestRow(record, one) {
  const element = h('li', { class: 'item stack', 'data-id': one.id });
  const about = h('span', null);
  const showAbout = () => replace(about, one.subscriptionId === null ? '' : (record.subscriptions.get(one.subscriptionId)?.name ?? h('code', null, one.subscriptionId)));
  const change = async (/** @type {object} */ body, /** @type {string} */ said) => {
    one = await record.changeRequest(one.id, body);
    return () => {
      rerendered(element, render);
      announce(said);
    };
  };
  const render = () => {
    showAbout();
    const [buttons, below] = actions();
    replace(element,
      h('div', { class: 'item-head' }, h('h4', null, one.title), badge(STATUS[one.status] ?? 'muted', t(`customers.requestStatus.${one.status}`)), badge(SEVERITY[one.severity] ?? 'muted', t(`customers.severity.${one.severity}`)), buttons),
      h('p', { class: 'prose' }, one.description),
      h('dl', { class: 'facts' },
        one.subscriptionId !== null && fact(t('customers.about'), about),
        fact(t('customers.channel'), t(`customers.channel.${one.channel}`)),
        fact(t('customers.opened'), time(one.createdAt)),
        one.updatedAt !== one.createdAt && fact(t('customers.updated'), time(one.updatedAt))),
      notes(one),
      h('details', { class: 'history' }, h('summary', null, t('customers.request.contact'), h('span', { class: 'visually-hidden' }, ` ${one.title}`)), contactFacts(one.contact)),
      below);
  };
  /** @returns {[buttons: HTMLElement | null, below: HTMLElement[]]} */
  const actions = () => {
    if (one.status === 'closed') return [null, [h('p', { class: 'hint' }, t('customers.request.closed'))]];
    if (one.channel === 'selfService' && !record.granted) return [null, [h('p', { class: 'hint' }, t('customers.channel.closed'))]];
    const problem = h('div', null);
    const slot = h('div', null);
    const note = button(t('customers.note'), one.title, { 'data-act': 'note' });
    opensForm(note, slot, () => ({
      name: `${record.customerId}/note/${one.id}`, record, title: t('customers.note.title', { title: one.title }), submit: t('customers.note.submit'),
      fields: () => [
        lines('note', '/note', { label: t('customers.note.text') }, { maxlength: 2000 }),
        choice('status', '/status', { label: t('customers.note.status') }, ['open', 'attentionNeeded', 'closed'].map((each) => [each, t(`customers.requestStatus.${each}`)]), one.status),
      ],
      act: (form) => change({ note: textOf(form, 'note'), status: textOf(form, 'status') }, t('customers.note.done', { title: one.title })),
    }));
    const to = (/** @type {import('./types.js').RequestStatus} */ status, /** @type {string} */ act) => actButton(t(`customers.to.${status}`), one.title, problem, record, {
      // Closed is for good; the other two can be taken back.
      ...(status === 'closed' && { sure: () => confirmDialog({ title: t('customers.to.closed.title', { title: one.title }), body: t('customers.to.closed.body'), confirm: t('customers.to.closed'), cancel: t('customers.keep') }) }),
      act: () => change({ status }, t(`customers.to.${status}.done`, { title: one.title })), 'data-act': act,
    });
    return [
      h('div', { class: 'row' }, note, one.status === 'open' ? to('attentionNeeded', 'attention') : to('open', 'attention'), to('closed', 'close')),
      [problem, slot],
    ];
  };
  render();
  record.watch(showAbout);
  return element;
}

/** @param {ServiceRequest} request */
function notes({ notes, title }) {
  if (notes.length === 0) return null;
  return h('ol', { class: 'notes', 'aria-label': t('customers.notes', { title }) }, notes.map((note) => h('li', null,
    h('p', { class: 'prose' }, note.text),
    h('p', { class: 'hint' }, time(note.at), ` ${t('customers.by')} `, h('code', null, note.by)))));
}
