import type { BoundRoute, Call, Reply, Session } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { DEFAULT_WORKSPACE_ID, isPlatformError, silentLogger } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import { createAuditLog } from '../audit/index.ts';
import { SESSION_COOKIE } from '../authentication/session-cookie.ts';
import type { Authentication } from '../authentication/types.ts';
import { createIdentity } from '../identity-service.ts';
import type { Identity } from '../identity-service.ts';
import { testSecrets } from '../mfa/test-secrets.fixture.ts';

export const OPERATOR_KEY = 'operator-key-of-this-test';
export const PASSWORD = 'a house of many stairs';

/** A clock that stands until it is moved. */
export interface HandClock extends Clock {
  move(ms: number): void;
}

export function handClock(startMs = Date.now()): HandClock {
  let now = startMs;
  return { now: () => now, sleep: () => Promise.resolve(), move: (ms) => void (now += ms) };
}

export function openIdentity(
  database: Database,
  clock: Clock,
  options: { signUpOpen?: boolean } = {},
): Identity {
  return createIdentity({
    database,
    clock,
    audit: createAuditLog({ database, clock, logger: silentLogger }),
    signUpOpen: options.signUpOpen ?? true,
    operatorKeys: [OPERATOR_KEY],
    tokens: { issuer: 'http://automatos.test', secret: new Uint8Array(32).fill(7) },
    secrets: testSecrets(database, clock),
    contents: {
      openRuns: () => Promise.resolve(0),
      outside: () => Promise.resolve(() => Promise.resolve()),
    },
    onWorkspaceCreated: () => Promise.resolve(),
  });
}

/** Who is signed in by which session. */
export interface SignedInPerson {
  id: string;
  email: string;
  token: string;
  known: Authentication;
}

type Given = Partial<Omit<Call, 'body' | 'params' | 'query'>> & {
  body?: unknown;
  params?: unknown;
  query?: unknown;
};

/** An installation with its clock, called as the edge calls it: by operation, with validated bodies. */
export interface Site {
  base: TestDatabase;
  clock: HandClock;
  identity: Identity;
  invoke<T>(operationId: string, call?: Given & { as?: SignedInPerson }): Promise<Reply<T>>;
  /** Code of the error that the operation refuses with. */
  refusal(operationId: string, call?: Given & { as?: SignedInPerson }): Promise<string>;
  signUp(email: string): Promise<SignedInPerson>;
  signIn(email: string, call?: Given): Promise<SignedInPerson>;
  asPerson(token: string): Promise<SignedInPerson>;
  /** Whether the session still proves somebody. */
  isAlive(person: SignedInPerson): Promise<boolean>;
  close(): Promise<void>;
}

export async function openSite(options: { signUpOpen?: boolean } = {}): Promise<Site> {
  const base = await createTestDatabase();
  const clock = handClock();
  const identity = openIdentity(base.database, clock, options);
  const site: Site = {
    base,
    clock,
    identity,
    invoke: (operationId, call = {}) => invoke(identity, operationId, call),
    async refusal(operationId, call = {}) {
      try {
        await invoke(identity, operationId, call);
        return 'nothing';
      } catch (error) {
        if (isPlatformError(error)) return error.code;
        throw error;
      }
    },
    async signUp(email) {
      const body = { email, name: email.split('@')[0], password: PASSWORD };
      const reply = await site.invoke<Session>('signUp', { body });
      return site.asPerson(tokenOf(reply));
    },
    async signIn(email, call = {}) {
      const reply = await site.invoke<Session>('signIn', {
        body: { email, password: PASSWORD },
        ...call,
      });
      return site.asPerson(tokenOf(reply));
    },
    async asPerson(token) {
      const known = await identity.authenticator.authenticate(withCookie(token));
      if (known === null) throw new Error('nobody');
      const { rows } = await base.database.pool.query<{ email: string }>(
        'SELECT email FROM users WHERE id = $1',
        [known.principal.id],
      );
      return { id: known.principal.id, email: rows[0]?.email ?? '', token, known };
    },
    isAlive: ({ token }) =>
      identity.authenticator.authenticate(withCookie(token)).then(
        (found) => found !== null,
        () => false,
      ),
    close: () => base.close(),
  };
  return site;
}

export const tokenOf = (reply: Reply<unknown>): string => reply.cookies?.[0]?.value ?? '';

export const withCookie = (token: string) => ({
  headers: {},
  cookies: { [SESSION_COOKIE]: token },
  query: {},
});

export const withKey = (key: string, headers: Record<string, string> = {}) => ({
  headers: { authorization: `Bearer ${key}`, ...headers },
  cookies: {},
  query: {},
});

/** Calls an operation as the edge does: what the contract does not allow never reaches its handler. */
export async function invoke<T>(
  identity: Identity,
  operationId: string,
  { as, ...call }: Given & { as?: SignedInPerson },
): Promise<Reply<T>> {
  const route = identity.routes.find((bound) => bound.spec.operationId === operationId);
  if (route === undefined) throw new Error(`no operation ${operationId}`);
  const { body } = call;
  const caller =
    as === undefined
      ? {}
      : {
          principal: as.known.principal,
          sessionId: as.known.sessionId,
          workspaceId: as.known.workspaceId,
        };
  const base = {
    params: {},
    query: { limit: 20 },
    principal: null,
    sessionId: undefined,
    workspaceId: DEFAULT_WORKSPACE_ID,
    requestId: 'r',
    signal: new AbortController().signal,
    headers: {},
    remoteAddress: '192.0.2.1',
    ...caller,
    ...call,
    body: validated(route, body),
  };
  return route.handle(base as never) as Promise<Reply<T>>;
}

function validated({ spec }: BoundRoute, body: unknown): unknown {
  return spec.body === undefined ? undefined : spec.body.parse(body ?? {});
}
