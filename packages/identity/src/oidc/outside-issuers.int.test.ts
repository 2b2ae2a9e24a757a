import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_WORKSPACE_ID, newId } from '@automatos/kernel';
import { CompactSign, SignJWT } from 'jose';
import type { JWTPayload } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Identity } from '../identity-service.ts';
import { OPERATOR_KEY, createTestIdentity, withBearer } from '../tokens/identity.fixture.ts';
import type { TestIdentity } from '../tokens/identity.fixture.ts';
import { plainFetch, startProvider } from './openid-provider.fixture.ts';
import type { TestProvider } from './openid-provider.fixture.ts';

const CLERK = 'https://clerk.example';
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const P256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ED25519 = generateKeyPairSync('ed25519');
const KEYS = { rsa: RSA, p256: P256, ed25519: ED25519 };

let room: TestIdentity;
let provider: TestProvider;
/** Serves the keys of the other issuer. */
let clerk: Server;
let clerkKeys: unknown[];
let clerkRequests: number;
let identity: Identity;

beforeAll(async () => {
  room = await createTestIdentity();
  provider = await startProvider('http://automatos.test/callback');
  clerk = createServer((_, response) => {
    clerkRequests += 1;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: clerkKeys }));
  });
  await new Promise<void>((resolve) => clerk.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await provider.close();
  clerk.closeAllConnections();
  await new Promise((resolve) => clerk.close(resolve));
  await room.close();
});
beforeEach(() => {
  clerkRequests = 0;
  clerkKeys = [
    ...Object.entries(KEYS).map(([kid, { publicKey }]) => ({
      ...publicKey.export({ format: 'jwk' }),
      kid,
      use: 'sig',
    })),
    {
      kty: 'oct',
      kid: 'shared',
      k: Buffer.from('a shared secret of 32 bytes!!!!!').toString('base64url'),
    },
  ];
  identity = open();
});
afterEach(() => room.query('WITH gone AS (DELETE FROM invitations) DELETE FROM users'));

const jwksUrl = () => `http://127.0.0.1:${(clerk.address() as AddressInfo).port}/jwks`;

function open(more: { audiences?: string[]; signUpOpen?: boolean; cooldownMs?: number } = {}) {
  const { issuer, clientId } = provider;
  const { audiences = [], signUpOpen = true, cooldownMs } = more;
  return room.open({
    signUpOpen,
    issuers: {
      oidc: {
        issuer: `${issuer}/`,
        name: 'Acme',
        clientId: undefined,
        clientSecret: undefined,
        audiences: [clientId],
      },
      clerk: { issuer: CLERK, jwksUrl: jwksUrl(), audiences },
      fetch: plainFetch(),
      cooldownMs,
    },
  });
}

const authenticate = (token: string, more?: Parameters<typeof withBearer>[1]) =>
  identity.authenticator.authenticate(withBearer(token, more));

const now = () => Math.floor(room.clock.now() / 1000);
const person = (more: Record<string, unknown> = {}): JWTPayload => ({
  iss: CLERK,
  sub: newId(),
  email: `${newId()}@clerk.example`,
  email_verified: true,
  name: 'Grace',
  iat: now(),
  exp: now() + 60,
  ...more,
});
const sign = (
  claims: JWTPayload,
  { key = 'ed25519', ...header }: { key?: keyof typeof KEYS; [name: string]: unknown } = {},
) => {
  const alg = { rsa: 'RS256', p256: 'ES256', ed25519: 'EdDSA' }[key];
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg, kid: key, typ: 'JWT', ...header })
    .sign(KEYS[key].privateKey, { crit: { 'urn:extension': true } });
};

