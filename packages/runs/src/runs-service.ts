import type { Database, Tx } from '@automatos/database';
import { isUuid, noMetrics, notFound, systemClock } from '@automatos/kernel';
import type { Clock, Logger, Metrics, WorkspaceId } from '@automatos/kernel';
import { createLimits } from './admission/limits.ts';
import { createPlaces } from './admission/places.ts';
import { createStarter } from './admission/start-runs.ts';
import { createControlSide } from './control-side.ts';
import type { ControlSide } from './control-side.ts';
import { createEventBus } from './event-bus.ts';
import type { EventBus } from './event-bus.ts';
import { readEvents } from './event-store.ts';
import { createEventWriter } from './event-writer.ts';
import { projectFindings } from './findings-projection.ts';
import { followEvents } from './follow-events.ts';
import { createInvariants } from './invariants.ts';
import { createRunReads } from './run-reads.ts';
import type { RunReads } from './run-reads.ts';
import { listRuns } from './run-list.ts';
import { findPlan, findRun, listSteps } from './run-store.ts';
import { createRunWorker } from './run-worker.ts';
import type { RunWorker, WorkerOptions } from './run-worker.ts';
import type { EventProjection, RunKind, Runs } from './types.ts';
import { createWorkspaceEvents } from './workspace-events.ts';
import type { NewWorkspaceEvent } from './workspace-events.ts';
import { createWorkspaceWatch } from './workspace-watch.ts';

export interface RunsOptions extends WorkerOptions {
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
  /** Runs of a workspace at once, over all processes, where it sets no limit itself. Default 50. */
  workspaceMax?: number;
}

export interface RunsRoom extends Runs, RunReads {
  /** Stores an event of the workspace that belongs to no run, in the transaction of the change it tells of. */
  appendWorkspaceEvent(tx: Tx, workspaceId: WorkspaceId, event: NewWorkspaceEvent): Promise<void>;
  /** Runs that this process is executing. */
  activeCount(): number;
  /** Takes a place among the executors, recovers what it left and starts working. Register all kinds before. */
  launch(): Promise<void>;
  /** Stops taking work, lets calls under way end within `drainMs`, and leaves the rest to other processes or the next start. */
  stop(): Promise<void>;
}

/** The runs room: the durable engine behind {@link Runs}. One per process. */
export function createRuns(options: RunsOptions): RunsRoom {
  const { database, logger } = options;
  const clock = options.clock ?? systemClock;
  const shared = { database, clock, logger };
  const projections = [projectFindings, ...(options.projections ?? [])];
  const bus = createEventBus({ database, logger });
  const writer = createEventWriter({ database, bus, clock, logger, projections });
  const kinds = new Map<string, RunKind>();
  const places = createPlaces(shared);
  const workspaceMax = options.workspaceMax ?? 50;
  const control = createControlSide({
    ...shared,
    bus,
    projections,
    flush: writer.flush,
    apply: (action, runId) => worker.apply(action, runId),
    start: (workspaceId, request) => starter.start(workspaceId, request),
  });
  const worker = createRunWorker({
    ...shared,
    writer,
    metrics: options.metrics ?? noMetrics,
    kinds,
    waits: control.waits,
    cancelOrphans: control.cancelOrphans,
    places,
    activeMax: options.activeMax ?? 50,
    workspaceMax,
    options,
  });
  const starter = createStarter({ database, clock, worker });
  const limits = createLimits({
    database,
    workspaceMax,
    onChange: (workspaceId) => {
      places.forget(workspaceId);
      worker.poke();
    },
  });
  const workspaceEvents = createWorkspaceEvents({ database, bus, clock, projections });

  return {
    registerKind: (kind) => void kinds.set(kind.kind, kind),
    ...createLife({ bus, workspaceEvents, worker, control, logger, works: options.worker ?? true }),
    ...starter,
    ...limits,
    ...createInvariants({ database }),
    list: (workspaceId, filter) =>
      database.workspaceReads(workspaceId, (tx) => listRuns(tx, filter)),
    ...createRunViews({ database, clock, bus }),
    watchWorkspace: createWorkspaceWatch({ database, bus, logger }),
    activeCount: worker.activeCount,
    appendWorkspaceEvent: workspaceEvents.append,
    ...control.steering,
    ...createRunReads({ database }),
  };
}

/** Starts and stops the parts in their order. */
function createLife(parts: {
  bus: EventBus;
  workspaceEvents: ReturnType<typeof createWorkspaceEvents>;
  worker: RunWorker;
  control: ControlSide;
  logger: Logger;
  works: boolean;
}): Pick<RunsRoom, 'launch' | 'stop'> {
  const { bus, workspaceEvents, worker, control, logger } = parts;
  let stopListening: () => Promise<void> = () => Promise.resolve();
  return {
    async launch() {
      await bus.start();
      stopListening = await workspaceEvents.listen((error) =>
        logger.warn({ error: String(error) }, 'workspace event not delivered live'),
      );
      if (parts.works) await worker.launch();
    },
    async stop() {
      await worker.stop();
      control.stop();
      await stopListening();
      await bus.stop();
    },
  };
}

/** What is read of one run; each answers `run.item.not_found` for a run of another workspace. */
function createRunViews(deps: {
  database: Database;
  clock: Clock;
  bus: EventBus;
}): Pick<Runs, 'get' | 'plan' | 'steps' | 'events' | 'follow'> {
  const { database } = deps;
  async function get(workspaceId: WorkspaceId, runId: string) {
    const run = isUuid(runId)
      ? await database.workspaceReads(workspaceId, (tx) => findRun(tx, runId))
      : null;
    if (!run) throw notFound('run', runId);
    return run;
  }
  return {
    get,
    async plan(workspaceId, runId) {
      const found = isUuid(runId)
        ? await database.workspaceReads(workspaceId, (tx) => findPlan(tx, runId))
        : null;
      if (!found) throw notFound('run', runId);
      return found;
    },
    async steps(workspaceId, runId) {
      await get(workspaceId, runId);
      return database.workspaceReads(workspaceId, (tx) => listSteps(tx, runId));
    },
    async events(workspaceId, runId, page) {
      await get(workspaceId, runId);
      return database.workspaceReads(workspaceId, (tx) => readEvents(tx, runId, page));
    },
    async *follow(workspaceId, runId, { after, signal }) {
      await get(workspaceId, runId);
      yield* followEvents({
        ...deps,
        runId,
        after,
        signal,
        read: (page) => database.workspaceReads(workspaceId, (tx) => readEvents(tx, runId, page)),
      });
    },
  };
}
