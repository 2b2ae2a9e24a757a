import { createOutboxDispatcher, enqueueOutbox, markDispatched } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import { PlatformError, isUuid, newId, notFound, noMetrics, systemClock } from '@automatos/kernel';
import type { Clock, Logger, Metrics, RunId, WorkspaceId } from '@automatos/kernel';
import { contentHash } from '@automatos/kernel/hash';
import type { ActiveRun } from './active-run.ts';
import { createEngine } from './engine.ts';
import type { Engine } from './engine.ts';
import { createEventBus } from './event-bus.ts';
import { readEvents } from './event-store.ts';
import { createEventWriter } from './event-writer.ts';
import { acquireExecutorSlot } from './executor-slot.ts';
import type { ExecutorSlot } from './executor-slot.ts';
import { projectFindings } from './findings-projection.ts';
import { followEvents } from './follow-events.ts';
import { createRecoverySweep } from './recovery-sweep.ts';
import { CONTROL_CHANNEL, createRunControl } from './run-control.ts';
import type { ControlAction } from './run-control.ts';
import { createRunExecutor } from './run-executor.ts';
import { findByIdempotencyKey, findRun, insertRun, listRuns, listSteps } from './run-store.ts';
import { createRunReads } from './run-reads.ts';
import type { RunReads } from './run-reads.ts';
import { createSemaphore } from './semaphore.ts';
import type { EventProjection, RunKind, Runs, StartRun } from './types.ts';
import { createWorkspaceEvents } from './workspace-events.ts';
import type { NewWorkspaceEvent } from './workspace-events.ts';
import { createWorkspaceWatch } from './workspace-watch.ts';

export interface RunsOptions {
  database: Database;
  logger: Logger;
  clock?: Clock;
  metrics?: Metrics;
  /** Projections of rooms to the right, e.g. the usage table. */
  projections?: EventProjection[];
  /** Whether this process executes runs; without it, it only starts and watches them. Default true. */
  worker?: boolean;
  /** Bodies at once in this process; more wait as `queued`. Default 50. */
  activeMax?: number;
}

export interface RunsRoom extends Runs, RunReads {
  /** Stores an event of the workspace that belongs to no run, in the transaction of the change it tells of. */
  appendWorkspaceEvent(tx: Tx, workspaceId: WorkspaceId, event: NewWorkspaceEvent): Promise<void>;
  /** Runs that this process is executing. */
  activeCount(): number;
  /** Takes a place among the executors, recovers what it left and starts working. Register all kinds before. */
  launch(): Promise<void>;
  /** Stops taking work; what is under way is left to the next start. */
  stop(): Promise<void>;
}

const START_TOPIC = 'run.start';
/** Head start of the process that accepted a run over the outbox's dispatchers. */
const OWN_START_MS = 3_000;

