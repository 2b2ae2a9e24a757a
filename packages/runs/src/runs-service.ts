import { enqueueOutbox } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import { PlatformError, isUuid, newId, noMetrics, notFound, systemClock } from '@automatos/kernel';
import type { Clock, Logger, Metrics, WorkspaceId } from '@automatos/kernel';
import { contentHash } from '@automatos/kernel/hash';
import { createEventBus } from './event-bus.ts';
import { readEvents } from './event-store.ts';
import { createEventWriter } from './event-writer.ts';
import { projectFindings } from './findings-projection.ts';
import { followEvents } from './follow-events.ts';
import { createRunControl } from './run-control.ts';
import { createRunReads } from './run-reads.ts';
import type { RunReads } from './run-reads.ts';
import { findByIdempotencyKey, findRun, insertRun, listRuns, listSteps } from './run-store.ts';
import { START_TOPIC, createRunWorker } from './run-worker.ts';
import type { RunWorker } from './run-worker.ts';
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

/** Head start of the process that accepted a run over the outbox's dispatchers. */
const OWN_START_MS = 3_000;

/** The runs room: the durable engine behind {@link Runs}. One per process. */
export function createRuns(options: RunsOptions): RunsRoom {
  const { database, logger } = options;
  const clock = options.clock ?? systemClock;
  const projections = [projectFindings, ...(options.projections ?? [])];
  const bus = createEventBus({ database, logger });
  const writer = createEventWriter({ database, bus, clock, logger, projections });
  const kinds = new Map<string, RunKind>();
  const worker = createRunWorker({
    database,
    writer,
    clock,
    logger,
    metrics: options.metrics ?? noMetrics,
    kinds,
    activeMax: options.activeMax ?? 50,
  });
  const workspaceEvents = createWorkspaceEvents({ database, bus, clock });
  let stopListening: () => Promise<void> = () => Promise.resolve();

  return {
    registerKind: (kind) => void kinds.set(kind.kind, kind),
    async launch() {
      await bus.start();
      stopListening = await workspaceEvents.listen((error) =>
        logger.warn({ error: String(error) }, 'workspace event not delivered live'),
      );
      if (options.worker ?? true) await worker.launch();
    },
    async stop() {
      await worker.stop();
      await stopListening();
      await bus.stop();
    },
    start: (workspaceId, request) => start({ database, clock, worker }, workspaceId, request),
    list: (workspaceId, filter) => database.workspace(workspaceId, (tx) => listRuns(tx, filter)),
    ...createRunViews({ database, clock, bus }),
    watchWorkspace: createWorkspaceWatch({ database, bus, logger }),
    activeCount: worker.activeCount,
    appendWorkspaceEvent: workspaceEvents.append,
    ...createRunControl({
      database,
      bus,
      clock,
      projections,
      flush: writer.flush,
      apply: worker.apply,
    }),
    ...createRunReads({ database }),
  };
}

/** What is read of one run; each answers `run.item.not_found` for a run of another workspace. */
function createRunViews(deps: {
  database: Database;
  clock: Clock;
  bus: ReturnType<typeof createEventBus>;
}): Pick<Runs, 'get' | 'steps' | 'events' | 'follow'> {
  const { database } = deps;
  async function get(workspaceId: WorkspaceId, runId: string) {
    const run = isUuid(runId)
      ? await database.workspace(workspaceId, (tx) => findRun(tx, runId))
      : null;
    if (!run) throw notFound('run', runId);
    return run;
  }
  return {
    get,
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
      yield* followEvents({
        ...deps,
        runId,
        after,
        signal,
        read: (page) => database.workspace(workspaceId, (tx) => readEvents(tx, runId, page)),
      });
    },
  };
}

/** Stores run, steps, first event and the order to execute in one transaction. */
async function start(
  deps: { database: Database; clock: Clock; worker: RunWorker },
  workspaceId: WorkspaceId,
  request: StartRun,
) {
  const runId = newId<'run'>(deps.clock.now());
  const at = new Date(deps.clock.now()).toISOString();
  const isOwn = deps.worker.isWorking();
  const run = await deps.database.workspace(workspaceId, async (tx) => {
    const inserted = await insertRun(tx, { workspaceId, runId, at }, request);
    if (inserted) {
      await enqueueOutbox(tx, {
        workspaceId,
        topic: START_TOPIC,
        key: runId,
        payload: {},
        ...(isOwn ? { delayMs: OWN_START_MS } : {}),
      });
      return inserted;
    }
    const earlier = await findByIdempotencyKey(tx, request.idempotencyKey ?? '');
    if (earlier && contentHash(earlier.inputs) === contentHash(request.inputs)) return earlier.run;
    throw new PlatformError({
      code: 'runs.idempotency_key.reused',
      kind: 'conflict',
      message: 'This Idempotency-Key was used for a run with other inputs; use a new key.',
    });
  });
  if (isOwn && run.id === runId) deps.worker.startHere(workspaceId, runId);
  return run;
}
