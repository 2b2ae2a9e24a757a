import type { EventEnvelope } from '@automatos/contracts';
import { isConnectionLoss, notify } from '@automatos/database';
import type { Database } from '@automatos/database';
import { deferred, newId } from '@automatos/kernel';
import type { Clock, Deferred, Logger, WorkspaceId } from '@automatos/kernel';
import type { EventBus } from './event-bus.ts';
import { EVENTS_CHANNEL } from './event-bus.ts';
import { storeEvents } from './event-store.ts';
import type { PendingEvent } from './event-store.ts';
import type { EmitEvent, EventProjection } from './types.ts';

interface Deps {
  database: Database;
  bus: EventBus;
  clock: Clock;
  logger: Logger;
  projections: EventProjection[];
}

/**
 * Stores events of all runs in order, many in one transaction (group commit), then publishes them. A step's result never
 * waits for its events: they carry deterministic keys and are emitted again when the run is replayed after a crash, so
 * what was not stored yet is stored then. `flush` is the barrier before a run ends.
 */
export interface EventWriter {
  emit(scope: { workspaceId: WorkspaceId; runId: string }, event: EmitEvent): void;
  /** Resolves when everything emitted so far for the run is stored; rejects when that is impossible. */
  flush(runId: string): Promise<void>;
  /** Resolves when fewer than the bound of events wait; callers that produce many await it. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

const BATCH_MAX = 400;
const WAITING_MAX = 5_000;
const RETRY_MS = 250;
/** How long events wait for company; a barrier or a full batch ends the wait. */
const GATHER_MS = 20;

export function createEventWriter(deps: Deps): EventWriter {
  let waiting: PendingEvent[] = [];
  let inFlight: PendingEvent[] = [];
  let running: Promise<void> | null = null;
  let stopped = false;
  const failures = new Map<string, Error>();
  const barriers: { runId: string; done: Deferred<void> }[] = [];
  const roomWaiters: Deferred<void>[] = [];
  let hurry = deferred<void>();

  function settleBarriers(): void {
    const open = new Set([...waiting, ...inFlight].map((event) => event.runId));
    for (let index = barriers.length - 1; index >= 0; index--) {
      const barrier = barriers[index];
      if (!barrier || open.has(barrier.runId)) continue;
      barriers.splice(index, 1);
      const failure = failures.get(barrier.runId);
      if (failure) barrier.done.reject(failure);
      else barrier.done.resolve();
    }
    if (waiting.length < WAITING_MAX) for (const waiter of roomWaiters.splice(0)) waiter.resolve();
  }

  async function storeBatch(batch: PendingEvent[]): Promise<void> {
    const stored = await deps.database.system(async (tx) => {
      const fresh = await storeEvents(tx, batch, deps.projections);
      if (deps.database.capabilities.multiProcess && fresh.length > 0) {
        for (const wake of wakePayloads(fresh)) await notify(tx, EVENTS_CHANNEL, wake);
      }
      return fresh;
    });
    deps.bus.publish(stored);
  }

  /** One poisoned run must not hold up the others: a batch that the database refuses is tried again run by run. */
  async function storeApart(batch: PendingEvent[]): Promise<void> {
    for (const [runId, events] of Map.groupBy(batch, (event) => event.runId)) {
      try {
        await storeBatch(events);
      } catch (error) {
        if (isConnectionLoss(error)) throw error;
        failures.set(runId, error as Error);
        deps.logger.error({ run_id: runId, error: String(error) }, 'events of a run could not be stored');
      }
    }
  }

  async function gather(): Promise<void> {
    if (stopped || barriers.length > 0 || waiting.length >= BATCH_MAX) return;
    const timer = new AbortController();
    hurry = deferred();
    await Promise.race([hurry.promise, deps.clock.sleep(GATHER_MS, timer.signal).catch(() => undefined)]);
    timer.abort();
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      await gather();
      inFlight = waiting.splice(0, BATCH_MAX);
      try {
        await storeBatch(inFlight);
      } catch (error) {
        if (isConnectionLoss(error) && !stopped) {
          waiting = [...inFlight, ...waiting];
          inFlight = [];
          await deps.clock.sleep(RETRY_MS);
          continue;
        }
        deps.logger.warn({ error: String(error) }, 'event batch refused, storing run by run');
        await storeApart(inFlight).catch((lost: unknown) => deps.logger.error({ error: String(lost) }, 'events not stored'));
      }
      inFlight = [];
      settleBarriers();
    }
  }

  function kick(): void {
    running ??= drain().finally(() => {
      running = null;
      settleBarriers();
      if (waiting.length > 0) kick();
    });
  }

  return {
    emit(scope, event) {
      const now = deps.clock.now();
      waiting.push({ id: newId<'event'>(now), at: new Date(now).toISOString(), workspaceId: scope.workspaceId, runId: scope.runId, ...event });
      if (waiting.length >= BATCH_MAX) hurry.resolve();
      kick();
    },
    flush(runId) {
      const done = deferred<void>();
      barriers.push({ runId, done });
      hurry.resolve();
      if (!running) settleBarriers();
      return done.promise;
    },
    async ready() {
      if (waiting.length < WAITING_MAX) return;
      const waiter = deferred<void>();
      roomWaiters.push(waiter);
      await waiter.promise;
    },
    async stop() {
      stopped = true;
      hurry.resolve();
      await running;
    },
  };
}

/** NOTIFY payloads are limited to 8,000 bytes: run ids with their newest seq, in pieces. */
function wakePayloads(events: EventEnvelope[]): string[] {
  const newest = new Map<string, string>();
  for (const event of events) if (event.run_id) newest.set(event.run_id, `${event.workspace_id}:${event.run_id}:${event.seq}`);
  const entries = [...newest.values()];
  const payloads: string[] = [];
  for (let from = 0; from < entries.length; from += 80) payloads.push(entries.slice(from, from + 80).join(','));
  return payloads;
}

