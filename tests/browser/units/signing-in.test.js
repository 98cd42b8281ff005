// Signing in, as far as it needs no browser: what is sent, and which answers are not believed.
import assert from 'node:assert/strict';
import { afterEach, mock, test } from 'node:test';
import { authorization, challenge, claimsOf, endSession, redeem, refusal, refresh } from '../../../functions/portal/web/lib/oidc.js';

const back = 'https://portal.example/signed-in';
const now = Date.parse('2026-11-25T12:00:00Z');
const good = { iss: 'https://issuer.example', aud: 'portal', sub: 'mei', nonce: 'n', exp: now / 1000 + 3600 };
const expected = { issuer: 'https://issuer.example', clientId: 'portal', nonce: 'n', now };

/** @param {Record<string, unknown>} claims */
const jwt = (claims) => ['e30', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'signature'].join('.');

/** An issuer that answers from a table; each test has one of its own, since endpoints are asked for once. @param {string} issuer @param {Record<string, unknown>} answers */
function issuerThat(issuer, answers) {
  /** @type {{ address: string, form: Record<string, string> }[]} */
  const asked = [];
  mock.method(globalThis, 'fetch', async (/** @type {string} */ address, /** @type {RequestInit | undefined} */ init) => {
    asked.push({ address, form: Object.fromEntries(/** @type {URLSearchParams} */ (init?.body ?? new URLSearchParams())) });
    const answer = answers[new URL(address).pathname];
    return answer === undefined ? Response.json({ error: 'invalid_grant' }, { status: 400 }) : Response.json(answer);
  });
  const described = { issuer, authorization_endpoint: `${issuer}/authorize?audience=api`, token_endpoint: `${issuer}/token`, end_session_endpoint: `${issuer}/logout` };
  answers['/.well-known/openid-configuration'] ??= described;
  return { asked, config: { name: issuer, cloud: 'public', issuer, clientId: 'portal', scope: 'openid profile' } };
}
afterEach(() => mock.restoreAll());

