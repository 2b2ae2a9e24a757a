import { createOutboxDispatcher, markDispatched } from '@automatos/database';
import type { Database, OutboxDispatcher } from '@automatos/database';
import { PlatformError } from '@automatos/kernel';
import type { Clock, Logger, Metrics, WorkspaceId } from '@automatos/kernel';
import type { ActiveRun } from './active-run.ts';
import { createEngine } from './engine.ts';
import type { Engine } from './engine.ts';
import type { EventWriter } from './event-writer.ts';
import { acquireExecutorSlot } from './executor-slot.ts';
import type { ExecutorSlot } from './executor-slot.ts';
import { createRecoverySweep } from './recovery-sweep.ts';
import { CONTROL_CHANNEL } from './run-control.ts';
import type { ControlAction } from './run-control.ts';
import { createRunExecutor } from './run-executor.ts';
import { createSemaphore } from './semaphore.ts';
import type { RunKind } from './types.ts';

export const START_TOPIC = 'run.start';

interface Deps {
  database: Database;
  writer: EventWriter;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  kinds: Map<string, RunKind>;
  activeMax: number;
}

/** The part of the room that executes runs: a place among the executors, the engine, the outbox and the sweep. */
export interface RunWorker {
  launch(): Promise<void>;
  stop(): Promise<void>;
  /** True between launch and stop. */
  isWorking(): boolean;
  /** Starts at once what this process accepted; the order in the outbox is for the case that it does not get that far. */
  startHere(workspaceId: WorkspaceId, runId: string): void;
  /** Applies a decision to a run that this process executes. */
  apply(action: ControlAction, runId: string): void;
  activeCount(): number;
}

export function createRunWorker(deps: Deps): RunWorker {
  const worker = new Worker(deps);
  return {
    launch: () => worker.launch(),
    stop: () => worker.stop(),
    isWorking: () => worker.isWorking,
    startHere: (workspaceId, runId) => worker.startHere(workspaceId, runId),
    apply: (action, runId) => worker.apply(action, runId),
    activeCount: () => worker.active.size,
  };
}

class Worker {
  readonly active = new Map<string, ActiveRun>();
  readonly #deps: Deps;
  readonly #dispatcher: OutboxDispatcher;
  #engine: Engine | null = null;
  #slot: ExecutorSlot | null = null;
  #sweep: ReturnType<typeof createRecoverySweep> | null = null;
  #stopListening: (() => Promise<void>) | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#dispatcher = createOutboxDispatcher({
      ...deps,
      // Starting a workflow takes milliseconds: an order that a crash left claimed must not wait longer than a sweep.
      options: { claimMs: 5_000, sweepMs: 2_000 },
      handlers: { [START_TOPIC]: (entry) => this.#startRun(entry.workspaceId, entry.key) },
    });
  }

  get isWorking(): boolean {
    return this.#engine !== null;
  }

  async launch(): Promise<void> {
    const { database, activeMax } = this.#deps;
    const slots = createSemaphore(activeMax);
    const execute = createRunExecutor({ ...this.#deps, active: this.active, slots });
    const slot = await acquireExecutorSlot({ ...this.#deps, onLost: () => this.#stopAll() });
    const engine = createEngine({ ...this.#deps, executorId: slot.executorId, execute });
    this.#slot = slot;
    await engine.launch();
    this.#engine = engine;
    if (database.capabilities.multiProcess) {
      this.#stopListening = await database.listen(CONTROL_CHANNEL, (payload) => {
        const [action = '', runId = ''] = payload.split(':');
        this.apply(action as ControlAction, runId);
      });
    }
    this.#sweep = createRecoverySweep({ ...this.#deps, engine, slot });
    this.#sweep.start();
    await this.#dispatcher.start();
  }

  async stop(): Promise<void> {
    if (!this.#engine) return;
    await this.#dispatcher.stop();
    await this.#sweep?.stop();
    await this.#stopListening?.();
    this.#stopAll();
    await this.#deps.writer.stop();
    await this.#engine.shutdown();
    this.#engine = null;
    await this.#slot?.release();
  }

  startHere(workspaceId: WorkspaceId, runId: string): void {
    const { database, logger } = this.#deps;
    this.#startRun(workspaceId, runId)
      .then(() => markDispatched(database, { workspaceId, topic: START_TOPIC, key: runId }))
      .catch((error: unknown) =>
        logger.warn(
          { run_id: runId, error: String(error) },
          'run not started directly, the outbox will',
        ),
      );
  }

  apply(action: ControlAction, runId: string): void {
    const run = this.active.get(runId);
    if (action === 'hold') run?.hold();
    if (action === 'release') run?.release();
    if (action !== 'cancel') return;
    run?.stop('cancelled');
    this.#engine?.cancel(runId).catch((error: unknown) => {
      const fields = { run_id: runId, error: String(error) };
      this.#deps.logger.warn(fields, 'workflow of a cancelled run not ended yet, the sweep will');
    });
  }

  async #startRun(workspaceId: WorkspaceId, runId: string): Promise<void> {
    if (!this.#engine) {
      const message = 'This process does not execute runs.';
      throw new PlatformError({ code: 'runs.engine.not_running', kind: 'unavailable', message });
    }
    await this.#engine.start(runId, workspaceId);
  }

  #stopAll(): void {
    for (const run of this.active.values()) run.stop('shutdown');
  }
}
