import { createHmac, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { assertTablesMatch } from '@automatos/database/testing';
import { DEFAULT_WORKSPACE_ID, newId } from '@automatos/kernel';
import { CompactSign, SignJWT, createLocalJWKSet, exportJWK, jwtVerify } from 'jose';
import type { JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Identity } from '../identity-service.ts';
import { oidcSignIns } from '../oidc/oidc-tables.ts';
import { createTokens } from './create-tokens.ts';
import type { Tokens } from './issue-tokens.ts';
import {
  ISSUER,
  OPERATOR_KEY,
  SECRET,
  createTestIdentity,
  invoke,
  invokeAs,
  withBearer,
  withCookie,
} from './identity.fixture.ts';
import type { Person, TestIdentity } from './identity.fixture.ts';
import type { SigningKey } from './signing-keys.ts';
import { revokedTokens, tokenKeys } from './token-tables.ts';

let room: TestIdentity;
let identity: Identity;

beforeAll(async () => {
  room = await createTestIdentity();
  identity = room.open();
});
afterAll(() => room.close());

const authenticate = (token: string, more?: Parameters<typeof withBearer>[1]) =>
  identity.authenticator.authenticate(withBearer(token, more));

async function tokensOf({ session }: Person, workspaceId?: string): Promise<Tokens> {
  const body = { refresh_token: session.token, workspace_id: workspaceId };
  return (await invoke(identity, 'createToken', { body })).body as unknown as Tokens;
}

const accessOf = async (person: Person) => (await tokensOf(person)).access_token;

/** The key that the room signs with, as somebody has it who knows the installation's secret. */
const realKey = (): Promise<SigningKey> =>
  createTokens(
    { issuer: ISSUER, secret: SECRET },
    { database: room.base.database, clock: room.clock },
  ).keys.current();

const seconds = (offset = 0) => Math.floor(room.clock.now() / 1000) + offset;
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Claims and header of a token that counts, to be spoilt in one place. */
function good(person: Person, kid: string) {
  return {
    header: { alg: 'EdDSA', typ: 'at+jwt', kid } as Record<string, unknown>,
    claims: {
      iss: ISSUER,
      aud: 'automatos',
      sub: person.userId,
      sid: person.session.id,
      jti: newId(),
      iat: seconds(),
      nbf: seconds(),
      exp: seconds(900),
    } as Record<string, unknown>,
  };
}

function sign({ header, claims }: ReturnType<typeof good>, key: KeyObject): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader(header as never)
    .sign(key, { crit: { 'urn:extension': true } });
}

describe('an access token', () => {
  test('is given for a refresh token, says who, and opens what the session opens', async () => {
    const ada = await room.person();
    const tokens = await tokensOf(ada);
    expect(tokens).toEqual({
      token_type: 'Bearer',
      access_token: expect.any(String) as string,
      expires_in: 900,
    });
    const [header, claims] = tokens.access_token
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object);
    const { kid } = await realKey();
    expect(header).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid });
    expect(claims).toEqual({
      iss: ISSUER,
      aud: 'automatos',
      sub: ada.userId,
      sid: ada.session.id,
      jti: expect.any(String) as string,
      iat: seconds(),
      nbf: seconds(),
      exp: seconds(900),
    });
    expect(await authenticate(tokens.access_token)).toMatchObject({
      principal: { kind: 'user', id: ada.userId, role: 'owner' },
      workspaceId: DEFAULT_WORKSPACE_ID,
      sessionId: ada.session.id,
      viaCookie: false,
    });
  });

  test('works in the workspace that it was made for, and elsewhere only when that is named', async () => {
    const { workspaceId, otherWorkspaceId } = room.base;
    const ada = await room.person({ workspaces: [DEFAULT_WORKSPACE_ID, workspaceId] });
    const { access_token: token } = await tokensOf(ada, workspaceId);
    expect(await authenticate(token)).toMatchObject({ workspaceId });
    const named = { headers: { 'x-workspace-id': DEFAULT_WORKSPACE_ID } };
    expect(await authenticate(token, named)).toMatchObject({ workspaceId: DEFAULT_WORKSPACE_ID });
    const foreign = { headers: { 'x-workspace-id': otherWorkspaceId } };
    await expect(authenticate(token, foreign)).rejects.toMatchObject({
      code: 'identity.workspace.not_member',
    });
    await expect(tokensOf(ada, otherWorkspaceId)).rejects.toMatchObject({
      code: 'identity.workspace.not_member',
    });
  });

  test('is proven by the published keys alone', async () => {
    const token = await accessOf(await room.person());
    for (const operation of ['getJwks', 'getAuthJwks']) {
      const { body } = await invoke(identity, operation);
      const jwks = body as unknown as { keys: JWK[] };
      expect(Object.keys(jwks.keys[0] ?? {}).toSorted()).toEqual([
        'alg',
        'crv',
        'kid',
        'kty',
        'use',
        'x',
      ]);
      const checks = {
        issuer: ISSUER,
        audience: 'automatos',
        currentDate: new Date(room.clock.now()),
      };
      expect(await jwtVerify(token, createLocalJWKSet(jwks), checks)).toHaveProperty('payload.jti');
    }
  });

  test('runs out after 15 minutes, with a few seconds for clocks that differ', async () => {
    const token = await accessOf(await room.person());
    room.pass(900_000 + 3_000);
    expect(await authenticate(token)).not.toBeNull();
    room.pass(3_000);
    await expect(authenticate(token)).rejects.toMatchObject({
      code: 'identity.token.expired',
      kind: 'unauthenticated',
    });
  });
});

