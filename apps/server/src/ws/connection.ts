import { clientFrameSchema, type ClientFrame, type ServerFrame } from '@automatos/contracts';
import {
  PlatformError,
  toPlatformError,
  type Clock,
  type Logger,
  type Metrics,
} from '@automatos/kernel';
import type { WebSocket } from 'ws';
import type { Authentication } from '../http/authenticator.ts';
import { createRoomSink, type JoinedRoom, type RoomSink, type SinkDeps } from './room-sink.ts';

/** Close codes of ours; 4000–4999 belong to applications. */
export const CLOSE_CODES = { unauthenticated: 4001, invalid: 4400, slow: 4008 } as const;

export interface ConnectionLimits {
  /** Bytes that may wait for one client; beyond it the client is dropped. */
  bufferedBytesMax: number;
  /** A client that takes nothing for so long is dropped. */
  stalledMsMax: number;
  roomsMax: number;
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

type DropReason = 'slow' | 'auth' | 'error';

export interface Connection {
  /** Closes with a reason that is counted. */
  drop(reason: DropReason, code: number, text: string): void;
  /** Pings; a client that did not answer the last one is cut. */
  beat(): void;
  close(code: number, text: string): void;
}

const INVALID_FRAMES_MAX = 10;
const CLOSE_GRACE_MS = 2000;

/** What the parts of one connection share. */
interface State {
  rooms: Map<string, JoinedRoom>;
  isAlive: boolean;
  isLeaving: boolean;
  invalidFrames: number;
}

/** Speaks the frames of contracts/realtime.ts with one client until it goes. */
export function createConnection(deps: ConnectionDeps): Connection {
  const { socket } = deps;
  const state: State = { rooms: new Map(), isAlive: true, isLeaving: false, invalidFrames: 0 };
  const exit = createExit(deps, state);
  const sinkDeps: SinkDeps = {
    ...deps,
    write: (frame) => write(socket, frame),
    bufferedBytes: () => socket.bufferedAmount,
    isLeaving: () => state.isLeaving,
    dropSlow: () => exit.drop('slow', CLOSE_CODES.slow, 'too slow; resume after the last seq'),
  };
  const onFrame = createFrameHandler(deps, state, sinkDeps);

  socket.on('message', (data) => {
    const frame = parseFrame((data as Buffer).toString('utf8'));
    if (frame !== undefined) onFrame(frame);
    else if (++state.invalidFrames > INVALID_FRAMES_MAX)
      exit.drop('error', CLOSE_CODES.invalid, 'too many invalid frames');
    else
      sendError(socket, {
        code: 'realtime.frame.invalid',
        message: 'Send JSON of a known form: subscribe, unsubscribe or ping.',
      });
  });
  socket.on('pong', () => (state.isAlive = true));
  socket.on('close', () => {
    state.isLeaving = true;
    leaveAll(state);
  });
  // A broken frame or connection; `close` follows and cleans up.
  socket.on('error', (error) => deps.logger.debug({ reason: error.message }, 'a WebSocket broke'));

  return {
    ...exit,
    beat() {
      if (!state.isAlive) return socket.terminate();
      state.isAlive = false;
      return socket.ping();
    },
  };
}

function createExit(deps: ConnectionDeps, state: State): Pick<Connection, 'drop' | 'close'> {
  const { socket } = deps;
  function close(code: number, text: string): void {
    if (state.isLeaving) return;
    state.isLeaving = true;
    leaveAll(state);
    socket.close(code, text);
    // A client that reads nothing never answers the close; its memory must go all the same.
    const timer = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
    socket.once('close', () => clearTimeout(timer));
  }
  return {
    close,
    drop(reason, code, text) {
      if (state.isLeaving) return;
      deps.metrics.count('amas_websocket_drops_total', { reason });
      for (const { name, lastSeq } of state.rooms.values())
        void write(socket, { op: 'dropped', room: name, resume_after: lastSeq });
      close(code, text);
    },
  };
}

function createFrameHandler(
  deps: ConnectionDeps,
  state: State,
  sinkDeps: SinkDeps,
): (frame: ClientFrame) => void {
  const { socket } = deps;
  const { rooms } = state;

  async function subscribe(room: string, resumeAfter: number): Promise<void> {
    rooms.get(room)?.controller.abort();
    if (!rooms.has(room) && rooms.size >= deps.limits.roomsMax) {
      const message = `One connection may join ${deps.limits.roomsMax} rooms.`;
      throw new PlatformError({ code: 'realtime.room.limit', kind: 'limit-reached', message });
    }
    const joined: JoinedRoom = {
      name: room,
      controller: new AbortController(),
      lastSeq: resumeAfter,
    };
    rooms.set(room, joined);
    try {
      await deps.openRoom(room, createRoomSink(sinkDeps, joined), resumeAfter);
    } catch (error) {
      if (rooms.get(room) === joined) rooms.delete(room);
      throw error;
    }
  }

  function refuse(room: string, thrown: unknown): void {
    if (state.isLeaving) return;
    const error = toPlatformError(thrown);
    if (error.kind === 'internal')
      deps.logger.error(
        { room, reason: error.internalMessage ?? error.message, err: error.cause },
        'a room failed',
      );
    sendError(socket, { room, code: error.code, message: error.message });
  }

  return (frame) => {
    switch (frame.op) {
      case 'ping':
        void write(socket, { op: 'pong' });
        break;
      case 'subscribe':
        subscribe(frame.room, frame.resume_after ?? 0).catch((error: unknown) =>
          refuse(frame.room, error),
        );
        break;
      case 'unsubscribe':
        rooms.get(frame.room)?.controller.abort();
        rooms.delete(frame.room);
        void write(socket, { op: 'unsubscribed', room: frame.room });
    }
  };
}

function write(socket: WebSocket, frame: ServerFrame): Promise<void> {
  const sent = Promise.withResolvers<void>();
  // The error of a broken socket arrives as its close event.
  socket.send(JSON.stringify(frame), () => sent.resolve());
  return sent.promise;
}

function sendError(
  socket: WebSocket,
  error: { room?: string; code: string; message: string },
): void {
  void write(socket, { op: 'error', ...error });
}

function leaveAll(state: State): void {
  for (const joined of state.rooms.values()) joined.controller.abort();
  state.rooms.clear();
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
