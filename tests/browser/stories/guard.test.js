// The guard itself: a page that misbehaves is caught, or every story could pass by accident.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { launch } from '../harness/browser.js';
import { Guard } from '../harness/guard.js';
import { looksRight } from '../harness/looks.js';
import { firstLoad } from '../harness/measures.js';

const SECRET = 'an-invitation-token';
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.signature';

/** Scripts of a page, by path. @type {Record<string, string>} */
const SCRIPTS = {
  '/fine': '',
  '/throws': 'setTimeout(() => { throw new Error("oh") })',
  '/complains': 'console.error("no text for accept.title")',
  '/evaluates': 'try { eval("1") } catch {}',
  '/elsewhere': 'fetch("http://127.0.0.1:1/").catch(() => 0)',
  '/tells': `fetch("/v1/invitations?token=${SECRET}")`,
  '/refers': `history.replaceState(null, "", "/?${SECRET}"); fetch("/v1/customers")`,
  '/keeps': `sessionStorage.setItem("session", ${JSON.stringify(JWT)})`,
  '/misses': 'import("/assets/1/nothing.js").catch(() => 0)',
};

const server = createServer((request, response) => {
  const path = request.url ?? '';
  if (path in SCRIPTS) {
    // Only what a case is about is forbidden here, so that each gets as far as the guard.
    response.setHeader('content-security-policy', "script-src 'self'");
    response.setHeader('referrer-policy', 'unsafe-url');
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><html lang=en><title>A page</title><link rel=icon href=data:,><script src="/script${path}"></script><h1>A page</h1>`);
  } else if (path.startsWith('/script')) {
    response.setHeader('content-type', 'text/javascript');
    response.end(SCRIPTS[path.slice('/script'.length)]);
  } else {
    response.statusCode = 404;
    response.end();
  }
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const address = /** @type {import('node:net').AddressInfo} */ (server.address());
const base = `http://127.0.0.1:${address.port}`;
const browser = await launch();
after(async () => {
  await browser.close();
  server.close();
});

/** @param {string} path @param {RegExp} [expected] */
async function complaints(path, expected) {
  const context = await browser.newContext({ baseURL: base });
  try {
    const guard = new Guard(base);
    guard.secret(SECRET);
    if (expected) guard.expect(expected);
    await guard.watch(context);
    const page = await context.newPage();
    await page.goto(path);
    await page.waitForLoadState('networkidle');
    await page.waitForTimeout(100);
    return (await guard.verdict([context])).join('\n');
  } finally {
    await context.close();
  }
}

test('a page that behaves is not complained of', async () => {
  assert.equal(await complaints('/fine'), '');
});

for (const [what, path, complaint] of /** @type {const} */ ([
  ['an error that nobody caught', '/throws', /page error: Error: oh/],
  ['an error in the console', '/complains', /console error: no text for accept.title/],
  ['a script that the policy refuses', '/evaluates', /policy violated: script-src/],
  ['a request to another origin', '/elsewhere', /request to another origin: http:\/\/127.0.0.1:1\//],
  ['a token in a URL', '/tells', /a secret stands in the URL .*\/v1\/invitations/],
  ['a token in a Referer', '/refers', /a secret stands in the Referer of .*\/v1\/customers/],
  ['an access token in a storage', '/keeps', /an access token is kept on .*\/keeps/],
  ['a file that is not there', '/misses', /404 for \/assets\/1\/nothing.js/],
])) {
  test(`${what} is complained of`, async () => {
    assert.match(await complaints(path), complaint);
  });
}

test('what a story expects is not complained of', async () => {
  assert.equal(await complaints('/throws', /Error: oh/), '');
});

test('what cannot be read, or is too wide, does not look right', async () => {
  const page = await browser.newPage();
  const shows = (/** @type {string} */ style) => page.setContent(`<!doctype html><html lang=en><title>A page</title><main>
    <h1>A page</h1><p>Text</p><button>Button</button><p style="${style}">More</p></main>`);
  await shows('');
  await looksRight(page, 'fine');
  await shows('color: #ccc');
  await assert.rejects(looksRight(page, 'pale'), /color-contrast/);
  await page.setContent(`<!doctype html><html lang=en><title>A page</title><style>@media (prefers-color-scheme: dark) { p { color: #444; background: #000 } }</style>
    <main><h1>A page</h1><p>Text</p></main>`);
  await assert.rejects(looksRight(page, 'pale at night'), /pale at night, dark/);
  await shows('width: 2000px');
  await assert.rejects(looksRight(page, 'wide'), /wider than 1920 px/);
  await page.close();
});

test('bytes and shifts of a page are measured', async () => {
  const page = await (await browser.newContext()).newPage();
  await page.route(`${base}/shifts`, (route) => route.fulfill({
    contentType: 'text/html',
    body: `<!doctype html><title>A page</title><link rel=icon href=data:,><div id=top></div><p style="height: 300px; background: gray">Text</p>
      <script>setTimeout(() => { document.getElementById("top").style.height = "200px" }, 200)</script>`,
  }));
  const measured = await firstLoad(page, `${base}/shifts`);
  assert.ok(measured.shift > 0.1, `shift ${measured.shift}`);
  assert.ok(measured.bytes > 0 && measured.requests === 1, JSON.stringify(measured));
});
