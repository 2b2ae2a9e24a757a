import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { newId, PlatformError, type Clock, type Logger, type Metrics } from '@automatos/kernel';
import { WebSocketServer } from 'ws';
import type { Authenticator } from '../http/authenticator.ts';
import { rawAnswer } from '../http/broken-request.ts';
import { createTrustTest } from '../http/client-address.ts';
import type { UpgradeHandler } from '../http/http-server.ts';
import { statusOf, toProblem, toRequestError } from '../http/problem.ts';
import {
  CLOSE_CODES,
  createConnection,
  type Connection,
  type ConnectionLimits,
} from './connection.ts';
import { identifyClient, isStillKnown, type IdentifiedClient } from './identify-client.ts';
import type { UpgradeScreen } from './upgrade-screen.ts';
import { createRooms, type RoomsDeps } from './rooms.ts';

export interface RealtimeLimits extends ConnectionLimits {
  clientsMax: number;
  heartbeatMs: number;
  /** How often a cookie or key is checked again. */
  recheckMs: number;
  /** How long a ticket's connection lasts before the client has to fetch a new one. */
  ticketConnectionMs: number;
  sampleMs: number;
}

export interface RealtimeDeps extends Omit<RoomsDeps, 'sampleMs'> {
  authenticator: Authenticator;
  /** The threat detector's look at an upgrade. */
  screen?: UpgradeScreen | undefined;
  settings: { corsAllowOrigins: readonly string[]; trustProxy: readonly string[] };
  limits?: Partial<RealtimeLimits>;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}

const LIMITS: RealtimeLimits = {
  bufferedBytesMax: 1024 * 1024,
  stalledMsMax: 10_000,
  roomsMax: 50,
  clientsMax: 2000,
  heartbeatMs: 20_000,
  recheckMs: 60_000,
  ticketConnectionMs: 3_600_000,
  sampleMs: 2000,
};
const FRAME_BYTES_MAX = 16 * 1024;
const PROTOCOL = 'automatos';

interface Client extends IdentifiedClient {
  connection: Connection;
  openedAt: number;
  checkedAt: number;
}

/**
 * Returns the WebSocket gateway for `/ws` of every port. A client proves itself at the upgrade: by a ticket in
 * `Sec-WebSocket-Protocol`, by an API key or bearer header, or by the session cookie of a page of this site. Nothing
 * secret is ever read from the URL, which proxies log.
 */
export function createRealtimeGateway(deps: RealtimeDeps): UpgradeHandler {
  const limits = { ...LIMITS, ...deps.limits };
  const identifyDeps = {
    ...deps,
    ...deps.settings,
    isTrusted: createTrustTest(deps.settings.trustProxy),
  };
  const clients = createClientList(deps, limits);
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_BYTES_MAX,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    deps.screen?.before(request);
    assertPath(request);
    clients.assertRoom();
    const who = await identifyClient(identifyDeps, request);
    deps.screen?.after(request, { authentication: who.authentication, status: 101 });
    if (!socket.destroyed)
      server.handleUpgrade(request, socket, head, (webSocket) => clients.add(webSocket, who));
  }

  return {
    handleUpgrade(request, socket, head) {
      const onError = () => socket.destroy();
      socket.on('error', onError);
      upgrade(request, socket, head)
        .catch((error: unknown) => refuseUpgrade(deps, { request, socket, error }))
        .finally(() => socket.off('error', onError));
    },
    async close() {
      const gone = [...server.clients].map(
        (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
      );
      clients.close();
      await Promise.all(gone);
      server.close();
    },
  };
}

function createClientList(deps: RealtimeDeps, limits: RealtimeLimits) {
  const clients = new Set<Client>();
  const openRoom = createRooms({ ...deps, sampleMs: limits.sampleMs });
  const report = () =>
    deps.metrics.set('amas_websocket_connections_active', { transport: 'ws' }, clients.size);

  /** A signed-out person must not go on listening on a socket that was opened before. */
  async function recheck(client: Client, now: number): Promise<void> {
    if (client.proof === null && now - client.openedAt >= limits.ticketConnectionMs) {
      client.connection.close(CLOSE_CODES.unauthenticated, 'fetch a new ticket');
      return;
    }
    if (now - client.checkedAt < limits.recheckMs) return;
    client.checkedAt = now;
    if (!(await isStillKnown(deps, client)))
      client.connection.drop('auth', CLOSE_CODES.unauthenticated, 'sign in again');
  }

  const heartbeat = setInterval(() => {
    const now = deps.clock.now();
    for (const client of clients) {
      client.connection.beat();
      void recheck(client, now);
    }
  }, limits.heartbeatMs);

  return {
    assertRoom() {
      if (clients.size < limits.clientsMax) return;
      throw new PlatformError({
        code: 'realtime.clients.limit',
        kind: 'unavailable',
        message: 'Too many live clients; try again in a moment.',
      });
    },
    add(socket: Parameters<typeof createConnection>[0]['socket'], who: IdentifiedClient) {
      const now = deps.clock.now();
      const connection = createConnection({
        ...deps,
        socket,
        authentication: who.authentication,
        openRoom,
        limits,
      });
      const client: Client = { ...who, connection, openedAt: now, checkedAt: now };
      clients.add(client);
      report();
      socket.once('close', () => {
        clients.delete(client);
        report();
      });
    },
    close() {
      clearInterval(heartbeat);
      for (const client of clients) client.connection.close(1001, 'the server is restarting');
    },
  };
}

function assertPath(request: IncomingMessage): void {
  if (/^\/ws(?:\?|$)/.test(request.url ?? '')) return;
  throw new PlatformError({
    code: 'http.route.not_found',
    kind: 'not-found',
    message: 'WebSockets are opened at /ws.',
  });
}

function refuseUpgrade(
  deps: Pick<RealtimeDeps, 'logger' | 'metrics' | 'screen'>,
  { request, socket, error: thrown }: { request: IncomingMessage; socket: Duplex; error: unknown },
): void {
  const error = toRequestError(thrown);
  const status = statusOf(error);
  if (!error.code.startsWith('security.'))
    deps.screen?.after(request, { authentication: null, status });
  if (error.kind === 'internal')
    deps.logger.error(
      { reason: error.internalMessage ?? error.message },
      'a WebSocket upgrade failed',
    );
  if (status === 401) deps.metrics.count('amas_auth_denied_total', { reason: 'unauthenticated' });
  if (status === 403)
    deps.metrics.count('amas_auth_denied_total', {
      reason: error.code === 'http.origin.forbidden' ? 'origin' : 'cross_tenant',
    });
  const body = JSON.stringify(toProblem(error, newId()));
  socket.end(rawAnswer(status, body));
}
