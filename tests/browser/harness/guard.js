// What must never happen on any page, whatever the story: every story ends with this guard's complaints, and fails with them.

/** A signed token, as an identity provider makes them. */
const JWT = /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\./;

export class Guard {
  /** @type {string[]} */
  #complaints = [];
  /** @type {Set<string>} */
  #secrets = new Set();
  /** Addresses. @type {Set<string>} */
  #forgiven = new Set();
  /** @type {RegExp[]} */
  #expected = [];
  /** What servers were told by addresses. @type {{ url: string, referer: string }[]} */
  #sent = [];
  /** @type {Promise<void>[]} */
  #reading = [];
  #base;

  /** @param {string} base the only origin that pages may talk to */
  constructor(base) {
    this.#base = base;
  }

  /** This may stand in no URL that is sent, before or after, and in no Referer. @param {string} token */
  secret(token) {
    this.#secrets.add(token);
  }

  /** A mail scanner rewrote the link, and its token is in the first request before the portal can help it. What follows is watched. @param {string} token */
  forgives(token) {
    this.#forgiven.add(`${this.#base}/accept#${token}`);
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
      const { protocol, origin } = new URL(request.url());
      if (protocol === 'mailto:') return; // goes to the mail application
      if (origin !== this.#base) this.#complain(`request to another origin: ${request.url()}`);
      this.#sent.push({ url: sentOf(request.url()), referer: '' });
    });
    context.on('response', (response) => {
      // As it was sent: what the browser's tools say beforehand has a Referer even where none goes out.
      const sent = response.request().allHeaders().then(({ referer = '' }) => { this.#sent.push({ url: sentOf(response.url()), referer: decoded(referer) }); });
      this.#reading.push(sent.catch(() => undefined)); // the page is gone, and what it asked for with it
      const { pathname } = new URL(response.url());
      if (response.status() >= 400 && pathname.startsWith('/assets/')) {
        this.#complain(`${response.status()} for ${pathname}`);
      }
    });
  }

  /** What went wrong, asked for when the story is over and its pages are still open. @param {import('playwright-core').BrowserContext[]} contexts */
  async verdict(contexts) {
    for (const page of contexts.flatMap((context) => context.pages())) {
      if (page.isClosed() || !page.url().startsWith(this.#base)) continue;
      const kept = await page.evaluate(() => JSON.stringify({
        local: { ...localStorage }, session: { ...sessionStorage }, cookies: document.cookie,
      }));
      if (JWT.test(kept)) this.#complain(`an access token is kept on ${page.url()}: ${kept}`);
    }
    await Promise.all(this.#reading);
    for (const { url, referer } of this.#sent) {
      for (const secret of this.#secrets) {
        if (url.includes(secret) && !this.#forgiven.has(url)) this.#complain(`a secret stands in the URL ${url}`);
        if (referer.includes(secret)) this.#complain(`a secret stands in the Referer of ${url}`);
      }
      if (JWT.test(url)) this.#complain(`an access token stands in the URL ${url}`);
    }
    return this.#complaints;
  }

  /** @param {string} text */
  #complain(text) {
    if (!this.#expected.some((expected) => expected.test(text))) this.#complaints.push(text);
  }
}

/** What a server sees of an address: all but its fragment. @param {string} address */
function sentOf(address) {
  const url = new URL(address);
  url.hash = '';
  return decoded(url.href);
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
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