describe('a forged token', () => {
  type Forge = (given: {
    token: ReturnType<typeof good>;
    key: SigningKey;
    stranger: { privateKey: KeyObject; publicKey: KeyObject };
  }) => Promise<string> | string;

  const spoilt =
    (header: Record<string, unknown>, claims: Record<string, unknown> = {}): Forge =>
    ({ token, key }) =>
      sign(
        { header: { ...token.header, ...header }, claims: { ...token.claims, ...claims } },
        key.privateKey,
      );
  const withSecret =
    (secretOf: (key: SigningKey) => string | Buffer): Forge =>
    ({ token, key }) => {
      const head = `${encode({ ...token.header, alg: 'HS256' })}.${encode(token.claims)}`;
      return `${head}.${createHmac('sha256', secretOf(key)).update(head).digest('base64url')}`;
    };
  const byStranger =
    (more: (stranger: JWK) => Record<string, unknown>): Forge =>
    async ({ token, stranger }) => {
      const jwk = await exportJWK(stranger.publicKey);
      return sign({ ...token, header: { ...token.header, ...more(jwk) } }, stranger.privateKey);
    };
  const spki = (key: SigningKey) => key.publicKey.export({ format: 'pem', type: 'spki' });

  test.each<[string, Forge, string?]>([
    [
      'says alg none',
      ({ token }) => `${encode({ ...token.header, alg: 'none' })}.${encode(token.claims)}.`,
    ],
    [
      'says alg nOnE',
      ({ token }) => `${encode({ ...token.header, alg: 'nOnE' })}.${encode(token.claims)}.`,
    ],
    ['is HS256 under the public key', withSecret(({ x }) => Buffer.from(x, 'base64url'))],
    ['is HS256 under the public key as PEM', withSecret(spki)],
    ['is HS256 under the key id', withSecret(({ kid }) => kid)],
    ['is signed by another key', byStranger(() => ({}))],
    ['brings its own key', byStranger((jwk) => ({ jwk }))],
    ['names where its key is', byStranger(() => ({ jku: 'http://127.0.0.1:9/jwks.json' }))],
    ['names its certificate', byStranger(() => ({ x5u: 'http://127.0.0.1:9/x', x5c: ['AAAA'] }))],
    ['has an unknown key id', byStranger(() => ({ kid: 'A'.repeat(43) }))],
    ['has a path as key id', byStranger(() => ({ kid: '../../../../dev/null' }))],
    ['has SQL as key id', byStranger(() => ({ kid: "' OR '1'='1" }))],
    ['has a list as key id', byStranger(() => ({ kid: ['a'] }))],
    ['has no key id', spoilt({ kid: undefined })],
    ['insists on an extension', spoilt({ crit: ['urn:extension'], 'urn:extension': true })],
    ['is of another type', spoilt({ typ: 'JWT' })],
    ['has no type', spoilt({ typ: undefined })],
    ['is for another audience', spoilt({}, { aud: 'other' })],
    ['has no audience', spoilt({}, { aud: undefined })],
    ['is not valid yet', spoilt({}, { nbf: Math.floor(Date.now() / 1000) + 90_000 })],
    ['never ends', spoilt({}, { exp: undefined })],
    ['has no id', spoilt({}, { jti: undefined })],
    ['has no session', spoilt({}, { sid: undefined })],
    ['has a session of another form', spoilt({}, { sid: { $ne: null } })],
    [
      'has an altered payload',
      async ({ token, key }) => {
        const [header, , signature] = (await sign(token, key.privateKey)).split('.');
        return [header, encode({ ...token.claims, sub: newId() }), signature].join('.');
      },
    ],
    [
      'has an altered header',
      async ({ token, key }) => {
        const [, payload, signature] = (await sign(token, key.privateKey)).split('.');
        return [encode({ ...token.header, cty: 'x' }), payload, signature].join('.');
      },
    ],
    [
      'has no signature',
      async ({ token, key }) => (await sign(token, key.privateKey)).replace(/[^.]*$/, ''),
    ],
    ['has ended', spoilt({}, { exp: 1_000_000_000 }), 'identity.token.expired'],
    [
      'is of another issuer',
      spoilt({}, { iss: 'https://other.example' }),
      'identity.token.issuer_unknown',
    ],
    ['has no issuer', spoilt({}, { iss: undefined }), 'identity.token.issuer_unknown'],
    ['speaks of another person', spoilt({}, { sub: 'somebody' }), 'identity.token.revoked'],
    ['speaks of another session', spoilt({}, { sid: newId() }), 'identity.token.revoked'],
  ])('that %s opens nothing', async (_, forge, code = 'identity.token.invalid') => {
    const person = await room.person();
    const key = await realKey();
    const stranger = generateKeyPairSync('ed25519');
    const genuine = good(person, key.kid);
    expect(await authenticate(await sign(genuine, key.privateKey))).not.toBeNull();
    const forged = await forge({ token: genuine, key, stranger });
    await expect(authenticate(forged)).rejects.toMatchObject({ code, kind: 'unauthenticated' });
  });

  test('is not made good by a cookie or a key beside it, nor tried as one', async () => {
    const { session } = await room.person();
    const forged = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new Uint8Array(32));
    const beside = { headers: { 'x-api-key': OPERATOR_KEY }, cookie: session.token };
    await expect(authenticate(forged, beside)).rejects.toMatchObject({
      code: 'identity.token.issuer_unknown',
    });
    await expect(authenticate('a.b.c')).rejects.toMatchObject({ code: 'identity.key.rejected' });
  });

  test('comes from a key that somebody wrote into the database without the secret', async () => {
    const stranger = createTokens(
      { issuer: ISSUER, secret: new Uint8Array(32).fill(8) },
      { database: room.base.database, clock: room.clock },
    );
    const mine = await realKey();
    const planted = await stranger.keys.current();
    expect(planted.kid).not.toBe(mine.kid);
    const person = await room.person();
    const forged = await sign(good(person, planted.kid), planted.privateKey);
    await expect(authenticate(forged)).rejects.toMatchObject({ code: 'identity.token.invalid' });
    await room.query('DELETE FROM token_keys WHERE kid = $1', [planted.kid]);
  });
});

