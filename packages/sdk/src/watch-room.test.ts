import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from './create-client.ts';
import { watchRoom, type RoomState } from './watch-room.ts';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of close.splice(0)) await each();
});

/** Text frame of a server, RFC 6455: not masked, up to 64 KiB. */
function frame(value: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(value));
  const head =
    body.length < 126 ? [0x81, body.length] : [0x81, 126, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from(head), body]);
}

/** Text of a client's short masked frame. */
function unmask(bytes: Buffer): string {
  const length = (bytes[1] ?? 0) & 127;
  const mask = bytes.subarray(2, 6);
  return Buffer.from(
    bytes.subarray(6, 6 + length).map((byte, at) => byte ^ (mask[at % 4] ?? 0)),
  ).toString();
}

/** Gives tickets and WebSockets; `onFrame` is the room. Records the sub-protocols that clients offer. */
async function serve(
  onFrame: (text: string, socket: Socket, connection: number) => void,
  ticketStatus = 201,
) {
  const protocols: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_request, response) => {
    response.writeHead(ticketStatus, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        ticket: `t${protocols.length + 1}`,
        expires_at: '',
        status: ticketStatus,
        code: 'x',
        detail: 'x',
      }),
    );
  });
  server.on('upgrade', (request, socket: Socket) => {
    sockets.add(socket);
    const key = request.headers['sec-websocket-key'] ?? '';
    const accept = createHash('sha1')
      .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    const connection = protocols.push(request.headers['sec-websocket-protocol'] ?? '');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: automatos\r\n\r\n`,
    );
    socket.on('data', (bytes: Buffer) => {
      if ((bytes[0] ?? 0) === 0x81) onFrame(unmask(bytes), socket, connection);
    });
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  );
  const { port } = server.address() as AddressInfo;
  return { client: createClient({ baseUrl: `http://127.0.0.1:${port}` }), protocols };
}

describe('watchRoom', () => {
  it('subscribes with a one-use ticket, passes events on, and comes back with a new ticket', async () => {
    const abort = new AbortController();
    const { client, protocols } = await serve((text, socket, connection) => {
      expect(JSON.parse(text)).toEqual({ op: 'subscribe', room: 'workspace' });
      socket.write(frame({ op: 'subscribed', room: 'workspace', last_seq: 0 }));
      const event = { id: `e${connection}`, seq: 0, type: 'run.started', data: {} };
      socket.write(frame({ op: 'event', room: 'workspace', event }));
      if (connection === 1) socket.end(Buffer.from([0x88, 0]));
    });
    const states: RoomState[] = [];
    const ids: string[] = [];
    await watchRoom(client, 'workspace', {
      signal: abort.signal,
      delayMs: () => 1,
      onState: (state) => states.push(state),
      onEvent: (event) => {
        if (ids.push(event.id) === 2) abort.abort();
      },
    });
    expect(ids).toEqual(['e1', 'e2']);
    expect(states).toEqual(['connecting', 'live', 'reconnecting', 'live']);
    expect(protocols).toEqual(['automatos, ticket.t1', 'automatos, ticket.t2']);
  });

  it('gives up and says so when the server does not let the caller in', async () => {
    const { client, protocols } = await serve(() => {}, 401);
    const states: RoomState[] = [];
    await watchRoom(client, 'workspace', {
      signal: new AbortController().signal,
      onEvent: () => {},
      onState: (state) => states.push(state),
    });
    expect(states).toEqual(['connecting', 'refused']);
    expect(protocols).toEqual([]);
  });

  it('takes a server that answers no ping for gone', async () => {
    const abort = new AbortController();
    const { client, protocols } = await serve((text, socket, connection) => {
      if (connection === 2) abort.abort();
      if (text.includes('subscribe'))
        socket.write(frame({ op: 'subscribed', room: 'workspace', last_seq: 0 }));
    });
    const watching = watchRoom(client, 'workspace', {
      signal: abort.signal,
      pingMs: 20,
      delayMs: () => 1,
      onEvent: () => {},
    });
    await watching;
    expect(protocols).toHaveLength(2);
  });
});
