import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import { isPlatformError, newId, PlatformError, type Clock, type Logger, type Metrics } from '@automatos/kernel';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Authentication, AuthenticationRequest, Authenticator } from '../http/authenticator.ts';
import { clientAddress, createTrustTest } from '../http/client-address.ts';
import { flatHeaders, parseCookies } from '../http/edge-state.ts';
import type { UpgradeHandler } from '../http/http-server.ts';
import { isOwnOrigin } from '../http/origin-guard.ts';
import { statusOf, toProblem, toRequestError } from '../http/problem.ts';
import { CLOSE_CODES, createConnection, type Connection, type ConnectionLimits } from './connection.ts';
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
const TICKET = /^ticket\.(\S+)$/;

interface Client {
  connection: Connection;
  /** Null for tickets, which prove somebody once. */
  proof: AuthenticationRequest | null;
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
  const isTrusted = createTrustTest(deps.settings.trustProxy);
  const openRoom = createRooms({ ...deps, sampleMs: limits.sampleMs });
  const clients = new Set<Client>();
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_BYTES_MAX,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });

  async function identify(request: IncomingMessage): Promise<{ found: Authentication; proof: AuthenticationRequest | null }> {
    const headers = flatHeaders(request);
    const ticket = offeredTicket(headers['sec-websocket-protocol']);
    if (ticket !== undefined) {
      const found = await deps.authenticator.redeemTicket(ticket);
      if (found === null) throw unauthenticated('The ticket is unknown, used or expired; fetch a new one.');
      return { found, proof: null };
    }
    const proof: AuthenticationRequest = {
      method: 'GET',
      path: '/ws',
      headers,
      cookies: parseCookies(headers['cookie']),
      query: {},
      remoteAddress: clientAddress(request.socket.remoteAddress, headers['x-forwarded-for'], isTrusted),
    };
    const found = await deps.authenticator.authenticate(proof);
    if (found === null) throw unauthenticated('Open the WebSocket with a ticket, an API key or a session.');
    if (found.viaCookie && !isOwnOrigin(headers, deps.settings.corsAllowOrigins)) {
      throw new PlatformError({ code: 'http.origin.forbidden', kind: 'forbidden', message: 'This WebSocket was opened by a page of another site.' });
    }
    return { found, proof };
  }

  function welcome(socket: WebSocket, who: { found: Authentication; proof: AuthenticationRequest | null }): void {
    const now = deps.clock.now();
    const connection = createConnection({ ...deps, socket, authentication: who.found, openRoom, limits });
    const client: Client = { connection, proof: who.proof, openedAt: now, checkedAt: now };
    clients.add(client);
    reportClients();
    socket.once('close', () => {
      clients.delete(client);
      reportClients();
    });
  }

  function reportClients(): void {
    deps.metrics.set('amas_websocket_connections_active', { transport: 'ws' }, clients.size);
  }

  /** A signed-out person must not go on listening on a socket that was opened before. */
  async function recheck(client: Client, now: number): Promise<void> {
    if (client.proof === null) {
      if (now - client.openedAt >= limits.ticketConnectionMs) client.connection.close(CLOSE_CODES.unauthenticated, 'fetch a new ticket');
      return;
    }
    if (now - client.checkedAt < limits.recheckMs) return;
    client.checkedAt = now;
    try {
      if ((await deps.authenticator.authenticate(client.proof)) !== null) return;
    } catch (error) {
      // An identity store that is away proves nothing against the client.
      if (!isPlatformError(error) || (error.kind !== 'unauthenticated' && error.kind !== 'forbidden')) {
        deps.logger.warn({ reason: (error as Error).message }, 'a WebSocket could not be checked again');
        return;
      }
    }
    client.connection.drop('auth', CLOSE_CODES.unauthenticated, 'sign in again');
  }

  const heartbeat = setInterval(() => {
    const now = deps.clock.now();
    for (const client of clients) {
      client.connection.beat();
      void recheck(client, now);
    }
  }, limits.heartbeatMs);

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== '/ws') throw noSuchPath();
    if (clients.size >= limits.clientsMax) {
      throw new PlatformError({ code: 'realtime.clients.limit', kind: 'unavailable', message: 'Too many live clients; try again in a moment.' });
    }
    const who = await identify(request);
    if (!socket.destroyed) server.handleUpgrade(request, socket, head, (webSocket) => welcome(webSocket, who));
  }

  return {
    handleUpgrade(request, socket, head) {
      const onError = () => socket.destroy();
      socket.on('error', onError);
      upgrade(request, socket, head)
        .catch((error: unknown) => refuseUpgrade(deps, socket, error))
        .finally(() => socket.off('error', onError));
    },
    async close() {
      clearInterval(heartbeat);
      const gone = [...server.clients].map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())));
      for (const client of clients) client.connection.close(1001, 'the server is restarting');
      await Promise.all(gone);
      server.close();
    },
  };
}

function offeredTicket(protocols: string | undefined): string | undefined {
  for (const offered of (protocols ?? '').split(',')) {
    const ticket = TICKET.exec(offered.trim())?.[1];
    if (ticket !== undefined) return ticket;
  }
  return undefined;
}

function unauthenticated(message: string): PlatformError {
  return new PlatformError({ code: 'auth.credentials.missing', kind: 'unauthenticated', message });
}

function noSuchPath(): PlatformError {
  return new PlatformError({ code: 'http.route.not_found', kind: 'not-found', message: 'WebSockets are opened at /ws.' });
}

function refuseUpgrade(deps: Pick<RealtimeDeps, 'logger' | 'metrics'>, socket: Duplex, thrown: unknown): void {
  const error = toRequestError(thrown);
  const status = statusOf(error);
  if (status >= 500 && error.kind === 'internal') deps.logger.error({ reason: error.internalMessage ?? error.message }, 'a WebSocket upgrade failed');
  if (status === 401) deps.metrics.count('amas_auth_denied_total', { reason: 'unauthenticated' });
  if (status === 403) deps.metrics.count('amas_auth_denied_total', { reason: error.code === 'http.origin.forbidden' ? 'origin' : 'cross_tenant' });
  const body = JSON.stringify(toProblem(error, newId()));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\nConnection: close\r\nContent-Type: application/problem+json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
