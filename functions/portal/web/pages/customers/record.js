// One customer's record as this page knows it: what was read, and the acts that change it.
//
// Lists come page by page, and a user may have a licence of a subscription that no page has shown yet; so every subscription that passes by is remembered here,
// and the rest is fetched when somebody asks for all of them. `watch` tells the parts that show licences when their numbers move.

import { api } from '../../lib/api.js';

/** @typedef {import('./types.js').Subscription} Subscription */
/** @typedef {import('./types.js').License} License */
/** @typedef {import('./types.js').User} User */
/** @typedef {import('./types.js').ServiceRequest} ServiceRequest */

/** The most that one page of a list may have. */
const WHOLE_PAGE = 100;

export class CustomerRecord {
  /** @param {string} customerId @param {AbortSignal} signal */
  constructor(customerId, signal) {
    this.customerId = customerId;
    this.signal = signal;
    /** @type {import('./types.js').Record | null} */
    this.read = null;
    /** @type {Map<string, Subscription>} */
    this.subscriptions = new Map();
    /** @type {Map<string, License>} */
    this.licenses = new Map();
    /** @type {Set<() => void>} */
    this.watchers = new Set();
    /** Reads and shows everything again; the row that shows the record sets it. */
    this.reload = () => {};
    /** Takes the customer off the page; the row sets it. */
    this.leave = () => {};
    /** Leads to a subscription, whether or not its page of the list is there yet; the list sets it. @type {(id: string) => void} */
    this.show = () => {};
  }

  /** @returns {Promise<import('./types.js').Record>} */
  async load() {
    const read = /** @type {import('./types.js').Record} */ (await api('GET', this.path(), { signal: this.signal }));
    this.read = read;
    // What watched belongs to the rendering before this one.
    this.watchers.clear();
    this.remember(read.subscriptions.items, read.licenses);
    return read;
  }

  /** What was read. Only parts that are shown call this, and they are shown after reading. */
  get now() {
    if (this.read === null) throw new Error('the record is not read yet');
    return this.read;
  }

  get granted() {
    return this.now.relationship.delegatedAdmin === 'granted';
  }

  /** The next page of a list, with the licences of subscriptions.
   * @template T @param {'subscriptions' | 'users' | 'service-requests'} part @param {string} cursor @returns {Promise<import('./types.js').Page<T>>} */
  async page(part, cursor) {
    const page = await api('GET', this.path(part), { query: { cursor }, signal: this.signal });
    if (part === 'subscriptions') this.remember(page.items, page.licenses);
    return page;
  }

  /** Every subscription as it is now, newest first. @returns {Promise<Subscription[]>} */
  async everySubscription() {
    /** @type {Subscription[]} */
    const all = [];
    /** @type {string | undefined} */
    let cursor;
    do {
      const page = await api('GET', this.path('subscriptions'), { query: { limit: WHOLE_PAGE, cursor }, signal: this.signal });
      this.remember(page.items, page.licenses);
      all.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return all;
  }

  // What changes something is not called back when the page is left: it may have been done already, and the answer still says so.

  /** @param {object} body @param {string} idempotencyKey @returns {Promise<Subscription>} */
  async buy(body, idempotencyKey) {
    const { subscription } = await api('POST', this.path('subscriptions'), { body, idempotencyKey });
    this.remember([subscription], null);
    return subscription;
  }

  /** @param {string} id @param {object} body @returns {Promise<Subscription>} */
  async changeSubscription(id, body) {
    const { subscription } = await api('PATCH', this.path('subscriptions', id), { body });
    this.remember([subscription], null);
    return subscription;
  }

  /** @param {object} body @param {string} idempotencyKey @returns {Promise<User>} */
  async makeUser(body, idempotencyKey) {
    return (await api('POST', this.path('users'), { body, idempotencyKey })).user;
  }

  /** @param {User} before @param {object} body @returns {Promise<User>} */
  async changeUser(before, body) {
    const { user } = /** @type {{ user: User }} */ (await api('PATCH', this.path('users', before.id), { body }));
    this.count(before.licenses, user.licenses);
    return user;
  }

  /** @param {object} body @param {string} idempotencyKey @returns {Promise<ServiceRequest>} */
  async openRequest(body, idempotencyKey) {
    return (await api('POST', this.path('service-requests'), { body, idempotencyKey })).serviceRequest;
  }

  /** @param {string} id @param {object} body @returns {Promise<ServiceRequest>} */
  async changeRequest(id, body) {
    return (await api('PATCH', this.path('service-requests', id), { body })).serviceRequest;
  }

  /** @param {object} body */
  async recordAgreement(body) {
    this.now.relationship = (await api('PUT', this.path('agreement'), { body })).relationship;
  }

  async giveAdminBack() {
    await api('DELETE', this.path('delegated-admin'));
  }

  /** @returns {Promise<import('./types.js').Removal>} */
  remove() {
    return api('DELETE', this.path());
  }

  /** Calls back when licences were given, taken, bought or renamed. @param {() => void} watcher */
  watch(watcher) {
    this.watchers.add(watcher);
  }

  /** @param {Subscription[]} subscriptions @param {License[] | null} licenses */
  remember(subscriptions, licenses) {
    for (const one of subscriptions) {
      this.subscriptions.set(one.id, one);
      const license = this.licenses.get(one.id);
      if (license !== undefined) license.quantity = one.quantity;
      // What was just bought has licences from the start, and nobody has one.
      else if (licenses === null && this.granted && one.kind !== 'reservation') this.licenses.set(one.id, { subscriptionId: one.id, sku: one.sku, quantity: one.quantity, assigned: 0 });
    }
    for (const license of licenses ?? []) this.licenses.set(license.subscriptionId, license);
    this.tell();
  }

  /** @param {string[]} before @param {string[]} after the licences that a user has now */
  count(before, after) {
    for (const id of after) if (!before.includes(id)) this.move(id, 1);
    for (const id of before) if (!after.includes(id)) this.move(id, -1);
    this.tell();
  }

  /** @param {string} id @param {number} by */
  move(id, by) {
    const license = this.licenses.get(id);
    if (license !== undefined) license.assigned = Math.max(0, license.assigned + by);
  }

  tell() {
    for (const watcher of this.watchers) watcher();
  }

  /** @param {...string} parts */
  path(...parts) {
    return ['/v1/customers', this.customerId, ...parts].map((part, index) => (index === 0 ? part : encodeURIComponent(part))).join('/');
  }
}
