// One invitation of the list: what matters at a glance, and expanded everything about it and what can be done.

import { api } from '../../lib/api.js';
import { h, replace } from '../../lib/dom.js';
import { country, t } from '../../lib/i18n.js';
import { navigate } from '../../lib/router.js';
import { claimsOf, token } from '../../lib/session.js';
import { copy, icon, skeleton } from '../../lib/ui.js';
import { revoke, sendAgain } from './acts.js';
import { explain, problemOf } from './explain.js';
import { deliveryBadge, entry, languageOf, mailOf, nameOf, statusBadge, time } from './parts.js';
import { remember } from './remembered.js';
import { renew } from './renew.js';

/** @import { Answer, Draft, Invitation, Outcome } from './types.js' */

/** The claims of whoever is signed in. @typedef {Record<string, any> | null} Me */

let count = 0;

/**
 * @param {Invitation} first as the list has it
 * @param {AbortSignal} signal
 */
export function row(first, signal) {
  let invitation = first;
  /** @type {Draft | null} */
  let draft = null;
  /** @type {Me} */
  let me = null;
  const id = `invitation-${count += 1}`;
  const name = h('span');
  const toggle = h('button', { class: 'toggle', type: 'button', 'aria-expanded': 'false', 'aria-controls': id, onclick: expand }, icon('chevron'), name);
  const status = h('div');
  const glance = h('dl', { class: 'glance' });
  const said = h('div', { role: 'status', class: 'stack', tabindex: -1 });
  const details = h('div', { id, class: 'details stack', hidden: true, role: 'group' });
  show();
  return h('li', { class: 'card invitation' }, h('div', { class: 'head' }, h('h2', null, toggle), status), glance, details);

  function show() {
    const { customer, delivery } = invitation;
    replace(name, nameOf(invitation));
    replace(status, statusBadge(invitation.status));
    details.setAttribute('aria-label', t('invitations.details', { name: nameOf(invitation) }));
    replace(glance,
      entry(t('invitations.since'), time(invitation.createdAt)),
      outcome(invitation),
      entry(t('invitations.mail'), deliveryBadge(delivery.status)),
      entry(t('invitations.to'), customer.name === null ? null : customer.email),
      invitation.status === 'declined' && entry(t('invitations.reason'), invitation.reason ?? t('invitations.reason.none')));
  }

  function expand() {
    const isOpen = toggle.getAttribute('aria-expanded') === 'true';
    toggle.setAttribute('aria-expanded', String(!isOpen));
    details.hidden = isOpen;
    if (!isOpen) refresh();
  }

  /** The list may trail, and has no draft; what is open is as it is now. */
  async function refresh() {
    replace(said);
    replace(details, skeleton(invitation.status === 'pending' ? 13 : 9)); // about as high as what comes
    try {
      const answer = await api('GET', `/v1/invitations/${invitation.id}`, { signal });
      me = claimsOf(await token());
      take(answer);
    } catch (error) {
      const problem = problemOf(error);
      // The button goes with what it stands in.
      if (problem !== null) replace(details, explain(problem, () => { toggle.focus(); return refresh(); }));
    }
  }

  /** @param {Answer} answer @param {HTMLElement} [words] what to say about it */
  function take(answer, words) {
    ({ invitation } = answer);
    draft = answer.draft ?? null;
    show();
    replace(said, words);
    replace(details, facts(invitation, me), link(), said, actions(), happened(invitation, me));
  }

  function link() {
    if (draft === null) return null;
    const shown = h('input', { type: 'text', readonly: true, value: draft.link, id: `${id}-link`, 'aria-describedby': `${id}-link-hint`, onfocus: () => shown.select() });
    return h('div', { class: 'field' },
      h('label', { for: shown.id }, t('invitations.link')),
      h('div', { class: 'hint', id: `${id}-link-hint` }, t('invitations.link.hint')),
      h('div', { class: 'joined' }, shown,
        h('button', { class: 'button', type: 'button', onclick: () => copy(shown.value, shown) }, icon('copy'), t('invitations.act.copy'))));
  }

  function actions() {
    const button = (/** @type {string} */ key, /** @type {() => unknown} */ act, kind = '') =>
      h('button', { class: `button ${kind}`.trim(), type: 'button', onclick: act }, t(`invitations.act.${key}`));
    const isSent = invitation.delivery.status !== 'notSent';
    const again = () => button('again', askAgain);
    switch (invitation.status) {
      case 'pending': return h('div', { class: 'toolbar' },
        h('a', { class: 'button', href: `/request?invitation=${invitation.id}` }, t('invitations.act.review')),
        draft !== null && button(isSent ? 'resend' : 'send', () => act(() => sendAgain(invitation))),
        button('renew', () => act(() => renew(invitation))),
        button('revoke', () => act(() => revoke(invitation)), 'danger'));
      case 'expired': return h('div', { class: 'toolbar' }, button('renew', () => act(() => renew(invitation)), 'primary'), again());
      case 'accepted': return h('div', { class: 'toolbar' }, h('a', { class: 'button', href: '/customers' }, t('invitations.customer.open')));
      case 'declined':
      case 'revoked': return h('div', { class: 'toolbar' }, again());
    }
  }

  /**
   * Runs one act and shows what the invitation is then. The focus stays at the invitation.
   * @param {() => Promise<Outcome | null>} run
   */
  async function act(run) {
    const done = await run();
    if (done === null) return;
    if (done.answer) take(done.answer, done.said);
    else {
      await refresh();
      replace(said, done.said);
    }
    // What was pressed may be gone.
    if (document.activeElement === document.body) (done.said ? said : toggle).focus();
  }

  /** A new request with what this one asked for. */
  function askAgain() {
    const { customer, includeDelegatedAdmin, locale } = invitation;
    remember('request', { includeDelegatedAdmin, locale, name: customer.name ?? '', email: customer.email ?? '', country: customer.country ?? '', tenantId: customer.tenantId ?? '' });
    navigate('/request');
  }
}

