import { createOutboxDispatcher, markDispatched } from '@automatos/database';
import type { Database } from '@automatos/database';
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
  const { database, writer, clock, logger, metrics } = deps;
  const active = new Map<string, ActiveRun>();
  let engine: Engine | null = null;
  let slot: ExecutorSlot | null = null;
  let sweep: ReturnType<typeof createRecoverySweep> | null = null;
  let stopListening: (() => Promise<void>) | null = null;
  const stopAll = () => [...active.values()].forEach((run) => run.stop('shutdown'));

  async function startRun(entry: { key: string; workspaceId: WorkspaceId }): Promise<void> {
    if (!engine)
      throw new PlatformError({
        code: 'runs.engine.not_running',
        kind: 'unavailable',
        message: 'This process does not execute runs.',
      });
    await engine.start(entry.key, entry.workspaceId);
  }
  // Starting a workflow takes milliseconds: an order that a crash left claimed must not wait longer than a sweep.
  const dispatcher = createOutboxDispatcher({
    database,
    logger,
    clock,
    options: { claimMs: 5_000, sweepMs: 2_000 },
    handlers: { [START_TOPIC]: startRun },
  });

  function apply(action: ControlAction, runId: string): void {
    const run = active.get(runId);
    if (action === 'hold') run?.hold();
    if (action === 'release') run?.release();
    if (action !== 'cancel') return;
    run?.stop('cancelled');
    engine
      ?.cancel(runId)
      .catch((error: unknown) =>
        logger.warn(
          { run_id: runId, error: String(error) },
          'workflow of a cancelled run not ended yet, the sweep will',
        ),
      );
  }

  return {
    async launch() {
      const execute = createRunExecutor({
        ...deps,
        active,
        slots: createSemaphore(deps.activeMax),
      });
      slot = await acquireExecutorSlot({ database, clock, logger, onLost: stopAll });
      engine = createEngine({ database, executorId: slot.executorId, logger, execute });
      await engine.launch();
      if (database.capabilities.multiProcess) {
        stopListening = await database.listen(CONTROL_CHANNEL, (payload) => {
          const [action = '', runId = ''] = payload.split(':');
          apply(action as ControlAction, runId);
        });
      }
      sweep = createRecoverySweep({ database, engine, slot, writer, clock, logger, metrics });
      sweep.start();
      await dispatcher.start();
    },
    async stop() {
      if (!engine) return;
      await dispatcher.stop();
      await sweep?.stop();
      await stopListening?.();
      stopAll();
      await writer.stop();
      await engine.shutdown();
      engine = null;
      await slot?.release();
    },
    isWorking: () => engine !== null,
    startHere(workspaceId, runId) {
      startRun({ key: runId, workspaceId })
        .then(() => markDispatched(database, { workspaceId, topic: START_TOPIC, key: runId }))
        .catch((error: unknown) =>
          logger.warn(
            { run_id: runId, error: String(error) },
            'run not started directly, the outbox will',
          ),
        );
    },
    apply,
    activeCount: () => active.size,
  };
}
