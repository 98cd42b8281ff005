// A real OpenID Connect provider (npm oidc-provider) for tests/src/oidc.rs: client credentials, JWT access tokens, RS256 and
// ES256. It lives as long as its standard input is open.
//
//   node provider.mjs '[{"client_id":"…","tenant":"…","roles":["…"]}]'
//
// prints one line, {"issuer":"http://127.0.0.1:…","admin":"http://127.0.0.1:…"}. Clients have the secret `secret`, and what else is
// said of them are claims of their tokens. The resource https://api.example/rs256 (or /es256) says which algorithm signs; the
// audience is https://api.example either way.
//
// | at the admin address | does |
// |---|---|
// | POST /rotate | new keys sign from now on; the ones before stay published |
// | POST /retire | only the keys that sign now stay published |
// | POST /down, /up | closes every connection as it comes, and serves again |
// | GET /asked | {"discovery","keys","refused"}: requests for each, and connections closed while down, since the last time |
// | POST /forge | {"like","key","header","claims"}: the token `like` with other fields (null: without), signed as `key` says:
// |             | RS256, ES256 (the provider's own keys); stranger (a key that is nobody's); public (HS256, with the
// |             | provider's public key as secret); none (no signature); kept (the signature that was there) |

import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';

import { Provider } from 'oidc-provider';

console.info = console.warn = console.error; // standard output is for the one line

const AUDIENCE = 'https://api.example';
const SECRET = 'secret';
const DAY = 24 * 60 * 60;
const ALGORITHMS = ['RS256', 'ES256'];

const descriptions = JSON.parse(process.argv[2]);

// ---------------------------------------------------------------- keys

// Made as PEM and read again: exporting the very object that was generated can wait for itself for ever, where the garbage
// collector comes to the job that generated it meanwhile (seen with Node.js 20).
const pem = { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } };
const generated = (alg) =>
  alg === 'RS256'
    ? generateKeyPairSync('rsa', { modulusLength: 2048, ...pem })
    : generateKeyPairSync('ec', { namedCurve: 'P-256', ...pem });
const secret = (alg) => createPrivateKey(generated(alg).privateKey).export({ format: 'jwk' });

const made = () => ALGORITHMS.map((alg) => ({ ...secret(alg), alg, use: 'sig', kid: randomUUID() }));

let keys = made(); // those that sign first
const signing = (alg) => keys.find((key) => key.alg === alg);

// ---------------------------------------------------------------- the provider

let provider;

function begin(issuer) {
  provider = new Provider(issuer, {
    jwks: { keys },
    clients: descriptions.map(({ client_id }) => ({
      client_id,
      client_secret: SECRET,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, resource) => {
          const alg = resource.split('/').at(-1).toUpperCase();
          return {
            scope: '',
            audience: AUDIENCE,
            accessTokenFormat: 'jwt',
            accessTokenTTL: DAY,
            jwt: { sign: { alg, kid: signing(alg).kid } },
          };
        },
      },
    },
    extraTokenClaims: (_ctx, token) => {
      const { client_id: _, ...claims } = descriptions.find(({ client_id }) => client_id === token.clientId);
      return claims;
    },
  });
}

// ---------------------------------------------------------------- forging

const encoded = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const decoded = (part) => JSON.parse(Buffer.from(part, 'base64url'));
const changed = (base, change = {}) =>
  Object.fromEntries(Object.entries({ ...base, ...change }).filter(([, value]) => value !== null));

function signature(key, alg, message, kept) {
  const by = (jwk) => {
    const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
    return sign('sha256', Buffer.from(message), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  };
  switch (key) {
    case 'stranger':
      return by(secret(alg));
    case 'public': {
      const open = createPublicKey({ key: signing('RS256'), format: 'jwk' }).export({ type: 'spki', format: 'pem' });
      return createHmac('sha256', open).update(message).digest('base64url');
    }
    case 'none':
      return '';
    case 'kept':
      return kept;
    default:
      return by(signing(key));
  }
}

function forged({ like, key, header, claims }) {
  const [head, payload, kept] = like.split('.');
  const { alg } = decoded(head);
  const message = `${encoded(changed(decoded(head), header))}.${encoded(changed(decoded(payload), claims))}`;
  return { token: `${message}.${signature(key, alg, message, kept)}` };
}

// ---------------------------------------------------------------- serving

let down = false;
let asked = { discovery: 0, keys: 0, refused: 0 };

const server = createServer((request, response) => {
  if (request.url === '/.well-known/openid-configuration') asked.discovery += 1;
  if (request.url === '/jwks') asked.keys += 1;
  provider.callback()(request, response);
});
server.on('connection', (socket) => {
  if (!down) return;
  asked.refused += 1;
  socket.destroy();
});

const listening = (server) =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`));
  });

const issuer = await listening(server);
begin(issuer);

const acts = {
  'POST /rotate': () => {
    keys = [...made(), ...keys];
    begin(issuer);
  },
  'POST /retire': () => {
    keys = ALGORITHMS.map(signing);
    begin(issuer);
  },
  'POST /down': () => {
    down = true;
    server.closeAllConnections();
  },
  'POST /up': () => {
    down = false;
  },
  'GET /asked': () => {
    const before = asked;
    asked = { discovery: 0, keys: 0, refused: 0 };
    return before;
  },
  'POST /forge': forged,
};

const admin = await listening(
  createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const act = acts[`${request.method} ${request.url}`];
    response.statusCode = act ? 200 : 404;
    response.end(JSON.stringify(act?.(body === '' ? undefined : JSON.parse(body)) ?? {}));
  }),
);

process.stdin.resume().on('end', () => process.exit());
process.stdout.write(`${JSON.stringify({ issuer, admin })}\n`);