describe('a token of another issuer', () => {
  test('is believed by its discovery document and keys, and the first one owns the installation', async () => {
    const token = await provider.sign({ sub: 'grace', email: 'grace@acme.example', name: 'Grace' });
    const before = provider.jwksRequests();
    const found = await authenticate(token);
    expect(found).toMatchObject({
      principal: { kind: 'user', name: 'Grace', role: 'owner' },
      workspaceId: DEFAULT_WORKSPACE_ID,
      viaCookie: false,
    });
    expect(found?.sessionId).toBeUndefined();
    for (let again = 0; again < 5; again += 1) await authenticate(token);
    expect(provider.jwksRequests() - before).toBe(1);
    expect(await room.query('SELECT name FROM users')).toEqual([{ name: 'Grace' }]);
  });

  test.each(Object.keys(KEYS) as (keyof typeof KEYS)[])('may be signed with %s', async (key) => {
    expect(await authenticate(await sign(person(), { key }))).not.toBeNull();
  });

  test('makes one account, also of several requests at once', async () => {
    const token = await sign(person());
    const found = await Promise.all(Array.from({ length: 5 }, () => authenticate(token)));
    expect(new Set(found.map((each) => each?.principal.id)).size).toBe(1);
    expect(await room.query('SELECT 1 FROM users')).toHaveLength(1);
  });

  test('goes before a key and a cookie beside it', async () => {
    const token = await sign(person());
    const beside = { headers: { 'x-api-key': OPERATOR_KEY } };
    expect(await authenticate(token, beside)).toMatchObject({ principal: { kind: 'user' } });
  });

  test('is good for 30 seconds more, for clocks that differ', async () => {
    const claims = person();
    expect(await authenticate(await sign({ ...claims, exp: now() - 29 }))).not.toBeNull();
    expect(await authenticate(await sign({ ...claims, nbf: now() + 29 }))).not.toBeNull();
  });

  test('has to be for us, where the settings name audiences: as aud or as azp', async () => {
    identity = open({ audiences: ['https://app.example', 'automatos'] });
    for (const named of [
      { aud: 'automatos' },
      { aud: ['x', 'automatos'] },
      { azp: 'https://app.example' },
    ])
      expect(await authenticate(await sign(person(named)))).not.toBeNull();
    for (const named of [{}, { aud: 'x' }, { azp: 'x' }, { azp: ['x'], aud: [] }])
      await expect(authenticate(await sign(person(named)))).rejects.toMatchObject({
        code: 'identity.token.invalid',
      });
    // The party is named by azp only where the issuer is known to use it so.
    const other = await provider.sign({ sub: 'x', aud: 'other', azp: provider.clientId });
    await expect(authenticate(other)).rejects.toMatchObject({ code: 'identity.token.invalid' });
  });

  test('is dead at once when the person is locked or the account is disconnected', async () => {
    const [locked, gone] = [person(), person()];
    const [one, two] = [await sign(locked), await sign(gone)];
    const found = await authenticate(one);
    await authenticate(two);
    await room.query('UPDATE users SET disabled_at = now() WHERE id = $1', [found?.principal.id]);
    await expect(authenticate(one)).rejects.toMatchObject({ code: 'identity.token.revoked' });
    await room.query('DELETE FROM accounts WHERE account_id = $1', [gone.sub]);
    await expect(authenticate(two)).rejects.toMatchObject({ code: 'identity.issuer.email_taken' });
  });
});

describe('a forged token of another issuer', () => {
  const stranger = generateKeyPairSync('ed25519');
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const hs256 = (secret: string | Buffer, kid: string) => {
    const head = `${encode({ alg: 'HS256', typ: 'JWT', kid })}.${encode(person())}`;
    return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
  };
  const byStranger = (header: Record<string, unknown>) =>
    new SignJWT(person())
      .setProtectedHeader({ alg: 'EdDSA', kid: 'ed25519', ...header })
      .sign(stranger.privateKey);

  test.each<[string, () => Promise<string> | string, string?]>([
    ['says alg none', () => `${encode({ alg: 'none', kid: 'rsa' })}.${encode(person())}.`],
    [
      'is HS256 under the public RSA key',
      () => hs256(RSA.publicKey.export({ format: 'pem', type: 'spki' }), 'rsa'),
    ],
    [
      'is HS256 under a shared secret in the key set',
      () => hs256('a shared secret of 32 bytes!!!!!', 'shared'),
    ],
    ['is signed by another key', () => byStranger({})],
    ['brings its own key', () => byStranger({ jwk: stranger.publicKey.export({ format: 'jwk' }) })],
    ['names where its key is', () => byStranger({ jku: jwksUrl(), x5u: jwksUrl() })],
    ['names the key of another kind', () => sign(person(), { kid: 'rsa' })],
    ['names no key', () => sign(person(), { kid: undefined })],
    ['names an unknown key', () => sign(person(), { kid: 'x' })],
    ['says another algorithm', () => sign(person(), { key: 'rsa', alg: 'PS256' })],
    [
      'insists on an extension',
      () => sign(person(), { crit: ['urn:extension'], 'urn:extension': 1 }),
    ],
    ['is a token of another kind', () => sign(person(), { typ: 'logout+jwt' })],
    ['is not valid yet', () => sign(person({ nbf: now() + 60 }))],
    ['never ends', () => sign(person({ exp: undefined }))],
    ['has no subject', () => sign(person({ sub: undefined }))],
    ['has ended', () => sign(person({ exp: now() - 31 })), 'identity.token.expired'],
    [
      'is of an unknown issuer',
      () => sign(person({ iss: 'https://evil.example' })),
      'identity.token.issuer_unknown',
    ],
    [
      'says the issuer of another one',
      () => sign(person({ iss: provider.issuer, aud: provider.clientId })),
    ],
    ['is of almost the issuer', () => sign(person({ iss: `${CLERK}//` }))],
    [
      'is of an issuer with more behind it',
      () => sign(person({ iss: `${CLERK}.evil.example` })),
      'identity.token.issuer_unknown',
    ],
  ])(
    'that %s opens nothing and makes nobody',
    async (_, forge, code = 'identity.token.invalid') => {
      await expect(authenticate(await forge())).rejects.toMatchObject({
        code,
        kind: 'unauthenticated',
      });
      expect(await room.query('SELECT 1 FROM users')).toEqual([]);
    },
  );
});

