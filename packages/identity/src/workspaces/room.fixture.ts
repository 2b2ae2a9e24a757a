import { sql } from 'drizzle-orm';
import type { BoundRoute, Reply, Role } from '@automatos/contracts';
import type { TestDatabase } from '@automatos/database/testing';
import { DEFAULT_WORKSPACE_ID, PlatformError, newId, silentLogger } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { createAuditLog } from '../audit/index.ts';
import { SESSION_COOKIE } from '../authentication/session-cookie.ts';
import type { Authentication, Credentials } from '../authentication/types.ts';
import { createIdentity } from '../identity-service.ts';
import type { Identity, IdentityOptions } from '../identity-service.ts';
import { testSecrets } from '../mfa/test-secrets.fixture.ts';
import { startSession } from '../sessions/session-store.ts';

export const OPERATOR_KEY = 'operator-key-of-this-test';

export interface Someone {
  id: string;
  email: string;
  /** Value of their session cookie. */
  session: string;
}

interface Asked {
  params?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
}

/** The room over a test database, asked as its edge asks it: who it is, what they may, what the contract lets through. */
export class Room {
  readonly identity: Identity;
  readonly base: TestDatabase;
  nowMs = Date.now();
  openRuns = 0;
  readonly forgotten: string[] = [];
  readonly filled: string[] = [];

  constructor(base: TestDatabase, options: Partial<IdentityOptions> = {}) {
    const clock: Clock = { now: () => this.nowMs, sleep: () => Promise.resolve() };
    const { database } = base;
    this.base = base;
    this.identity = createIdentity({
      database,
      clock,
      audit: createAuditLog({ database, clock, logger: silentLogger }),
      signUpOpen: false,
      operatorKeys: [OPERATOR_KEY],
      tokens: { issuer: 'https://automatos.test', secret: new Uint8Array(32).fill(7) },
      secrets: testSecrets(database, clock),
      contents: {
        openRuns: () => Promise.resolve(this.openRuns),
        outside: (_tx, workspaceId) =>
          Promise.resolve(() => Promise.resolve(void this.forgotten.push(workspaceId))),
      },
      onWorkspaceCreated: (workspaceId) => Promise.resolve(void this.filled.push(workspaceId)),
      ...options,
    });
  }

  /** Somebody with an account and a session, in these workspaces; the first is the one they joined first. */
  async person(name: string, memberships: readonly [WorkspaceId, Role][] = []): Promise<Someone> {
    const someone = {
      id: newId(),
      email: `${name.toLowerCase()}-${newId().slice(-6)}@example.com`,
    };
    const session = await this.base.database.system(async (tx) => {
      await tx.execute(
        sql`INSERT INTO users (id, name, email) VALUES (${someone.id}, ${name}, ${someone.email})`,
      );
      for (const [index, [workspaceId, role]] of memberships.entries()) {
        await tx.execute(sql`INSERT INTO members (workspace_id, user_id, role, created_at)
          VALUES (${workspaceId}, ${someone.id}, ${role}, now() + ${index} * interval '1 second')`);
      }
      return startSession(
        tx,
        {
          userId: someone.id,
          method: 'password',
          mfa: false,
          ipAddress: '127.0.0.1',
          userAgent: undefined,
        },
        this.nowMs,
      );
    });
    return { ...someone, session: session.token };
  }

  authenticate(who: Someone | 'operator', asked: Partial<Credentials> = {}) {
    return this.identity.authenticator.authenticate({
      cookies: who === 'operator' ? {} : { [SESSION_COOKIE]: who.session },
      query: {},
      remoteAddress: '127.0.0.1',
      ...asked,
      headers: {
        ...(who === 'operator' ? { 'x-api-key': OPERATOR_KEY } : {}),
        ...asked.headers,
      },
    });
  }

  /** Calls an operation as the edge would, and gives the body of its answer. */
  async ask<Body = Record<string, unknown>>(
    who: Someone | 'operator' | Authentication | null,
    operationId: string,
    asked: Asked = {},
  ): Promise<Body> {
    const { spec, handle } = this.routeOf(operationId);
    const pathWorkspace =
      spec.workspaceFrom === 'path' ? asked.params?.['workspace_id'] : undefined;
    const found =
      who === null || (typeof who === 'object' && 'principal' in who)
        ? who
        : await this.authenticate(who, { pathWorkspace });
    const { permission } = spec;
    const isFree = permission === 'public' || permission === 'authenticated';
    if (!isFree && found?.principal.permissions.has(permission) !== true)
      throw new PlatformError({
        code: 'auth.permission.missing',
        kind: 'forbidden',
        message: permission,
      });
    const reply = (await handle({
      params: spec.params?.parse(asked.params ?? {}),
      query: spec.query?.parse(asked.query ?? {}),
      body: spec.body?.parse(asked.body ?? {}),
      principal: found?.principal ?? null,
      workspaceId: found?.workspaceId ?? DEFAULT_WORKSPACE_ID,
      sessionId: found?.sessionId,
      requestId: 'r',
      rawBody: undefined,
      signal: new AbortController().signal,
      headers: {},
      remoteAddress: '127.0.0.1',
    } as never)) as Reply<unknown>;
    return (spec.response === undefined ? reply : spec.response.parse(reply.body)) as Body;
  }

  async rows<Row extends Record<string, unknown>>(text: string, values: unknown[] = []) {
    return (await this.base.database.pool.query<Row>(text, values)).rows;
  }

  private routeOf(operationId: string): BoundRoute {
    const found = this.identity.routes.find((bound) => bound.spec.operationId === operationId);
    if (found === undefined) throw new Error(`no route ${operationId}`);
    return found;
  }
}

/** Code of the error that a promise fails with; `done` when it does not. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
}
