// Step 2 of a request: the email, as the system drafted it and as the partner edits it.

import { api } from '../../lib/api.js';
import { h, replace } from '../../lib/dom.js';
import { t } from '../../lib/i18n.js';
import { navigate } from '../../lib/router.js';
import { announce, busy, copy, field, fieldError, fieldErrors, skeleton } from '../../lib/ui.js';
import { explain, problemOf } from './explain.js';
import { findLink, putLinkBack, withWholeLinks } from './link.js';
import { mailto } from './mailto.js';
import { deliveryBadge, entry, heading, nameOf, notice, statusBadge, time } from './parts.js';
import { remember, remembered } from './remembered.js';
import { renew } from './renew.js';
import { isAddress, send } from './send.js';

/** @import { Answer, Draft, Invitation } from './types.js' */
/** @import { Values } from './asked.js' */

/** The email as edited, and the link that it was edited around. @typedef {{link: string, to: string, subject: string, text: string}} Mail */

/** What says that the page shows what is no longer so. */
const STALE = ['already-accepted', 'already-declined', 'already-revoked', 'expired', 'not-found', 'unknown-link'];

/**
 * @param {HTMLElement} view
 * @param {string} id
 * @param {AbortSignal} signal
 */
export async function review(view, id, signal) {
  const body = h('div', { class: 'stack' }, skeleton(10));
  replace(view, h('div', { class: 'page narrow stack' }, ...heading(2), body));
  const load = async (isAgain = true) => {
    replace(body, skeleton(10));
    try {
      /** @type {Answer} */
      const { invitation, draft } = await api('GET', `/v1/invitations/${encodeURIComponent(id)}`, { signal });
      replace(body, draft ? edit(invitation, draft, load) : ended(invitation, load));
      // What was pressed is gone: whoever hears the page hears what stands there now.
      if (isAgain && document.activeElement === document.body) body.querySelector('h2')?.focus();
    } catch (error) {
      const problem = problemOf(error);
      if (problem !== null) replace(body, explain(problem, () => load()), onwards());
    }
  };
  await load(false);
}

/**
 * @param {Invitation} invitation
 * @param {Draft} draft
 * @param {() => unknown} reload
 */