describe('a token is dead at once', () => {
  const refusal = (token: string): Promise<unknown> =>
    authenticate(token).then(
      () => 'it opens',
      (error: unknown) => (error as { code: string }).code,
    );
  const DEAD = 'identity.token.revoked';

  test('when it is revoked; others of the session live on, and unknown ones are fine', async () => {
    const ada = await room.person();
    const [token, other] = [await accessOf(ada), await accessOf(ada)];
    await invoke(identity, 'revokeToken', { body: { token } });
    expect(await refusal(token)).toBe(DEAD);
    expect(await authenticate(other)).not.toBeNull();
    for (const unknown of [token, 'nonsense', `${token}x`]) {
      const reply = await invoke(identity, 'revokeToken', { body: { token: unknown } });
      expect(reply.status).toBe(204);
    }
    expect(await room.query('SELECT 1 FROM revoked_tokens')).toHaveLength(1);
    room.pass(1_000_000);
    await invoke(identity, 'revokeToken', { body: { token: await accessOf(ada) } });
    expect(await room.query('SELECT 1 FROM revoked_tokens')).toHaveLength(1);
  });

  test('when its refresh token is revoked', async () => {
    const ada = await room.person();
    const token = await accessOf(ada);
    await invoke(identity, 'revokeToken', { body: { token: ada.session.token } });
    expect(await refusal(token)).toBe(DEAD);
    await expect(tokensOf(ada)).rejects.toMatchObject({ code: 'identity.session.ended' });
  });

  test('after sign-out, by token and by cookie', async () => {
    for (const proof of ['token', 'cookie']) {
      const ada = await room.person();
      const token = await accessOf(ada);
      const request = proof === 'token' ? withBearer(token) : withCookie(ada.session.token);
      const who = await identity.authenticator.authenticate(request);
      await invokeAs(identity, who, ['signOut', { headers: request.headers }]);
      expect(await refusal(token)).toBe(DEAD);
    }
  });

  test('when its session is revoked from another one', async () => {
    const ada = await room.person();
    const token = await accessOf(ada);
    const elsewhere = await room.session(ada.userId);
    const who = await identity.authenticator.authenticate(withCookie(elsewhere.token));
    const params = { session_id: ada.session.id };
    await invokeAs(identity, who, ['revokeSession', { params }]);
    expect(await refusal(token)).toBe(DEAD);
  });

  test('when its session has run out', async () => {
    const ada = await room.person();
    room.pass(7 * 86_400_000 - 60_000);
    const token = await accessOf(ada);
    expect(await authenticate(token)).not.toBeNull();
    room.pass(60_000);
    expect(await refusal(token)).toBe(DEAD);
  });

  test('when the person is locked', async () => {
    const ada = await room.person();
    const token = await accessOf(ada);
    await room.query('UPDATE users SET disabled_at = now() WHERE id = $1', [ada.userId]);
    expect(await refusal(token)).toBe(DEAD);
  });

  test('when the person is no member any more, even of others than the workspace it is for', async () => {
    const { workspaceId } = room.base;
    const ada = await room.person({ workspaces: [DEFAULT_WORKSPACE_ID, workspaceId] });
    const { access_token: token } = await tokensOf(ada, workspaceId);
    await room.query('DELETE FROM members WHERE user_id = $1 AND workspace_id = $2', [
      ada.userId,
      workspaceId,
    ]);
    await expect(authenticate(token)).rejects.toMatchObject({
      code: 'identity.workspace.not_member',
      kind: 'forbidden',
    });
  });
});

