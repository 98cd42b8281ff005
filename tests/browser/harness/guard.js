// What must never happen on any page, whatever the story: every story ends with this guard's complaints, and fails with them.

/** A signed token, as an identity provider makes them. */
const JWT = /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\./;

export class Guard {
  /** @type {string[]} */
  #complaints = [];
  /** @type {Set<string>} */
  #secrets = new Set();
  /** @type {RegExp[]} */
  #expected = [];
  #base;

  /** @param {string} base the only origin that pages may talk to */
  constructor(base) {
    this.#base = base;
  }

  /** From now on this may stand in no URL that is sent, in no Referer, and, where the story ends, in no storage. @param {string} token */
  secret(token) {
    this.#secrets.add(token);
  }

  /** The story makes this error happen. @param {RegExp} message */
  expect(message) {
    this.#expected.push(message);
  }

  /** @param {import('playwright-core').BrowserContext} context */
  async watch(context) {
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy violated: ${event.violatedDirective} by ${event.blockedURI} ${event.sample}`);
      });
    });
    context.on('weberror', (error) => this.#complain(`page error: ${error.error().stack}`));
    context.on('console', (message) => {
      if (message.type() !== 'error' || refused(message)) return;
      this.#complain(`console error: ${message.text()}`);
    });
    context.on('request', (request) => {
      const url = new URL(request.url());
      url.hash = ''; // is never sent
      if (url.origin !== this.#base) this.#complain(`request to another origin: ${url}`);
      const referer = request.headers().referer ?? '';
      for (const secret of this.#secrets) {
        if (url.href.includes(secret)) this.#complain(`a secret stands in the URL ${url}`);
        if (referer.includes(secret)) this.#complain(`a secret stands in the Referer of ${url}`);
      }
      if (JWT.test(url.href)) this.#complain(`an access token stands in the URL ${url}`);
    });
    context.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (response.status() >= 400 && pathname.startsWith('/assets/')) {
        this.#complain(`${response.status()} for ${pathname}`);
      }
    });
  }

  /** What went wrong, asked for when the story is over and the pages are still open. @param {import('playwright-core').BrowserContext} context */
  async verdict(context) {
    for (const page of context.pages()) {
      if (page.isClosed() || !page.url().startsWith(this.#base)) continue;
      const kept = await page.evaluate(() => JSON.stringify({
        local: { ...localStorage }, session: { ...sessionStorage }, cookies: document.cookie,
      }));
      if (JWT.test(kept)) this.#complain(`an access token is kept on ${page.url()}: ${kept}`);
    }
    return this.#complaints;
  }

  /** @param {string} text */
  #complain(text) {
    if (!this.#expected.some((expected) => expected.test(text))) this.#complaints.push(text);
  }
}

/**
 * Whether the browser only notes that the API refused or could not be reached. The page has to say so to the person, which is
 * what stories look at; for files of the portal `response` complains.
 * @param {import('playwright-core').ConsoleMessage} message
 */
function refused(message) {
  const from = message.location().url;
  return message.text().startsWith('Failed to load resource:') && (from.includes('/v1/') || from.includes('/_local/'));
}