/** The runs room: the durable engine behind {@link Runs}. One per process. */
export function createRuns(options: RunsOptions): RunsRoom {
  const { database, logger } = options;
  const clock = options.clock ?? systemClock;
  const metrics = options.metrics ?? noMetrics;
  const projections = [projectFindings, ...(options.projections ?? [])];
  const bus = createEventBus({ database, logger });
  const workspaceEvents = createWorkspaceEvents({ database, bus, clock });
  const writer = createEventWriter({ database, bus, clock, logger, projections });
  const kinds = new Map<string, RunKind>();
  const active = new Map<string, ActiveRun>();
  const worker = options.worker ?? true;
  let engine: Engine | null = null;
  let slot: ExecutorSlot | null = null;
  let sweep: ReturnType<typeof createRecoverySweep> | null = null;
  const stopListening: (() => Promise<void>)[] = [];

  const dispatcher = createOutboxDispatcher({
    database,
    logger,
    clock,
    // Starting a workflow takes milliseconds: an order that a crash left claimed must not wait longer than a sweep.
    options: { claimMs: 5_000, sweepMs: 2_000 },
    handlers: {
      [START_TOPIC]: async (entry) => {
        if (!engine) throw new PlatformError({ code: 'runs.engine.not_running', kind: 'unavailable', message: 'This process does not execute runs.' });
        await engine.start(entry.key, entry.workspaceId);
      },
    },
  });

  function apply(action: ControlAction, runId: string): void {
    const run = active.get(runId);
    if (action === 'hold') run?.hold();
    if (action === 'release') run?.release();
    if (action !== 'cancel') return;
    run?.stop('cancelled');
    engine?.cancel(runId).catch((error: unknown) => logger.warn({ run_id: runId, error: String(error) }, 'workflow of a cancelled run not ended yet, the sweep will'));
  }
  const control = createRunControl({ database, bus, clock, projections, flush: writer.flush, apply });
  const read = createRunReads({ database });

  async function get(workspaceId: WorkspaceId, runId: string) {
    const run = isUuid(runId) ? await database.workspace(workspaceId, (tx) => findRun(tx, runId)) : null;
    if (!run) throw notFound('run', runId);
    return run;
  }

  /** Starts at once what this process accepted; the order in the outbox is for the case that it does not get that far. */
  function startHere(workspaceId: WorkspaceId, runId: string): void {
    if (!engine) return;
    engine
      .start(runId, workspaceId)
      .then(() => markDispatched(database, { workspaceId, topic: START_TOPIC, key: runId }))
      .catch((error: unknown) => logger.warn({ run_id: runId, error: String(error) }, 'run not started directly, the outbox will'));
  }

  async function start(workspaceId: WorkspaceId, request: StartRun) {
    const runId = newId<'run'>(clock.now());
    const at = new Date(clock.now()).toISOString();
    const run = await database.workspace(workspaceId, async (tx) => {
      const inserted = await insertRun(tx, { workspaceId, runId, at }, request);
      if (inserted) {
        await enqueueOutbox(tx, { workspaceId, topic: START_TOPIC, key: runId, payload: {}, ...(engine ? { delayMs: OWN_START_MS } : {}) });
        return inserted;
      }
      const earlier = await findByIdempotencyKey(tx, request.idempotencyKey ?? '');
      if (!earlier || contentHash(earlier.inputs) !== contentHash(request.inputs)) {
        throw new PlatformError({ code: 'runs.idempotency_key.reused', kind: 'conflict', message: 'This Idempotency-Key was used for a run with other inputs; use a new key.' });
      }
      return earlier.run;
    });
    if (run.id === runId) startHere(workspaceId, runId);
    return run;
  }

  async function launch(): Promise<void> {
    await bus.start();
    stopListening.push(await workspaceEvents.listen((error) => logger.warn({ error: String(error) }, 'workspace event not delivered live')));
    if (!worker) return;
    const execute = createRunExecutor({ database, writer, clock, logger, metrics, kinds, active, slots: createSemaphore(options.activeMax ?? 50) });
    const stopAll = () => [...active.values()].forEach((run) => run.stop('shutdown'));
    slot = await acquireExecutorSlot({ database, clock, logger, onLost: stopAll });
    engine = createEngine({ database, executorId: slot.executorId, logger, execute });
    await engine.launch();
    if (database.capabilities.multiProcess) {
      const onControl = (payload: string) => {
        const [action = '', runId = ''] = payload.split(':');
        apply(action as ControlAction, runId);
      };
      stopListening.push(await database.listen(CONTROL_CHANNEL, onControl));
    }
    sweep = createRecoverySweep({ database, engine, slot, writer, clock, logger, metrics });
    sweep.start();
    await dispatcher.start();
  }

  async function stop(): Promise<void> {
    if (engine) {
      await dispatcher.stop();
      await sweep?.stop();
      for (const run of active.values()) run.stop('shutdown');
      await writer.stop();
      await engine.shutdown();
      await slot?.release();
    }
    for (const end of stopListening.splice(0)) await end();
    await bus.stop();
  }

  return {
    registerKind: (kind) => void kinds.set(kind.kind, kind),
    launch,
    stop,
    start,
    get,
    list: (workspaceId, filter) => database.workspace(workspaceId, (tx) => listRuns(tx, filter)),
    async steps(workspaceId, runId) {
      await get(workspaceId, runId);
      return database.workspace(workspaceId, (tx) => listSteps(tx, runId));
    },
    async events(workspaceId, runId, page) {
      await get(workspaceId, runId);
      return database.workspace(workspaceId, (tx) => readEvents(tx, runId, page));
    },
    async *follow(workspaceId, runId, { after, signal }) {
      await get(workspaceId, runId);
      yield* followEvents({ runId, after, signal, bus, clock, read: (page) => database.workspace(workspaceId, (tx) => readEvents(tx, runId, page)) });
    },
    watchWorkspace: createWorkspaceWatch({ database, bus, logger }),
    activeCount: () => active.size,
    appendWorkspaceEvent: workspaceEvents.append,
    ...control,
    ...read,
  };
}
