import type { ClientFrame, EventEnvelope, ServerFrame } from '@automatos/contracts';
import { clientFrameSchema } from '@automatos/contracts';
import { PlatformError, toPlatformError, type Clock, type Logger, type Metrics } from '@automatos/kernel';
import type { WebSocket } from 'ws';
import type { Authentication } from '../http/authenticator.ts';

/** Close codes of ours; 4000–4999 belong to applications. */
export const CLOSE_CODES = { unauthenticated: 4001, invalid: 4400, slow: 4008 } as const;

export interface ConnectionLimits {
  /** Bytes that may wait for one client; beyond it the client is dropped. */
  bufferedBytesMax: number;
  /** A client that takes nothing for so long is dropped. */
  stalledMsMax: number;
  roomsMax: number;
}

/** What feeds a room of one client. `offer` and `deliver` return false once the client is gone. */
export interface RoomSink {
  readonly authentication: Authentication;
  /** Aborts when the client leaves the room. */
  readonly signal: AbortSignal;
  /** Tells the client that it joined, before its first event. */
  joined(lastSeq: number): void;
  /** Sends at once, or drops a client whose queue is full: for sources that cannot wait. */
  offer(event: EventEnvelope): boolean;
  /** Sends and resolves when the client has taken enough: for sources that can wait. */
  deliver(event: EventEnvelope): Promise<boolean>;
}

/** Starts feeding a room; returns when it ends or throws why it cannot be joined. */
export type OpenRoom = (room: string, sink: RoomSink, resumeAfter: number) => Promise<void>;

export interface ConnectionDeps {
  socket: WebSocket;
  authentication: Authentication;
  openRoom: OpenRoom;
  limits: ConnectionLimits;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}

export interface Connection {
  /** Closes with a reason that is counted. */
  drop(reason: 'slow' | 'auth' | 'error', code: number, text: string): void;
  /** Pings; a client that did not answer the last one is cut. */
  beat(): void;
  close(code: number, text: string): void;
}

const INVALID_FRAMES_MAX = 10;
const CLOSE_GRACE_MS = 2000;

interface Joined {
  controller: AbortController;
  lastSeq: number;
}