describe('who joins by a token', () => {
  beforeEach(async () => {
    await room.person();
    identity = open({ signUpOpen: false });
  });

  const invite = (email: string) =>
    room.query(
      `INSERT INTO invitations (id, workspace_id, email, role, token_hash, invited_by_id, invited_by, created_at, expires_at)
       VALUES ($1, $2, $3::text, 'viewer', $3::text, 'x', 'x', to_timestamp($4), to_timestamp($5))`,
      [newId(), room.base.workspaceId, email, now(), now() + 3600],
    );

  test('nobody while sign-up is closed; the person, once an invitation waits for their verified address', async () => {
    const grace = person();
    const token = await sign(grace);
    await expect(authenticate(token)).rejects.toMatchObject({
      code: 'identity.issuer.not_invited',
      kind: 'forbidden',
    });
    await invite(grace['email'] as string);
    for (const verified of [false, 'true', 1, undefined]) {
      const unsure = await sign({ ...grace, sub: newId(), email_verified: verified });
      await expect(authenticate(unsure)).rejects.toMatchObject({
        code: 'identity.issuer.not_invited',
      });
    }
    expect(await authenticate(token)).toMatchObject({
      principal: { role: 'viewer' },
      workspaceId: room.base.workspaceId,
    });
    const twin = await sign(person({ email: grace['email'] }));
    await expect(authenticate(twin)).rejects.toMatchObject({ code: 'identity.issuer.email_taken' });
  });

  test('nobody by an invitation that has run out, or was taken back', async () => {
    const grace = person();
    await invite(grace['email'] as string);
    await room.query('UPDATE invitations SET revoked_at = now()');
    await expect(authenticate(await sign(grace))).rejects.toMatchObject({
      code: 'identity.issuer.not_invited',
    });
    await room.query(
      "UPDATE invitations SET revoked_at = NULL, created_at = now() - interval '2 h', expires_at = now() - interval '1 h'",
    );
    await expect(authenticate(await sign(grace))).rejects.toMatchObject({
      code: 'identity.issuer.not_invited',
    });
  });

  test('nobody without an address', async () => {
    identity = open();
    for (const email of [undefined, 'no address', 7])
      await expect(authenticate(await sign(person({ email })))).rejects.toMatchObject({
        code: 'identity.issuer.email_missing',
      });
  });
});

test('new keys are fetched when one is named that is unknown, and not more often than allowed', async () => {
  await authenticate(await sign(person()));
  clerkRequests = 0;
  for (let more = 0; more < 5; more += 1)
    await expect(authenticate(await sign(person(), { kid: `x${more}` }))).rejects.toMatchObject({
      code: 'identity.token.invalid',
    });
  expect(clerkRequests).toBe(0);
  identity = open({ cooldownMs: 0 });
  clerkKeys = clerkKeys.slice(0, 2);
  await expect(authenticate(await sign(person()))).rejects.toMatchObject({
    code: 'identity.token.invalid',
  });
  clerkKeys = [{ ...ED25519.publicKey.export({ format: 'jwk' }), kid: 'ed25519' }];
  expect(await authenticate(await sign(person()))).not.toBeNull();
});

test('an issuer that is away is told as such, and is no reason to believe anybody', async () => {
  const { clientId } = provider;
  const options = {
    clientId: undefined,
    clientSecret: undefined,
    audiences: [clientId],
    name: 'x',
  };
  identity = room.open({
    issuers: { oidc: { ...options, issuer: 'http://127.0.0.1:9' }, fetch: plainFetch() },
  });
  const token = await provider.sign({ sub: 'x', iss: 'http://127.0.0.1:9' });
  await expect(authenticate(token)).rejects.toMatchObject({
    code: 'identity.issuer.unavailable',
    kind: 'unavailable',
  });
  identity = room.open({
    issuers: {
      oidc: { ...options, issuer: provider.issuer },
      fetch: plainFetch((_, body) =>
        body.replace(`"issuer":"${provider.issuer}"`, '"issuer":"https://other.example"'),
      ),
    },
  });
  await expect(authenticate(await provider.sign({ sub: 'x' }))).rejects.toMatchObject({
    code: 'identity.issuer.unavailable',
  });
});
