import type { BoundRoute, Call, Reply } from '@automatos/contracts';
import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { DEFAULT_WORKSPACE_ID, newId, silentLogger } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { insertAccount } from '../accounts/account-store.ts';
import { createAuditLog } from '../audit/index.ts';
import { SESSION_COOKIE } from '../authentication/session-cookie.ts';
import type { Authentication, Credentials } from '../authentication/types.ts';
import { createIdentity } from '../identity-service.ts';
import type { Identity, IdentityOptions } from '../identity-service.ts';
import { addMember } from '../identity-store.ts';
import { testSecrets } from '../mfa/test-secrets.fixture.ts';
import { startSession } from '../sessions/session-store.ts';
import type { StartedSession } from '../sessions/session-store.ts';

export const ISSUER = 'http://automatos.test';
export const SECRET = new Uint8Array(32).fill(7);
export const OPERATOR_KEY = 'operator-key-of-this-test';

export interface Person {
  userId: string;
  email: string;
  session: StartedSession;
}

/** The whole identity room on a database of its own, with people who need no password to be made. */
export interface TestIdentity {
  base: TestDatabase;
  clock: Clock;
  pass(ms: number): void;
  open(options?: Partial<IdentityOptions>): Identity;
  person(options?: {
    workspaces?: readonly WorkspaceId[];
    name?: string;
    password?: string;
  }): Promise<Person>;
  session(userId: string): Promise<StartedSession>;
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function createTestIdentity(): Promise<TestIdentity> {
  const base = await createTestDatabase();
  const { database } = base;
  let nowMs = Date.now();
  const clock: Clock = { now: () => nowMs, sleep: () => Promise.resolve() };
  const session = (userId: string) =>
    database.system((tx) =>
      startSession(
        tx,
        { userId, method: 'password', mfa: false, ipAddress: '127.0.0.1', userAgent: undefined },
        clock.now(),
      ),
    );
  return {
    base,
    clock,
    session,
    pass: (ms) => void (nowMs += ms),
    open: (options = {}) =>
      createIdentity({
        database,
        clock,
        audit: createAuditLog({ database, clock, logger: silentLogger }),
        signUpOpen: false,
        operatorKeys: [OPERATOR_KEY],
        secrets: testSecrets(database, clock),
        tokens: { issuer: ISSUER, secret: SECRET },
        contents: {
          openRuns: () => Promise.resolve(0),
          outside: () => Promise.resolve(() => Promise.resolve()),
        },
        onWorkspaceCreated: () => Promise.resolve(),
        ...options,
      }),
    async person({ workspaces = [DEFAULT_WORKSPACE_ID], name = 'Ada', password = 'no hash' } = {}) {
      const email = `${newId()}@example.com`;
      const account = { email, name, passwordHash: password, emailVerified: false };
      const userId = await database.system(async (tx) => {
        const id = (await insertAccount(tx, account, clock.now())) as string;
        for (const workspaceId of workspaces)
          await addMember(tx, { workspaceId, userId: id, role: 'owner' });
        return id;
      });
      return { userId, email, session: await session(userId) };
    },
    query: async (text, values = []) =>
      (await database.pool.query<Record<string, unknown>>(text, values)).rows,
    close: () => base.close(),
  };
}

/** Calls an operation of the room as the edge would. */
export function invoke(
  identity: Identity,
  operationId: string,
  call: Partial<Record<keyof Call, unknown>> = {},
): Promise<Reply<never>> {
  const route = identity.routes.find(
    (bound) => bound.spec.operationId === operationId,
  ) as BoundRoute;
  const whole = {
    params: {},
    query: {},
    body: {},
    principal: null,
    workspaceId: DEFAULT_WORKSPACE_ID,
    requestId: 'r',
    signal: new AbortController().signal,
    headers: {},
    remoteAddress: '127.0.0.1',
    ...call,
  };
  return route.handle(whole as never) as Promise<Reply<never>>;
}

/** Calls an operation as somebody whom the authenticator has found. */
export function invokeAs(
  identity: Identity,
  who: Authentication | null,
  [operationId, call]: [string, Parameters<typeof invoke>[2]?],
): Promise<Reply<never>> {
  const { principal = null, sessionId, workspaceId = DEFAULT_WORKSPACE_ID } = who ?? {};
  return invoke(identity, operationId, { principal, sessionId, workspaceId, ...call });
}

export const withBearer = (
  token: string,
  more: { headers?: Record<string, string>; cookie?: string } = {},
): Credentials => ({
  headers: { authorization: `Bearer ${token}`, ...more.headers },
  cookies: more.cookie === undefined ? {} : { [SESSION_COOKIE]: more.cookie },
  query: {},
  remoteAddress: '127.0.0.1',
});

export const withCookie = (token: string): Credentials => ({
  headers: { cookie: `${SESSION_COOKIE}=${token}` },
  cookies: { [SESSION_COOKIE]: token },
  query: {},
  remoteAddress: '127.0.0.1',
});
