import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BoundRoute, Call, Reply, Session } from '@automatos/contracts';
import { assertTablesMatch, createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { DEFAULT_WORKSPACE_ID, silentLogger } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { SESSION_COOKIE } from './authentication/session-cookie.ts';
import { createAuditLog } from './audit/index.ts';
import { createIdentity } from './identity-service.ts';
import type { Identity } from './identity-service.ts';
import { apiKeys, members, tickets, users } from './identity-tables.ts';
import { testSecrets } from './mfa/test-secrets.fixture.ts';

const OPERATOR_KEY = 'operator-key-of-this-test';
const ADA = { email: 'ada@example.com', password: 'correct horse battery', name: 'Ada' };
const BOB = { email: 'bob@example.com', password: 'correct horse battery', name: 'Bob' };

let base: TestDatabase;
let nowMs: number;
const filled: WorkspaceId[] = [];
const clock: Clock = { now: () => nowMs, sleep: () => Promise.resolve() };

beforeEach(async () => {
  nowMs = Date.now();
  filled.length = 0;
  base = await createTestDatabase();
});
afterEach(() => base.close());

function open(signUpOpen = false): Identity {
  return createIdentity({
    database: base.database,
    clock,
    audit: createAuditLog({ database: base.database, clock, logger: silentLogger }),
    signUpOpen,
    operatorKeys: [OPERATOR_KEY],
    secrets: testSecrets(base.database, clock),
    tokens: { issuer: 'http://automatos.test', secret: new Uint8Array(32).fill(7) },
    contents: {
      openRuns: () => Promise.resolve(0),
      outside: () => Promise.resolve(() => Promise.resolve()),
    },
    onWorkspaceCreated: (workspaceId) => {
      filled.push(workspaceId);
      return Promise.resolve();
    },
  });
}

function invoke(
  identity: Identity,
  operationId: string,
  call: Partial<Call> & { body?: unknown; params?: unknown; query?: unknown } = {},
): Promise<Reply<never>> {
  const route = identity.routes.find(
    (bound) => bound.spec.operationId === operationId,
  ) as BoundRoute;
  const base = {
    params: {},
    query: { limit: 20 },
    body: undefined,
    principal: null,
    workspaceId: DEFAULT_WORKSPACE_ID,
    requestId: 'r',
    signal: new AbortController().signal,
    headers: {},
    remoteAddress: '127.0.0.1',
  };
  return route.handle({ ...base, ...call } as never) as Promise<Reply<never>>;
}

const signUp = async (identity: Identity, who = ADA) => {
  const reply = await invoke(identity, 'signUp', { body: who });
  return { session: reply.body as unknown as Session, token: reply.cookies?.[0]?.value as string };
};
const withCookie = (token: string) => ({
  headers: {},
  cookies: { [SESSION_COOKIE]: token },
  query: {},
});
const withKey = (key: string, headers: Record<string, string> = {}) => ({
  headers: { authorization: `Bearer ${key}`, ...headers },
  cookies: {},
  query: {},
});

test('the first person owns the default workspace, the second is refused and leaves nothing', async () => {
  const identity = open();
  expect((await invoke(identity, 'getAuthStatus')).body).toMatchObject({
    needs_owner: true,
    sign_up_open: false,
  });
  const { session } = await signUp(identity);
  expect(session).toMatchObject({
    user: { email: ADA.email },
    workspace: { id: DEFAULT_WORKSPACE_ID, role: 'owner' },
  });
  expect((await invoke(identity, 'getAuthStatus')).body).toMatchObject({ needs_owner: false });
  await expect(signUp(identity, BOB)).rejects.toMatchObject({
    code: 'identity.sign_up.closed',
    kind: 'forbidden',
  });
  const { rows } = await base.database.pool.query('SELECT email FROM users');
  expect(rows).toEqual([{ email: ADA.email }]);
});

test('of several first people at once exactly one becomes owner', async () => {
  const identity = open();
  const racers = Array.from({ length: 5 }, (_, n) =>
    signUp(identity, { ...ADA, email: `racer${n}@example.com` }),
  );
  const settled = await Promise.allSettled(racers);
  expect(settled.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  expect((await base.database.pool.query('SELECT 1 FROM members')).rowCount).toBe(1);
  expect((await base.database.pool.query('SELECT 1 FROM users')).rowCount).toBe(1);
});

test('with open sign-up a later person gets a filled workspace of their own and does not see the first', async () => {
  const identity = open(true);
  await signUp(identity);
  const bob = await signUp(identity, BOB);
  expect(bob.session.workspace.role).toBe('owner');
  expect(filled).toEqual([bob.session.workspace.id]);
  await expect(
    identity.authenticator.authenticate({
      ...withCookie(bob.token),
      headers: { 'x-workspace-id': DEFAULT_WORKSPACE_ID },
    }),
  ).rejects.toMatchObject({ kind: 'forbidden' });
  await expect(
    identity.authenticator.authenticate({
      ...withCookie(bob.token),
      query: { workspace_id: 'not-an-id' },
    }),
  ).rejects.toMatchObject({ kind: 'forbidden' });
});

test('sign-in needs the right password; sign-out and seven days end a session', async () => {
  const identity = open();
  await signUp(identity);
  await expect(
    invoke(identity, 'signIn', { body: { email: ADA.email, password: 'wrong password' } }),
  ).rejects.toMatchObject({ code: 'identity.sign_in.rejected', kind: 'unauthenticated' });
  const reply = await invoke(identity, 'signIn', {
    body: { email: ADA.email, password: ADA.password },
  });
  const token = reply.cookies?.[0]?.value as string;
  expect(reply.cookies?.[0]).toMatchObject({
    name: SESSION_COOKIE,
    httpOnly: true,
    maxAge: 604_800,
  });
  expect(await identity.authenticator.authenticate(withCookie(token))).toMatchObject({
    principal: { kind: 'user', role: 'owner' },
    viaCookie: true,
  });
  const known = await identity.authenticator.authenticate(withCookie(token));
  await invoke(identity, 'signOut', {
    principal: known?.principal ?? null,
    sessionId: known?.sessionId,
  });
  await expect(identity.authenticator.authenticate(withCookie(token))).rejects.toMatchObject({
    code: 'identity.session.ended',
  });
  const second = (
    await invoke(identity, 'signIn', { body: { email: ADA.email, password: ADA.password } })
  ).cookies?.[0]?.value as string;
  nowMs += 8 * 86_400_000;
  await expect(identity.authenticator.authenticate(withCookie(second))).rejects.toMatchObject({
    code: 'identity.session.ended',
  });
});

test('a taken e-mail is a conflict that names the field', async () => {
  const identity = open(true);
  await signUp(identity);
  await expect(signUp(identity)).rejects.toMatchObject({
    code: 'identity.email.taken',
    errors: [{ pointer: '/email' }],
  });
});

test('keys: shown once, kept as a hash, scoped to role and workspace, revocable, expiring', async () => {
  const identity = open();
  await signUp(identity);
  const admin = await identity.authenticator.authenticate(withKey(OPERATOR_KEY));
  const made = (
    await invoke(identity, 'createApiKey', {
      principal: admin?.principal ?? null,
      body: {
        name: 'ci',
        kind: 'server',
        role: 'viewer',
        scopes: null,
        origins: [],
        rate_limit_per_minute: null,
        expires_in_days: 1,
      },
    })
  ).body as unknown as { id: string; key: string };
  expect(made.key).toMatch(/^ak_srv_/);
  const stored = await base.database.pool.query<{ hash: string }>('SELECT * FROM api_keys');
  expect(JSON.stringify(stored.rows)).not.toContain(made.key);
  const known = await identity.authenticator.authenticate(withKey(made.key));
  expect(known).toMatchObject({
    principal: { kind: 'api_key', role: 'viewer' },
    workspaceId: DEFAULT_WORKSPACE_ID,
    viaCookie: false,
  });
  expect(known?.principal.permissions.has('recipes:run')).toBe(false);
  await expect(
    identity.authenticator.authenticate(withKey(made.key, { 'x-workspace-id': base.workspaceId })),
  ).rejects.toMatchObject({ kind: 'forbidden' });
  nowMs += 2 * 86_400_000;
  await expect(identity.authenticator.authenticate(withKey(made.key))).rejects.toMatchObject({
    code: 'identity.key.rejected',
  });
  nowMs -= 2 * 86_400_000;
  await invoke(identity, 'deleteApiKey', { params: { key_id: made.id } });
  await expect(identity.authenticator.authenticate(withKey(made.key))).rejects.toMatchObject({
    code: 'identity.key.rejected',
  });
  await expect(
    invoke(identity, 'deleteApiKey', { params: { key_id: made.id } }),
  ).rejects.toMatchObject({ kind: 'not-found' });
});

test('the operator key may name any workspace that exists; no credentials are nobody', async () => {
  const identity = open();
  expect(
    await identity.authenticator.authenticate(
      withKey(OPERATOR_KEY, { 'x-workspace-id': base.workspaceId }),
    ),
  ).toMatchObject({ workspaceId: base.workspaceId, principal: { kind: 'operator' } });
  await expect(
    identity.authenticator.authenticate(
      withKey(OPERATOR_KEY, { 'x-workspace-id': '01990000-0000-7000-8000-0000000000ff' }),
    ),
  ).rejects.toMatchObject({ kind: 'forbidden' });
  await expect(identity.authenticator.authenticate(withKey('nonsense'))).rejects.toMatchObject({
    kind: 'unauthenticated',
  });
  expect(
    await identity.authenticator.authenticate({ headers: {}, cookies: {}, query: {} }),
  ).toBeNull();
});

test('a ticket opens one socket, within a minute', async () => {
  const identity = open();
  await signUp(identity);
  const admin = await identity.authenticator.authenticate(withKey(OPERATOR_KEY));
  const make = async () =>
    (
      (await invoke(identity, 'createTicket', { principal: admin?.principal ?? null }))
        .body as unknown as { ticket: string }
    ).ticket;
  const ticket = await make();
  expect(await identity.authenticator.redeemTicket(ticket)).toMatchObject({
    workspaceId: DEFAULT_WORKSPACE_ID,
    principal: { role: 'owner' },
  });
  expect(await identity.authenticator.redeemTicket(ticket)).toBeNull();
  const late = await make();
  nowMs += 61_000;
  expect(await identity.authenticator.redeemTicket(late)).toBeNull();
});

test('tables agree with the database', () =>
  expect(
    assertTablesMatch(base.database, [users, members, apiKeys, tickets]),
  ).resolves.toBeUndefined());
