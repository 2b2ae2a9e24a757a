import type { EventEnvelope, ServerFrame } from '@automatos/contracts';
import type { Clock, Metrics } from '@automatos/kernel';
import type { Authentication } from '../http/authenticator.ts';

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

/** A room that a client is in; `lastSeq` is what it has to resume after. */
export interface JoinedRoom {
  name: string;
  controller: AbortController;
  lastSeq: number;
}

export interface SinkDeps {
  authentication: Authentication;
  clock: Clock;
  metrics: Metrics;
  limits: { bufferedBytesMax: number; stalledMsMax: number };
  /** Resolves when the frame has left this process. */
  write(frame: ServerFrame): Promise<void>;
  bufferedBytes(): number;
  isLeaving(): boolean;
  dropSlow(): void;
}

export function createRoomSink(deps: SinkDeps, room: JoinedRoom): RoomSink {
  const { limits } = deps;
  const joinedAt = deps.clock.now();

  function pass(event: EventEnvelope): Promise<void> | undefined {
    if (deps.isLeaving() || room.controller.signal.aborted) return undefined;
    observeDelay(deps, event, joinedAt);
    room.lastSeq = Math.max(room.lastSeq, event.seq);
    return deps.write({ op: 'event', room: room.name, event });
  }

  return {
    authentication: deps.authentication,
    signal: room.controller.signal,
    joined: (lastSeq) => void deps.write({ op: 'subscribed', room: room.name, last_seq: lastSeq }),
    offer(event) {
      if (deps.bufferedBytes() > limits.bufferedBytesMax) deps.dropSlow();
      return pass(event) !== undefined;
    },
    async deliver(event) {
      const sent = pass(event);
      if (sent === undefined) return false;
      const isBehind = deps.bufferedBytes() > limits.bufferedBytesMax / 4;
      if (isBehind && !(await isTaken(deps, sent))) deps.dropSlow();
      return !deps.isLeaving();
    },
  };
}

/** An event stored before the client came says nothing about our delay. */
function observeDelay(deps: SinkDeps, event: EventEnvelope, joinedAt: number): void {
  const storedAt = Date.parse(event.at);
  if (storedAt < joinedAt) return;
  const seconds = Math.max(0, deps.clock.now() - storedAt) / 1000;
  deps.metrics.observe('amas_websocket_latency_seconds', { transport: 'ws' }, seconds);
}

/** False when the client did not take the frame in time. */
async function isTaken(deps: SinkDeps, sent: Promise<void>): Promise<boolean> {
  const timer = new AbortController();
  const stalled = deps.clock.sleep(deps.limits.stalledMsMax, timer.signal).then(
    () => false,
    () => true,
  );
  const result = await Promise.race([sent.then(() => true), stalled]);
  timer.abort(new Error('taken'));
  return result;
}
