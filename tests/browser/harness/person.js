// Somebody with a role in an organisation: acts by the API to set a scene, and by the browser to play it.
import { becomes, signInAs } from './sign-in.js';

/**
 * An invitation as its partner has it. `path` opens it: the customer's link within this deployment.
 * @typedef {{ id: string, token: string, link: string, path: string, draft: { subject: string, text: string, mailto: string } }} Invited
 */

export class Person {
  /** @type {import('playwright-core').BrowserContext[]} */
  contexts = [];
  /** @type {string | undefined} */
  #token;

  /**
   * @param {import('./story.js').Scene} scene
   * @param {{ name: string, tenant: string, roles: string[], country: string, cloud: string, domain?: string | undefined }} who
   */
  constructor(scene, { name, tenant, roles, country, cloud, domain }) {
    this.scene = scene;
    this.name = name;
    this.tenant = tenant;
    this.roles = roles;
    this.country = country;
    this.cloud = cloud;
    // Every story has its own: mail is told apart by it.
    this.domain = domain ?? `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-${tenant.slice(0, 8)}.example`;
    this.email = `admin@${this.domain}`;
  }

  /** What the identity provider says of this person. */
  get claims() {
    return {
      tenantId: this.tenant, roles: this.roles, name: `${this.name} admin`, email: this.email, country: this.country, cloud: this.cloud,
    };
  }

  /** Asks the API, and fails unless it was done. @param {string} method @param {string} path @param {unknown} [body] */
  async does(method, path, body) {
    this.#token ??= await this.scene.deployment.token(this.claims);
    return this.scene.deployment.done(method, path, body, this.#token);
  }

  /** A partner invites. @param {object} [request] @returns {Promise<Invited>} */
  async invites(request = {}) {
    const { invitation, draft } = await this.does('POST', '/v1/invitations', request);
    return this.#invited(invitation, draft);
  }

  /** A partner renews an invitation. @param {Invited} invited @returns {Promise<Invited>} */
  async renews(invited) {
    const { invitation, draft } = await this.does('POST', `/v1/invitations/${invited.id}/renew`, {});
    return this.#invited(invitation, draft);
  }

  /** @param {any} invitation @param {any} draft @returns {Invited} */
  #invited(invitation, draft) {
    const { hash } = new URL(draft.link);
    const token = hash.slice(1);
    this.scene.guard.secret(token);
    return { id: invitation.id, token, link: draft.link, path: `/accept${hash}`, draft };
  }

  /** A customer accepts. @param {Invited} invited */
  accepts(invited) {
    const customer = { name: this.name, domain: this.domain, country: this.country };
    return this.does('POST', '/v1/invitations/accept', { token: invited.token, agreementAccepted: true, customer });
  }

  /** A customer declines. @param {Invited} invited @param {string} [reason] */
  declines(invited, reason) {
    return this.does('POST', '/v1/invitations/decline', { token: invited.token, ...(reason ? { reason } : {}) });
  }

  /** How an invitation of this partner stands. @param {Invited} invited */
  async invitation(invited) {
    const { invitation } = await this.does('GET', `/v1/invitations/${invited.id}`);
    return invitation;
  }

  /** The customer's record, as this partner has it. @param {Person} customer */
  record(customer) {
    return this.does('GET', `/v1/customers/${customer.tenant}`);
  }

  /** A new browser, signed in to nothing. @param {import('playwright-core').BrowserContextOptions} [options] */
  async browser(options = {}) {
    const context = await this.scene.profile(options);
    this.contexts.push(context);
    return context;
  }

  /** Opens a page of the portal in a new browser, as it comes. @param {string} path @param {import('playwright-core').BrowserContextOptions} [options] */
  async opens(path, options) {
    const page = await (await this.browser(options)).newPage();
    await page.goto(path);
    return page;
  }

  /** Opens a page in a new browser and signs in there. @param {string} path @param {import('playwright-core').BrowserContextOptions} [options] */
  async entersAt(path, options) {
    const page = await this.opens(path, options);
    await this.signsIn(page);
    return page;
  }

  /**
   * Signs in where the page asks for it.
   * @param {import('playwright-core').Page} page
   * @param {{ seconds?: number, button?: string }} [more] how long the access token lasts; what the button says
   */
  signsIn(page, more) {
    return signInAs(this, page, more);
  }

  /** Is chosen on the local issuer's page, where that is open already. @param {import('playwright-core').Page} page */
  becomes(page) {
    return becomes(this, page);
  }
}