test('the challenge is the one of RFC 7636, appendix B', async () => {
  assert.equal(await challenge('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'), 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
});

test('a request carries state, nonce and challenge, and never the verifier', async () => {
  const { config } = issuerThat('https://asks.example', {});
  const { flow, address } = await authorization(config, back, { prompt: 'none' });
  const sent = new URL(address).searchParams;
  assert.deepEqual(
    [sent.get('response_type'), sent.get('audience'), sent.get('redirect_uri'), sent.get('state'), sent.get('nonce'), sent.get('code_challenge'), sent.get('code_challenge_method'), sent.get('prompt')],
    ['code', 'api', back, flow.state, flow.nonce, await challenge(flow.verifier), 'S256', 'none'],
  );
  assert.ok(!address.includes(flow.verifier));
  assert.ok(flow.verifier.length >= 43 && new Set([flow.state, flow.nonce, flow.verifier]).size === 3);
});

test('a code becomes tokens, once, with the verifier', async () => {
  const issuer = 'https://answers.example';
  const answers = /** @type {Record<string, unknown>} */ ({});
  const { asked, config } = issuerThat(issuer, answers);
  const { flow } = await authorization(config, back);
  answers['/token'] = { access_token: 'a', id_token: jwt({ ...good, iss: issuer, nonce: flow.nonce, exp: Date.now() / 1000 + 60, name: 'Mei' }), expires_in: 60 };
  const tokens = await redeem(config, flow, new URLSearchParams({ code: 'c', state: flow.state, iss: issuer }), back);
  assert.deepEqual([tokens.accessToken, tokens.expiresIn, tokens.claims.name], ['a', 60, 'Mei']);
  assert.deepEqual(asked.at(-1)?.form, { grant_type: 'authorization_code', client_id: 'portal', code: 'c', redirect_uri: back, code_verifier: flow.verifier });
});

test('one issuer may be there twice, with a scope each', async () => {
  const { config } = issuerThat('https://twice.example', {});
  const one = await authorization(config, back);
  const other = await authorization({ ...config, name: 'Customers', scope: 'openid customers' }, back);
  assert.deepEqual([one.flow.way, other.flow.way], ['https://twice.example', 'Customers']);
  assert.deepEqual([one.address, other.address].map((address) => new URL(address).searchParams.get('scope')), ['openid profile', 'openid customers']);
});

test('an answer of another issuer is not exchanged', async () => {
  const { asked, config } = issuerThat('https://mixed.example', {});
  const { flow } = await authorization(config, back);
  await assert.rejects(redeem(config, flow, new URLSearchParams({ code: 'c', iss: 'https://evil.example' }), back), { slug: 'sign-in-untrusted' });
  assert.equal(asked.length, 1);
});

test('an issuer that refuses is quoted', async () => {
  const { config } = issuerThat('https://refuses.example', {});
  const { flow } = await authorization(config, back);
  await assert.rejects(redeem(config, flow, new URLSearchParams({ error: 'access_denied', error_description: 'Ask an administrator.' }), back), { slug: 'sign-in-failed', detail: 'Ask an administrator.' });
  await assert.rejects(redeem(config, flow, new URLSearchParams({ code: 'used' }), back), { slug: 'sign-in-failed', status: 400 });
});

test('a description that speaks for another issuer is not believed', async () => {
  const { config } = issuerThat('https://poses.example', { '/.well-known/openid-configuration': { issuer: 'https://other.example', authorization_endpoint: 'https://other.example/a' } });
  await assert.rejects(authorization(config, back), { slug: 'sign-in-untrusted' });
});

test('an issuer that is away is said to be away, and asked again', async () => {
  const config = { name: 'https://away.example', cloud: 'public', issuer: 'https://away.example', clientId: 'portal', scope: 'openid' };
  mock.method(globalThis, 'fetch', async () => { throw new TypeError('fetch failed'); });
  await assert.rejects(authorization(config, back), { slug: 'sign-in-unreachable' });
  mock.restoreAll();
  issuerThat('https://away.example', {});
  assert.ok((await authorization(config, back)).address.startsWith('https://away.example/authorize'));
});

test('a refresh may leave out who it is', async () => {
  const { config } = issuerThat('https://renews.example', { '/token': { access_token: 'b', expires_in: 60 } });
  const tokens = await refresh(config, { accessToken: 'a', refreshToken: 'r', expiresIn: 60, claims: good });
  assert.deepEqual(tokens, { accessToken: 'b', refreshToken: 'r', expiresIn: 60, claims: good });
});

test('signing out tells the issuer where to come back to, and not who it was', async () => {
  const { config } = issuerThat('https://ends.example', {});
  assert.equal(await endSession(config, 'https://portal.example/'), 'https://ends.example/logout?client_id=portal&post_logout_redirect_uri=https%3A%2F%2Fportal.example%2F');
});

/** @type {[string, Record<string, unknown>, Partial<typeof expected>, string | null][]} */
const believed = [
  ['as it should be', {}, {}, null],
  ['several audiences, ours among them', { aud: ['portal', 'other'] }, {}, null],
  ['a clock five minutes wrong', { exp: now / 1000 - 240 }, {}, null],
  ['another issuer', { iss: 'https://evil.example' }, {}, 'another issuer'],
  ['another audience', { aud: 'other' }, {}, 'another audience'],
  ['another party', { azp: 'other' }, {}, 'another authorized party'],
  ['another nonce', { nonce: 'm' }, {}, 'another nonce'],
  ['no nonce', { nonce: undefined }, {}, 'another nonce'],
  ['long over', { exp: now / 1000 - 600 }, {}, 'expired'],
  ['without an end', { exp: undefined }, {}, 'expired'],
  ['of its own tenant', { iss: 'https://login.example/t1/v2.0', tid: 't1' }, { issuer: 'https://login.example/{tid}/v2.0' }, null],
  ['of its own tenant, as Microsoft describes it', { iss: 'https://login.example/t1/v2.0', tid: 't1' }, { issuer: 'https://login.example/{tenantid}/v2.0' }, null],
  ['of another tenant', { iss: 'https://login.example/t1/v2.0', tid: 't2' }, { issuer: 'https://login.example/{tid}/v2.0' }, 'another issuer'],
  ['of no tenant', { iss: 'https://login.example/t1/v2.0' }, { issuer: 'https://login.example/{tid}/v2.0' }, 'another issuer'],
];
for (const [name, claims, differs, why] of believed) test(`an identity token ${name}: ${why ?? 'believed'}`, () => assert.equal(refusal({ ...good, ...claims }, { ...expected, ...differs }), why));

test('claims are read as UTF-8, and what is no token has none', () => {
  assert.deepEqual(claimsOf(jwt({ name: '田中 芽衣' })), { name: '田中 芽衣' });
  for (const no of [undefined, '', 'opaque', 'a.!!.c']) assert.equal(claimsOf(no), null);
});
