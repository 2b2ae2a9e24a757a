import { isConnectionLoss } from '@automatos/database';
import type { Database } from '@automatos/database';
import { deferred, newId } from '@automatos/kernel';
import type { Clock, Deferred, Logger, WorkspaceId } from '@automatos/kernel';
import type { EventBus } from './event-bus.ts';
import { storeEvents } from './event-store.ts';
import { createEventWakes } from './event-wakes.ts';
import type { EventWakes } from './event-wakes.ts';
import type { EventSource, PendingEvent } from './event-records.ts';
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
  emit(
    scope: { workspaceId: WorkspaceId; runId: string; source?: EventSource },
    event: EmitEvent,
  ): void;
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
  const queue = new EventQueue(deps);
  return {
    emit(scope, event) {
      const now = deps.clock.now();
      queue.add({
        id: newId<'event'>(now),
        at: new Date(now).toISOString(),
        workspaceId: scope.workspaceId,
        runId: scope.runId,
        ...(scope.source ? { source: scope.source } : {}),
        ...event,
      });
    },
    flush: (runId) => queue.barrier(runId),
    ready: () => queue.room(),
    stop: () => queue.stop(),
  };
}

class EventQueue {
  readonly #deps: Deps;
  readonly #wakes: EventWakes;
  readonly #failures = new Map<string, Error>();
  readonly #barriers: { runId: string; done: Deferred<void> }[] = [];
  readonly #roomWaiters: Deferred<void>[] = [];
  #waiting: PendingEvent[] = [];
  #inFlight: PendingEvent[] = [];
  #running: Promise<void> | null = null;
  #hurry = deferred<void>();
  #stopped = false;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#wakes = createEventWakes(deps);
  }

  add(event: PendingEvent): void {
    this.#waiting.push(event);
    if (this.#waiting.length >= BATCH_MAX) this.#hurry.resolve();
    this.#kick();
  }

  barrier(runId: string): Promise<void> {
    const done = deferred<void>();
    this.#barriers.push({ runId, done });
    this.#hurry.resolve();
    if (!this.#running) this.#settleBarriers();
    return done.promise;
  }

  async room(): Promise<void> {
    if (this.#waiting.length < WAITING_MAX) return;
    const waiter = deferred<void>();
    this.#roomWaiters.push(waiter);
    await waiter.promise;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#hurry.resolve();
    await this.#running;
    await this.#wakes.stop();
  }

  #kick(): void {
    this.#running ??= this.#drain().finally(() => {
      this.#running = null;
      this.#settleBarriers();
      if (this.#waiting.length > 0) this.#kick();
    });
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#gather();
      this.#inFlight = this.#waiting.splice(0, BATCH_MAX);
      await this.#storeInFlight();
      this.#settleBarriers();
    }
  }

  /** Waits a moment for company, unless somebody waits for the result. */
  async #gather(): Promise<void> {
    if (this.#stopped || this.#barriers.length > 0 || this.#waiting.length >= BATCH_MAX) return;
    const timer = new AbortController();
    this.#hurry = deferred();
    await Promise.race([
      this.#hurry.promise,
      this.#deps.clock.sleep(GATHER_MS, timer.signal).catch(() => undefined),
    ]);
    timer.abort();
  }

  async #storeInFlight(): Promise<void> {
    const { clock, logger } = this.#deps;
    try {
      await this.#store(this.#inFlight);
    } catch (error) {
      if (isConnectionLoss(error) && !this.#stopped) {
        this.#waiting = [...this.#inFlight, ...this.#waiting];
        this.#inFlight = [];
        await clock.sleep(RETRY_MS);
        return;
      }
      logger.warn({ error: String(error) }, 'event batch refused, storing run by run');
      await this.#storeApart(this.#inFlight);
    }
    this.#inFlight = [];
  }

  async #store(batch: PendingEvent[]): Promise<void> {
    const { database, projections, bus } = this.#deps;
    const stored = await database.system((tx) => storeEvents(tx, batch, projections));
    bus.publish(stored);
    this.#wakes.send(stored);
  }

  /** One poisoned run must not hold up the others: a batch that the database refuses is tried again run by run. */
  async #storeApart(batch: PendingEvent[]): Promise<void> {
    for (const [runId, events] of Map.groupBy(batch, (event) => event.runId)) {
      try {
        await this.#store(events);
      } catch (error) {
        this.#failures.set(runId, error as Error);
        this.#deps.logger.error(
          { run_id: runId, error: String(error) },
          'events of a run could not be stored',
        );
      }
    }
  }

  #settleBarriers(): void {
    const open = new Set([...this.#waiting, ...this.#inFlight].map((event) => event.runId));
    for (const barrier of this.#barriers.splice(0)) {
      const failure = this.#failures.get(barrier.runId);
      if (open.has(barrier.runId)) this.#barriers.push(barrier);
      else if (failure) barrier.done.reject(failure);
      else barrier.done.resolve();
    }
    if (this.#waiting.length < WAITING_MAX)
      for (const waiter of this.#roomWaiters.splice(0)) waiter.resolve();
  }
}