/**
 * When it ends or how it ended.
 * @param {Invitation} invitation
 */
function outcome({ status, expiresAt, expiredAt, answeredAt, revokedAt }) {
  const at = { pending: expiresAt, expired: expiredAt, accepted: answeredAt, declined: answeredAt, revoked: revokedAt }[status];
  return at ? entry(t(status === 'pending' ? 'invitations.until' : `invitations.${status}`), time(at)) : null;
}

/** @param {Invitation} invitation @param {Me} me */
function facts(invitation, me) {
  const { customer, delivery, reminder } = invitation;
  return h('dl', { class: 'facts' },
    entry(t('invitations.review.dap'), t(invitation.includeDelegatedAdmin ? 'invitations.review.dap.yes' : 'invitations.review.dap.no')),
    entry(t('invitations.to'), customer.email),
    entry(t('invitations.country'), country(customer.country)),
    entry(t('invitations.tenant'), customer.tenantId && h('code', null, customer.tenantId)),
    entry(t('invitations.language'), languageOf(invitation.locale)),
    entry(t('invitations.by'), person(invitation.createdBy, me)),
    entry(t('invitations.customer'), invitation.customerId && h('code', null, invitation.customerId)),
    entry(t('invitations.mail'), mailOf(delivery)),
    reminder && entry(t('invitations.reminder'), mailOf(reminder)),
    entry(t('invitations.id'), h('code', null, invitation.id)));
}

/** @param {Invitation} invitation @param {Me} me */
function happened({ history }, me) {
  return h('details', null,
    h('summary', null, t('invitations.history')),
    h('ol', { class: 'history' }, history.map(({ what, at, by }) => {
      const words = t(`invitations.history.${what}`);
      return h('li', null, time(at), ' ', by ? t('invitations.history.by', { what: words, by: person(by, me) }) : words);
    })));
}

/**
 * Who did it. The API knows people by the ids of their identity provider; one's own is worth a word.
 * @param {string} id
 * @param {Me} me
 */
function person(id, me) {
  return [me?.oid, me?.sub].includes(id) ? t('invitations.you') : id;
}
