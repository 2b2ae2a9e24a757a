import { permissionsOf } from '@automatos/contracts';
import type { BoundRoute, Call, Principal, Role } from '@automatos/contracts';
import type { TestDatabase } from '@automatos/database/testing';
import { silentLogger } from '@automatos/kernel';
import type { Clock, Logger, WorkspaceId } from '@automatos/kernel';
import { createCredentials } from './create-credentials.ts';
import type { Credentials, CredentialsDeps } from './create-credentials.ts';
import { createFixedKeyRing } from './key-ring.ts';
import type { AccessPorts } from './testing-access/access-ports.ts';

/** A master key of tests, different for each letter. */
export const masterKey = (letter: string) => Buffer.alloc(32, letter).toString('base64');

/** A clock that stands until it is moved; sleepers wake only by their signal. */
export function standingClock(startMs = Date.parse('2026-11-21T10:00:00Z')) {
  let nowMs = startMs;
  const clock: Clock = {
    now: () => nowMs,
    sleep: (_ms, signal) =>
      new Promise((_resolve, reject) => {
        if (signal?.aborted === true) reject(signal.reason as Error);
        signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      }),
  };
  return { clock, move: (ms: number) => void (nowMs += ms) };
}

/** Services that cannot be reached; tests replace what they need. */
export const NO_ACCESS: AccessPorts = {
  fetch: () => Promise.reject(new Error('no network in this test')),
  checkAddress: () => Promise.resolve(),
  resolve: (host) => Promise.resolve(host),
  vendorIds: () => ['groq', 'mistral', 'alephalpha'],
  vendor: (id) => ({
    name: id,
    baseUrl: `https://${id}.test/v1`,
    auth: 'bearer',
    defaultModel: null,
  }),
};

export interface Room extends Credentials {
  uses: { credential: string; purpose: string; workspaceId: string }[];
  move(ms: number): void;
}

/** The room over a test database. */
export function openRoom(
  base: TestDatabase,
  options: Partial<CredentialsDeps> & { logger?: Logger } = {},
): Room {
  const { clock, move } = standingClock();
  const uses: Room['uses'] = [];
  const room = createCredentials({
    database: base.database,
    ring: createFixedKeyRing([masterKey('a')]),
    clock,
    logger: silentLogger,
    access: NO_ACCESS,
    audit: ({ credential, purpose, workspaceId }) =>
      void uses.push({ credential: credential.name, purpose, workspaceId }),
    ...options,
  });
  return { ...room, uses, move };
}

export function principal(kind: Principal['kind'] = 'user', role: Role = 'owner'): Principal {
  return { kind, id: 'p', name: 'Ada', role, permissions: permissionsOf({ kind, role }) };
}

/** Calls an operation as the edge does after validation. */
export async function invoke<Body>(
  room: Pick<Credentials, 'routes'>,
  operationId: string,
  call: {
    workspaceId: WorkspaceId;
    principal?: Principal;
    params?: object;
    query?: object;
    body?: object;
    headers?: Record<string, string>;
  },
): Promise<{ body: Body; etag?: string }> {
  const route = room.routes.find((bound) => bound.spec.operationId === operationId) as BoundRoute;
  const parse = (schema: BoundRoute['spec']['body'], value: unknown) => schema?.parse(value ?? {});
  const reply = await route.handle({
    principal: principal(),
    requestId: 'r',
    headers: {},
    remoteAddress: '127.0.0.1',
    signal: new AbortController().signal,
    ...call,
    params: parse(route.spec.params, call.params),
    query: parse(route.spec.query, call.query),
    body: parse(route.spec.body, call.body),
  } as unknown as Call);
  // The contract holds: unknown keys would be cut by the edge.
  if (route.spec.response !== undefined) route.spec.response.parse(reply.body);
  return reply as { body: Body; etag?: string };
}