/** Speaks the frames of contracts/realtime.ts with one client until it goes. */
export function createConnection(deps: ConnectionDeps): Connection {
  const { socket, limits, metrics } = deps;
  const rooms = new Map<string, Joined>();
  let isAlive = true;
  let isLeaving = false;
  let invalidFrames = 0;

  function write(frame: ServerFrame): Promise<void> {
    const sent = Promise.withResolvers<void>();
    // The error of a broken socket arrives as its close event.
    socket.send(JSON.stringify(frame), () => sent.resolve());
    return sent.promise;
  }

  function leaveAll(): void {
    for (const joined of rooms.values()) joined.controller.abort();
    rooms.clear();
  }

  function close(code: number, text: string): void {
    if (isLeaving) return;
    isLeaving = true;
    leaveAll();
    socket.close(code, text);
    // A client that reads nothing never answers the close; its memory must go all the same.
    const timer = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
    socket.once('close', () => clearTimeout(timer));
  }

  function drop(reason: 'slow' | 'auth' | 'error', code: number, text: string): void {
    if (isLeaving) return;
    metrics.count('amas_websocket_drops_total', { reason });
    for (const [room, { lastSeq }] of rooms) void write({ op: 'dropped', room, resume_after: lastSeq });
    close(code, text);
  }

  const dropSlow = () => drop('slow', CLOSE_CODES.slow, 'too slow; resume after the last seq');

  function joinRoom(room: string, joined: Joined): RoomSink {
    const startedAt = deps.clock.now();
    function pass(event: EventEnvelope): Promise<void> | undefined {
      if (isLeaving || joined.controller.signal.aborted) return undefined;
      const storedAt = Date.parse(event.at);
      // Stored before the client came: its age says nothing about our delay.
      if (storedAt >= startedAt) {
        metrics.observe('amas_websocket_latency_seconds', { transport: 'ws' }, Math.max(0, deps.clock.now() - storedAt) / 1000);
      }
      joined.lastSeq = Math.max(joined.lastSeq, event.seq);
      return write({ op: 'event', room, event });
    }
    return {
      authentication: deps.authentication,
      signal: joined.controller.signal,
      joined: (lastSeq) => void write({ op: 'subscribed', room, last_seq: lastSeq }),
      offer(event) {
        if (socket.bufferedAmount > limits.bufferedBytesMax) dropSlow();
        return pass(event) !== undefined;
      },
      async deliver(event) {
        const sent = pass(event);
        if (sent === undefined) return false;
        if (socket.bufferedAmount > limits.bufferedBytesMax / 4 && !(await taken(sent))) dropSlow();
        return !isLeaving;
      },
    };
  }

  /** False when the client did not take the frame in time. */
  async function taken(sent: Promise<void>): Promise<boolean> {
    const timer = new AbortController();
    const stalled = deps.clock.sleep(limits.stalledMsMax, timer.signal).then(
      () => false,
      () => true,
    );
    const result = await Promise.race([sent.then(() => true), stalled]);
    timer.abort(new Error('taken'));
    return result;
  }

  async function subscribe(frame: Extract<ClientFrame, { op: 'subscribe' }>): Promise<void> {
    const { room } = frame;
    rooms.get(room)?.controller.abort();
    if (!rooms.has(room) && rooms.size >= limits.roomsMax) {
      throw new PlatformError({ code: 'realtime.room.limit', kind: 'limit-reached', message: `One connection may join ${limits.roomsMax} rooms.` });
    }
    const joined: Joined = { controller: new AbortController(), lastSeq: frame.resume_after ?? 0 };
    rooms.set(room, joined);
    try {
      await deps.openRoom(room, joinRoom(room, joined), frame.resume_after ?? 0);
    } catch (error) {
      if (rooms.get(room) === joined) rooms.delete(room);
      throw error;
    }
  }

  function onMessage(text: string): void {
    const frame = parseFrame(text);
    if (frame === undefined) {
      if (++invalidFrames > INVALID_FRAMES_MAX) return drop('error', CLOSE_CODES.invalid, 'too many invalid frames');
      void write({ op: 'error', code: 'realtime.frame.invalid', message: 'Send JSON of a known form: subscribe, unsubscribe or ping.' });
    } else if (frame.op === 'ping') void write({ op: 'pong' });
    else if (frame.op === 'unsubscribe') {
      rooms.get(frame.room)?.controller.abort();
      rooms.delete(frame.room);
      void write({ op: 'unsubscribed', room: frame.room });
    } else subscribe(frame).catch((error: unknown) => refuse(frame.room, error));
    return undefined;
  }

  function refuse(room: string, thrown: unknown): void {
    if (isLeaving) return;
    const error = toPlatformError(thrown);
    if (error.kind === 'internal') deps.logger.error({ room, reason: error.internalMessage ?? error.message, err: error.cause }, 'a room failed');
    void write({ op: 'error', room, code: error.code, message: error.message });
  }

  socket.on('message', (data) => onMessage((data as Buffer).toString('utf8')));
  socket.on('pong', () => (isAlive = true));
  socket.on('close', () => {
    isLeaving = true;
    leaveAll();
  });
  // A broken frame or connection; `close` follows and cleans up.
  socket.on('error', (error) => deps.logger.debug({ reason: error.message }, 'a WebSocket broke'));

  return {
    drop,
    close,
    beat() {
      if (!isAlive) return socket.terminate();
      isAlive = false;
      return socket.ping();
    },
  };
}

function parseFrame(text: string): ClientFrame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON is one of the forms of an invalid frame.
    return undefined;
  }
  const result = clientFrameSchema.safeParse(value);
  return result.success ? result.data : undefined;
}