function edit(invitation, draft, reload) {
  const key = `draft.${invitation.id}`;
  /** As the system writes it now. @returns {Mail} */
  const drafted = () => ({ link: draft.link, to: draft.to ?? '', subject: draft.subject, text: draft.text });
  /** @type {Mail} */
  const mail = remembered(key) ?? drafted();
  if (mail.link !== draft.link) Object.assign(mail, { text: withWholeLinks(mail.text, mail.link, draft.link) ?? mail.text, link: draft.link });

  const to = h('input', { type: 'email', value: mail.to, maxlength: 254, autocomplete: 'off', spellcheck: 'false', autocapitalize: 'none' });
  const subject = h('input', { type: 'text', value: mail.subject, maxlength: 250, lang: draft.language, autocomplete: 'off' });
  const text = h('textarea', { rows: 18, value: mail.text, maxlength: 20_000, lang: draft.language, autocomplete: 'off' });
  const putBack = h('button', { class: 'button', type: 'button', onclick: restoreLink }, t('invitations.review.putback'));
  const missing = h('div', { role: 'alert' });
  const remark = h('div', { role: 'status' });
  const outcome = h('div', { tabindex: -1, role: 'status', class: 'stack' });
  const open = h('a', { class: 'button primary', onclick: opened }, t('invitations.review.open'));
  const copying = h('button', { class: 'button', type: 'button', onclick: copied }, t('invitations.review.copy'));
  const sending = h('button', { class: 'button', type: 'button', onclick: () => { if (!sending.disabled) busy(sending, sent()); } });
  const undo = h('button', { class: 'button', type: 'button', onclick: reset }, t('invitations.review.reset'));
  const facts = h('dl', { class: 'facts card' });
  const form = h('form', { class: 'card stack compose', novalidate: true, onsubmit: (/** @type {Event} */ event) => event.preventDefault(), oninput: changed },
    h('h2', { tabindex: -1 }, t('invitations.review.draft')),
    h('p', { class: 'hint' }, t('invitations.review.lead')),
    field({ label: t('invitations.review.to'), hint: t('invitations.review.to.hint'), pointer: '/to', input: to }),
    field({ label: t('invitations.review.subject'), pointer: '/subject', input: subject }),
    field({ label: t('invitations.review.text'), pointer: '/text', input: text }),
    missing, remark,
    h('div', null, undo));
  let isMissing = false;

  show();
  showFacts();
  return [facts, form, outcome,
    h('div', { class: 'toolbar' }, open, copying, sending, h('button', { class: 'button', type: 'button', onclick: done }, t('invitations.review.done'))),
    h('p', { class: 'hint' }, t('invitations.review.done.hint')),
    h('p', null, h('a', { href: cameFromForm(invitation.id) ? '/request' : '/invitations' }, t('invitations.review.back')))];

  function showFacts() {
    const isSent = invitation.delivery.status !== 'notSent';
    sending.textContent = t(isSent ? 'invitations.review.resend' : 'invitations.review.send');
    replace(facts,
      entry(t('invitations.review.for'), invitation.customer.name ?? invitation.customer.email ?? invitation.customer.tenantId ?? t('invitations.review.anyone')),
      entry(t('invitations.review.dap'), t(invitation.includeDelegatedAdmin ? 'invitations.review.dap.yes' : 'invitations.review.dap.no')),
      entry(t('invitations.review.until'), time(invitation.expiresAt)),
      entry(t('invitations.review.mail'), deliveryBadge(invitation.delivery.status)));
  }

  /** What was typed is kept, and what it means for the link and the email application shown. */
  function changed() {
    Object.assign(mail, { to: to.value, subject: subject.value, text: text.value });
    remember(key, mail);
    show();
  }

  function show() {
    const found = findLink(mail.text, draft.link);
    const isWrapped = found !== null && found.end - found.start > draft.link.length;
    const { href, whole } = mailto({ ...mail, to: mail.to.trim() }, draft.mailto);
    open.href = href;
    // Filled only when it changes: what is said aloud is not said at every letter.
    if (isMissing !== (found === null)) {
      isMissing = found === null;
      text.toggleAttribute('data-missing', isMissing);
      replace(missing, isMissing && notice('warn', t('invitations.review.missing.title'), h('p', null, t('invitations.review.missing')), h('div', null, putBack)));
    }
    const words = isWrapped ? t('invitations.review.wrapped') : !isMissing && !whole ? t('invitations.review.long') : '';
    if (remark.textContent !== words) replace(remark, words !== '' && h('p', { class: 'notice info' }, words));
    const { to: first, subject: second, text: third } = drafted();
    undo.disabled = mail.to === first && mail.subject === second && mail.text === third;
  }

  function restoreLink() {
    const whole = putLinkBack(mail.text, draft.link, draft.text);
    text.value = whole.text;
    changed();
    text.focus();
    text.setSelectionRange(whole.start, whole.end);
    announce(t('invitations.review.isback'));
  }

  function reset() {
    ({ to: to.value, subject: subject.value, text: text.value } = drafted());
    changed();
    remember(key, null);
    subject.focus();
    announce(t('invitations.review.reset.done'));
  }

  /** Before the text leaves the page: the link is in it, and whole. Otherwise the way to get it back has the focus. */
  function isReady() {
    const whole = withWholeLinks(mail.text, draft.link);
    if (whole === null) {
      putBack.focus();
      return false;
    }
    if (whole !== mail.text) {
      text.value = whole;
      changed();
    }
    return true;
  }

  /** @param {Event} event */
  function opened(event) {
    if (isReady()) announce(t('invitations.review.opened'));
    else event.preventDefault();
  }

  function copied() {
    if (isReady()) copy(mail.text, text);
  }

  async function sent() {
    replace(outcome);
    const address = mail.to.trim();
    if (!isReady()) return;
    fieldError(to, isAddress(address) ? '' : t('invitations.review.bad.to'));
    fieldError(subject, mail.subject.trim() === '' ? t('invitations.review.bad.subject') : '');
    const wrong = form.querySelector('[aria-invalid]');
    if (wrong instanceof HTMLElement) return wrong.focus();
    // What was not changed is left to the system: a mail sent as it was drafted keeps the draft's own HTML.
    const edits = { to: address, subject: mail.subject === draft.subject ? undefined : mail.subject, text: mail.text === draft.text ? undefined : mail.text };
    try {
      const { invitation: now, said } = await send(invitation, edits);
      const isRenewed = now !== null && now.expiresAt !== invitation.expiresAt;
      invitation = now ?? invitation;
      showFacts();
      replace(outcome, said);
      if (isRenewed) {
        // What was not edited went out with the new link: here too, none but that one is handed out.
        const { text: sentText, link: sentLink } = draft;
        if (!(await readAgain())) return;
        text.value = mail.text === sentText ? draft.text : withWholeLinks(mail.text, sentLink, draft.link) ?? mail.text;
        changed();
      }
    } catch (error) {
      const problem = problemOf(error);
      if (problem === null) return;
      if (problem.slug === 'link-missing') {
        // Renewed meanwhile: the link that must stay is another one now.
        if (await readAgain()) putBack.focus();
        return;
      }
      if (STALE.includes(problem.slug)) return reload();
      if (!fieldErrors(form, problem)) {
        replace(outcome, explain(problem));
        if (problem.slug === 'mail-failed') await lookAgain();
      }
    }
    outcome.scrollIntoView({ block: 'nearest' });
  }

  /** What the mail service said stands on the invitation. Where even that does not come, what was said above is enough. */
  async function lookAgain() {
    await read().catch(() => undefined);
    const { reason } = invitation.delivery;
    if (reason) outcome.firstElementChild?.append(h('p', { class: 'hint' }, t('invitations.delivery.reason', { reason })));
  }

  /** After a renewal. Where it cannot be read, the page begins anew and says why: the old link is on it no longer. @returns {Promise<boolean>} whether the draft is there */
  async function readAgain() {
    if (await read().catch(() => false)) return true;
    await reload();
    return false;
  }

  /** Reads the invitation as it is now; the link and the address to open are those of one draft. @returns {Promise<boolean>} whether it still has a draft */
  async function read() {
    /** @type {Answer} */
    const answer = await api('GET', `/v1/invitations/${invitation.id}`);
    ({ invitation } = answer);
    showFacts();
    if (!answer.draft) return false;
    draft = answer.draft;
    mail.link = draft.link;
    show();
    return true;
  }

  function done() {
    remember(key, null);
    if (cameFromForm(invitation.id)) remember('request', null);
    announce(t('invitations.review.finished'));
    navigate('/invitations');
  }
}

/**
 * What stands in place of the draft once the invitation cannot be answered.
 * @param {Invitation} invitation
 * @param {() => unknown} reload
 */
function ended(invitation, reload) {
  const { status } = invitation;
  const renewable = status === 'expired' || status === 'pending';
  return [
    h('div', { class: 'card stack' },
      h('h2', { tabindex: -1 }, t('invitations.review.ended.title')),
      h('p', null, nameOf(invitation), ' ', statusBadge(status)),
      h('p', null, t(`invitations.review.ended.${status}`)),
      renewable && h('div', null, h('button', { class: 'button primary', type: 'button', onclick: async () => { if (await renew(invitation)) reload(); } }, t('invitations.act.renew')))),
    onwards(),
  ];
}

function onwards() {
  const anew = () => { remember('request', null); };
  return h('div', { class: 'toolbar' },
    h('a', { class: 'button', href: '/request', onclick: anew }, t('invitations.review.new')),
    h('a', { class: 'button', href: '/invitations' }, t('invitations.review.list')));
}

/** @param {string} id */
function cameFromForm(id) {
  /** @type {Values | null} */
  const values = remembered('request');
  return values?.made === id;
}