describe('a new access token', () => {
  test('is given for the cookie only where the edge took it as the proof', async () => {
    const ada = await room.person();
    const request = withCookie(ada.session.token);
    const who = await identity.authenticator.authenticate(request);
    const { headers } = request;
    const reply = await invokeAs(identity, who, ['createToken', { headers }]);
    expect(reply.body).toMatchObject({ token_type: 'Bearer' });
    expect(reply.headers).toMatchObject({ 'cache-control': 'no-store' });
    await expect(invoke(identity, 'createToken', { headers })).rejects.toMatchObject({
      code: 'identity.session.ended',
    });
  });

  test('is not given for an access token, nor for a cookie beside one of another session', async () => {
    const [ada, bob] = [await room.person(), await room.person({ name: 'Bob' })];
    const who = await authenticate(await accessOf(ada));
    await expect(invokeAs(identity, who, ['createToken'])).rejects.toMatchObject({
      code: 'identity.session.ended',
    });
    const { headers } = withCookie(bob.session.token);
    await expect(invokeAs(identity, who, ['createToken', { headers }])).rejects.toMatchObject({
      code: 'identity.session.ended',
    });
    await expect(
      invoke(identity, 'createToken', { body: { refresh_token: await accessOf(ada) } }),
    ).rejects.toMatchObject({ code: 'identity.session.ended' });
  });
});

test('tables agree with the database', () =>
  expect(
    assertTablesMatch(room.base.database, [tokenKeys, revokedTokens, oidcSignIns]),
  ).resolves.toBeUndefined());
