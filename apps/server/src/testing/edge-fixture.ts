import {
  ROLE_PERMISSIONS,
  type BoundRoute,
  type Call,
  type Reply,
  type Role,
  type RouteSpec,
} from '@automatos/contracts';
import {
  DEFAULT_WORKSPACE_ID,
  PlatformError,
  silentLogger,
  systemClock,
  type WorkspaceId,
} from '@automatos/kernel';
import { createTelemetry, type Telemetry } from '@automatos/telemetry';
import type { Authentication, Authenticator } from '../http/authenticator.ts';
import {
  createHttpServer,
  type HttpEdge,
  type HttpServerDeps,
  type HttpSettings,
} from '../http/http-server.ts';
import type { IdempotencyStore, StoredAnswer } from '../http/idempotency.ts';
import { createMemoryRateLimiter } from '../http/rate-limit.ts';

export const OTHER_WORKSPACE_ID = '00000000-0000-7000-8000-00000000000b' as WorkspaceId;

/**
 * Authenticator whose credentials are `Bearer <role>`, `Bearer <role>@other`, `Bearer guest` (no
 * permission), the cookie `session=<role>` and,
 * once, the ticket `<role>`; anything else is wrong.
 */
export function createTestAuthenticator(): Authenticator & { revoked: Set<string> } {
  const revoked = new Set<string>();
  const usedTickets = new Set<string>();

  function prove(proof: string, viaCookie: boolean): Authentication {
    const [role = '', place] = proof.split('@');
    if (role === 'guest') {
      const principal = {
        kind: 'api_key' as const,
        id: 'guest',
        name: 'guest',
        role: 'viewer' as const,
        permissions: new Set<never>(),
      };
      return { principal, workspaceId: DEFAULT_WORKSPACE_ID, viaCookie };
    }
    if (!(role in ROLE_PERMISSIONS) || revoked.has(role)) {
      throw new PlatformError({
        code: 'auth.credentials.invalid',
        kind: 'unauthenticated',
        message: 'The key is wrong.',
      });
    }
    return {
      principal: {
        kind: 'user',
        id: proof,
        name: proof,
        role: role as Role,
        permissions: new Set(ROLE_PERMISSIONS[role as Role]),
      },
      workspaceId: place === 'other' ? OTHER_WORKSPACE_ID : DEFAULT_WORKSPACE_ID,
      viaCookie,
    };
  }

  return {
    revoked,
    async authenticate(request) {
      const bearer =
        request.headers['authorization']?.replace(/^Bearer /, '') ?? request.headers['x-api-key'];
      const cookie = request.cookies['session'];
      const proof = bearer ?? cookie;
      if (proof === undefined) return null;
      const authentication = prove(proof, bearer === undefined);
      if (request.headers['x-workspace-id'] === 'foreign') {
        throw new PlatformError({
          code: 'auth.workspace.forbidden',
          kind: 'forbidden',
          message: 'No member of this workspace.',
        });
      }
      return authentication;
    },
    stillHolds: ({ principal }) => Promise.resolve(!revoked.has(principal.id)),
    async redeemTicket(ticket) {
      if (usedTickets.has(ticket) || !(ticket in ROLE_PERMISSIONS)) return null;
      usedTickets.add(ticket);
      return prove(ticket, false);
    },
  };
}

/** Keeps answers in this process; the database store has its own tests. */
export function createMemoryIdempotencyStore(): IdempotencyStore {
  const rows = new Map<string, { fingerprint: string; answer: StoredAnswer | null }>();
  const keyOf = (request: { workspaceId: string; key: string }) =>
    `${request.workspaceId} ${request.key}`;
  return {
    claim(request) {
      const row = rows.get(keyOf(request));
      if (row === undefined) {
        rows.set(keyOf(request), { fingerprint: request.fingerprint, answer: null });
        return Promise.resolve({ state: 'claimed' });
      }
      if (row.fingerprint !== request.fingerprint) return Promise.resolve({ state: 'reused' });
      return Promise.resolve(
        row.answer === null ? { state: 'in_progress' } : { state: 'replay', answer: row.answer },
      );
    },
    keep(request, answer) {
      rows.set(keyOf(request), { fingerprint: request.fingerprint, answer });
      return Promise.resolve();
    },
    release(request) {
      rows.delete(keyOf(request));
      return Promise.resolve();
    },
  };
}

type TestSpec = Partial<RouteSpec> & Pick<RouteSpec, 'operationId' | 'path'>;

/** A route with defaults that a test does not care about. */
export function testRoute(
  spec: TestSpec,
  handle: (call: Call) => Promise<Reply<unknown>>,
): BoundRoute {
  return {
    spec: { method: 'GET', tag: 'test', summary: '', permission: 'public', ...spec },
    handle,
  };
}

export interface EdgeFixture {
  edge: HttpEdge;
  telemetry: Telemetry;
  authenticator: ReturnType<typeof createTestAuthenticator>;
  close(): Promise<void>;
}

export async function startEdge(
  routes: BoundRoute[],
  overrides: Partial<Omit<HttpServerDeps, 'settings'>> & { settings?: Partial<HttpSettings> } = {},
): Promise<EdgeFixture> {
  const { settings, ...rest } = overrides;
  const telemetry = createTelemetry({
    clock: systemClock,
    logger: silentLogger,
    version: 'test',
    strict: true,
  });
  const authenticator = createTestAuthenticator();
  const edge = await createHttpServer({
    routes,
    authenticator,
    rateLimiter: createMemoryRateLimiter({ clock: systemClock }),
    idempotency: createMemoryIdempotencyStore(),
    audit: null,
    openApiDocument: () => ({ openapi: '3.1.0' }),
    clock: systemClock,
    logger: silentLogger,
    metrics: telemetry.metrics,
    endpointStats: telemetry.endpointStats,
    ...rest,
    settings: {
      corsAllowOrigins: [],
      trustProxy: [],
      rateLimitPerMinute: 60,
      rateLimitPrincipalPerMinute: 600,
      ...settings,
    },
  });
  return {
    edge,
    telemetry,
    authenticator,
    async close() {
      await edge.close();
      telemetry.stop();
    },
  };
}
