import { isApiProblem } from './api-problem.ts';
import type { Client } from './create-client.ts';
import { createTicket } from './generated/sdk.gen.ts';
import type { ClientFrame, ServerFrame } from './generated/types.gen.ts';
import { pause, reconnectDelayMs } from './reconnect.ts';
import type { RunEvent } from './run-event.ts';

export type RoomState = 'connecting' | 'live' | 'reconnecting' | 'refused';

export interface WatchOptions {
  onEvent: (event: RunEvent) => void;
  /** `live` after each (re)connection: what happened in between was missed, so read it again. */
  onState?: (state: RoomState) => void;
  signal: AbortSignal;
  delayMs?: (attempt: number) => number;
  /** Milliseconds between pings, default 20 s; a missing answer counts as a lost connection. */
  pingMs?: number;
}

function socketUrl(client: Client): string {
  const page = (globalThis as { location?: { origin: string } }).location?.origin;
  const url = new URL('/ws', client.getConfig().baseUrl || page);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/** One connection; resolves when it is gone. */
function runConnection(
  socket: WebSocket,
  room: string,
  options: WatchOptions & { onLive: () => void },
): Promise<void> {
  return new Promise((resolve) => {
    let answered = true;
    const finish = () => {
      clearInterval(pings);
      options.signal.removeEventListener('abort', finish);
      // A peer that is gone does not answer the closing either, so nobody waits for it.
      socket.close();
      resolve();
    };
    const send = (frame: ClientFrame) => socket.send(JSON.stringify(frame));
    const pings = setInterval(() => {
      if (!answered) return finish();
      answered = false;
      if (socket.readyState === socket.OPEN) send({ op: 'ping' });
    }, options.pingMs ?? 20_000);
    options.signal.addEventListener('abort', finish);
    socket.addEventListener('open', () => send({ op: 'subscribe', room }));
    socket.addEventListener('message', (message) => {
      answered = true;
      const frame = JSON.parse(String(message.data)) as ServerFrame;
      if (frame.op === 'subscribed') options.onLive();
      else if (frame.op === 'event') options.onEvent(frame.event as RunEvent);
      else if (frame.op === 'dropped') finish();
    });
    socket.addEventListener('close', finish);
  });
}

/**
 * Keeps one WebSocket subscribed to `room` until `signal` aborts, with a fresh one-use ticket for each connection.
 * Events missed while disconnected are not sent again: react to `live` by reading the state anew. Resolves when the
 * signal aborts, or with state `refused` when the server does not let the caller in.
 */
export async function watchRoom(
  client: Client,
  room: string,
  options: WatchOptions,
): Promise<void> {
  const { signal, onState = () => {}, delayMs = reconnectDelayMs } = options;
  let attempt = 0;
  onState('connecting');
  while (!signal.aborted) {
    try {
      const { data } = await createTicket({ client, signal });
      const socket = new WebSocket(socketUrl(client), ['automatos', `ticket.${data.ticket}`]);
      const onLive = () => {
        attempt = 0;
        onState('live');
      };
      await runConnection(socket, room, { ...options, onLive });
    } catch (error) {
      if (signal.aborted) return;
      if (isApiProblem(error) && !error.retryable) return onState('refused');
    }
    if (signal.aborted) return;
    attempt += 1;
    onState('reconnecting');
    await pause(delayMs(attempt), signal);
  }
}
