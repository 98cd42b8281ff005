// Stories: people with browsers, and a deployment that they share.
//
//     const story = await stories();
//     story('a customer accepts', async (scene) => {
//       const contoso = await scene.partner('Contoso');
//       const invitation = await contoso.invites();
//       const page = await scene.customer('Fabrikam').opens(invitation.path);
//       …
//
// Every story has organisations of its own, so one `local` and one Chromium do for a whole file, and no story depends on another.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { launch } from './browser.js';
import { Deployment } from './deployment.js';
import { Guard } from './guard.js';
import { Person } from './person.js';

/** Longer than anything on a busy machine takes; a story that waits this long waits for something that never comes. */
const PATIENCE = Number(process.env.PATIENCE ?? 15_000);

/** Starts the deployment and the browser of this file. The answer declares its stories. */
export async function stories() {
  const [deployment, browser] = await Promise.all([Deployment.start(), launch()]);
  afterEach(() => deployment.calm());
  after(async () => {
    await browser.close();
    await deployment.stop();
  });
  /** @param {string} name @param {(scene: Scene) => Promise<void>} act */
  return (name, act) => test(name, { timeout: 120_000 }, async () => {
    const scene = new Scene(deployment, browser);
    try {
      await act(scene);
      await scene.verdict();
    } catch (error) {
      await scene.picture(name);
      throw error;
    } finally {
      await scene.close();
    }
  });
}

export class Scene {
  /** @type {Person[]} */
  #people = [];

  /** @param {Deployment} deployment @param {import('playwright-core').Browser} browser */
  constructor(deployment, browser) {
    this.deployment = deployment;
    this.browser = browser;
    this.guard = new Guard(deployment.base);
  }

  /**
   * A registered partner's global administrator, in Japan.
   * @param {string} name @param {{ roles?: string[], country?: string, cloud?: string, domain?: string, profile?: object }} [more]
   */
  async partner(name, { profile, ...more } = {}) {
    const person = this.#person(name, more);
    await this.deployment.register(person.tenant, {
      name, country: person.country, cloud: person.cloud,
      supportContact: { name: 'Help desk', email: `help@${person.domain}`, phone: '+81 3 0000 0000', web: `https://${person.domain}/help` },
      ...profile,
    });
    return person;
  }

  /** A customer's global administrator, in Japan. @param {string} name @param {{ roles?: string[], country?: string, cloud?: string, domain?: string }} [more] */
  customer(name, more = {}) {
    return this.#person(name, more);
  }

  /** Somebody else of that organisation. @param {Person} colleague @param {string[]} roles */
  colleague(colleague, roles) {
    return this.#person(colleague.name, { tenant: colleague.tenant, roles, country: colleague.country, cloud: colleague.cloud });
  }

  /** Somebody with a browser and no organisation that matters. */
  somebody() {
    return this.#person('Somebody', {});
  }

  /** @param {string} name @param {{ tenant?: string, roles?: string[], country?: string, cloud?: string, domain?: string }} more */
  #person(name, { tenant = randomUUID(), roles = ['GlobalAdmin'], country = 'JP', cloud = 'public', domain }) {
    const person = new Person(this, { name, tenant, roles, country, cloud, domain });
    this.#people.push(person);
    return person;
  }

  /** A new browser profile. @param {import('playwright-core').BrowserContextOptions} options */
  async profile(options) {
    const context = await this.browser.newContext({
      baseURL: this.deployment.base,
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
      timezoneId: 'Asia/Tokyo',
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(PATIENCE);
    await this.guard.watch(context);
    const folder = process.env.WEB;
    if (folder) {
      await context.route('**/assets/**', (route) => {
        const [, file] = /\/assets\/[^/]+\/(.+)$/.exec(new URL(route.request().url()).pathname) ?? [];
        return file && existsSync(join(folder, file)) ? route.fulfill({ path: join(folder, file) }) : route.fulfill({ status: 404 });
      });
    }
    return context;
  }

  /** Fails with everything that no page may ever do. */
  async verdict() {
    assert.deepEqual(await this.guard.verdict(this.#contexts()), []);
  }

  /** What was to be seen where a story failed, in the folder that `PICTURES` names. @param {string} name */
  async picture(name) {
    const folder = process.env.PICTURES;
    if (!folder) return;
    const pages = this.#contexts().flatMap((context) => context.pages());
    for (const [index, page] of pages.entries()) {
      const path = `${folder}/${name.replaceAll(/\W+/g, '-')}-${index}.png`;
      await page.screenshot({ path, fullPage: true, timeout: 5_000 }).catch(() => undefined);
    }
  }

  async close() {
    for (const context of this.#contexts()) await context.close();
  }

  #contexts() {
    return this.#people.flatMap((person) => person.contexts);
  }
}
