import type { Usage } from '@automatos/contracts';
import { isConnectionLoss } from '@automatos/database';
import type { Database } from '@automatos/database';
import { PlatformError, newId, serializeError, toPlatformError } from '@automatos/kernel';
import type { Clock, JsonObject, Logger, Metrics, RunId, WorkspaceId } from '@automatos/kernel';
import { RunAbandoned, createActiveRun, never } from './active-run.ts';
import type { ActiveRun } from './active-run.ts';
import type { PreparedRun } from './admission/intake.ts';
import { saveArtifact } from './artifact-store.ts';
import { readJournal } from './engine.ts';
import type { EventWriter } from './event-writer.ts';
import { createJournal } from './journal.ts';
import type { Journal } from './journal.ts';
import { createRunContext } from './run-context.ts';
import type { TakePlace } from './run-context.ts';
import { createRunPlace } from './run-place.ts';
import type { RunPlace } from './run-place.ts';
import type { RunWaits } from './run-waits.ts';
import { beginExecution } from './run-store.ts';
import type { ExecutableRun } from './run-store.ts';
import type { Semaphore } from './semaphore.ts';
import { createStepCounter, taskType } from './run-metrics.ts';
import { createUsageMeter } from './usage-meter.ts';
import type { EmitEvent, RunContext, RunKind } from './types.ts';

interface Deps {
  database: Database;
  writer: EventWriter;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  kinds: Map<string, RunKind>;
  active: Map<string, ActiveRun>;
  slots: Semaphore;
  /** What the claim that begins this execution has read already; nothing for a run that was taken over. */
  prepared: (order: ExecutionOrder) => PreparedRun | undefined;
  /** A place of a limit got free. */
  onFree: () => void;
  waits: RunWaits;
  /** Cancels parts of a run that ended without them. */
  cancelOrphans: (parentRunId: string) => Promise<number>;
  takePlace: TakePlace;
}

const RETRY_MS = 250;

type Outcome = { status: 'completed'; outputs: JsonObject } | { status: 'failed'; error: unknown };

/** Which execution of which run the engine asks for. */
export interface ExecutionOrder {
  runId: string;
  workspaceId: string;
  /** Token under which the execution writes its journal. */
  token: string;
}

/**
 * Executes one run from its journal, called by the durable engine, again after each crash. Settles only when the run has
 * ended or was cancelled: after a shutdown it stays pending on purpose, so that the engine records nothing and the run is
 * recovered.
 */
export function createRunExecutor(deps: Deps): (order: ExecutionOrder) => Promise<void> {
  return async (order) => {
    const { runId } = order;
    const prepared = deps.prepared(order);
    let run = prepared?.run ?? null;
    const active = createActiveRun(runId, {
      clock: deps.clock,
      onParked: (parked) => place.park(parked),
    });
    const place = createRunPlace(deps, {
      runId,
      signal: active.signal,
      epoch: () => run?.epoch ?? 0,
      held: prepared?.release ?? null,
    });
    deps.active.set(runId, active);
    try {
      run ??= await takeUp(deps, order, { place, active });
      if (run) await executeBody(deps, executionOf(order, active, run), prepared !== undefined);
    } catch (error) {
      if (!(error instanceof RunAbandoned)) throw error;
    } finally {
      active.finish();
      place.leave();
      if (deps.active.get(runId) === active) deps.active.delete(runId);
    }
    if (active.stopReason === 'cancelled') {
      const labels = { task_type: taskType(run?.kind ?? 'other'), status: 'cancelled' };
      deps.metrics.count('amas_task_executions_total', labels);
    }
    // A cancelled workflow is ended by the engine; in the other cases nothing may be recorded for it here.
    if (active.stopReason === 'shutdown' || active.stopReason === 'lost') await never();
  };
}

/** Begins the execution of a run that was taken over, once there is a place; null when it has ended. */
async function takeUp(
  deps: Deps,
  { runId, workspaceId }: ExecutionOrder,
  { place, active }: { place: RunPlace; active: ActiveRun },
): Promise<ExecutableRun | null> {
  await Promise.race([place.take(), active.stopped]);
  return connected(deps, active, () => beginExecution(deps.database, runId, workspaceId));
}

/** Tries again while the database is away: a run must not fail because its worker could not read it. */
async function connected<T>(deps: Deps, active: ActiveRun, read: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await Promise.race([read(), active.stopped]);
    } catch (error) {
      if (!isConnectionLoss(error)) throw error;
      deps.logger.warn(
        { run_id: active.runId, error: String(error) },
        'database away, a run waits to be read',
      );
      await Promise.race([deps.clock.sleep(RETRY_MS), active.stopped]);
    }
  }
}

function executionOf(
  { runId, workspaceId }: ExecutionOrder,
  active: ActiveRun,
  run: ExecutableRun,
): Execution {
  if (run.hold) active.hold();
  return { runId: runId as RunId, workspaceId: workspaceId as WorkspaceId, active, run };
}

interface Execution {
  runId: RunId;
  workspaceId: WorkspaceId;
  active: ActiveRun;
  run: ExecutableRun;
}

/** `isFirst`: nothing can be in the journal yet. */
async function executeBody(deps: Deps, execution: Execution, isFirst: boolean): Promise<void> {
  const { runId, workspaceId, active, run } = execution;
  const source = { epoch: run.epoch, onStale: () => active.stop('lost') };
  const meter = createUsageMeter();
  const countStep = createStepCounter(deps.metrics);
  const emit = (event: EmitEvent) => {
    meter.see(event);
    countStep(event);
    deps.writer.emit({ workspaceId, runId, source }, event);
  };
  const labels = { task_type: taskType(run.kind) };
  const startedAt = run.startedAt ?? deps.clock.now();
  if (run.startedAt === null) {
    emit({ type: 'run.started', key: 'run:started', data: {} });
    const waitedMs = Math.max(0, startedAt - run.createdAt);
    deps.metrics.observe(
      'amas_task_queue_wait_seconds',
      { priority: run.priority },
      waitedMs / 1000,
    );
  } else {
    deps.logger.info({ run_id: runId }, 'run goes on after an interruption');
    // Each interruption is a fact of its own, not a replay of the start.
    emit({ type: 'run.started', key: `run:recovered:${newId()}`, data: { recovered: true } });
  }
  deps.metrics.set('amas_tasks_active', {}, deps.active.size);
  const recorded = isFirst
    ? []
    : await connected(deps, active, () => readJournal(deps.database, runId));
  const journal = createJournal(runId, recorded);
  const body = bodyOutcome(deps, execution, { journal, emit });
  const outcome = await Promise.race([body, active.stopped]);
  const durationMs = Math.max(0, deps.clock.now() - startedAt);
  emit(endEvent(outcome, durationMs, meter.total()));
  await deps.writer.flush(runId);
  // A newer execution has the word; whether the end was stored is its business.
  if (active.stopReason === 'lost') throw new RunAbandoned('lost');
  if (outcome.status === 'failed') {
    reportFailure(deps, execution, outcome.error);
    await deps.cancelOrphans(runId).catch((error: unknown) => {
      const fields = { run_id: runId, error: String(error) };
      deps.logger.warn(fields, 'parts of a failed run not cancelled yet, the sweep will');
    });
  }
  deps.metrics.count('amas_task_executions_total', { ...labels, status: outcome.status });
  deps.metrics.observe('amas_task_duration_seconds', labels, durationMs / 1000);
  deps.metrics.set('amas_tasks_active', {}, deps.active.size - 1);
}

function endEvent(outcome: Outcome, durationMs: number, usage: Usage): EmitEvent {
  const data = { duration_ms: durationMs, usage };
  if (outcome.status === 'completed')
    return {
      type: 'run.completed',
      key: 'run:ended',
      data,
      attachment: { outputs: outcome.outputs },
    };
  const { code, kind, message, errors, retryable, details } = serializeError(outcome.error);
  const outputs = details?.['outputs'];
  return {
    type: 'run.failed',
    key: 'run:ended',
    data: { ...data, error: { code, kind, message, retryable, ...(errors ? { errors } : {}) } },
    ...(outputs === undefined ? {} : { attachment: { outputs: outputs as JsonObject } }),
  };
}

function reportFailure(deps: Deps, { runId, run }: Execution, thrown: unknown): void {
  const error = toPlatformError(thrown);
  const level = error.kind === 'internal' ? 'error' : 'info';
  const stack = (error.cause as Error | undefined)?.stack;
  deps.logger[level](
    {
      run_id: runId,
      code: error.code,
      error: error.internalMessage ?? error.message,
      ...(stack ? { stack } : {}),
    },
    'run failed',
  );
  deps.metrics.count('amas_task_errors_total', {
    task_type: taskType(run.kind),
    error_type: error.kind,
  });
}

async function bodyOutcome(
  deps: Deps,
  { runId, workspaceId, active, run }: Execution,
  { journal, emit }: { journal: Journal; emit: RunContext['emit'] },
): Promise<Outcome> {
  const kind = deps.kinds.get(run.kind);
  if (!kind)
    return {
      status: 'failed',
      error: new PlatformError({
        code: 'runs.kind.unknown',
        kind: 'unavailable',
        message: `This server does not know how to execute runs of kind "${run.kind}".`,
      }),
    };
  const context = createRunContext({
    journal,
    clock: deps.clock,
    runId,
    workspaceId,
    plan: run.plan,
    inputs: run.inputs,
    reused: run.reused,
    reusedFrom: run.reusedFrom,
    dryRun: run.dryRun,
    epoch: run.epoch,
    waits: deps.waits,
    takePlace: deps.takePlace,
    active,
    emit,
    ready: deps.writer.ready,
    saveArtifact: (artifact) =>
      deps.database.workspace(workspaceId, (tx) =>
        saveArtifact(
          tx,
          { workspaceId, runId, at: new Date(deps.clock.now()).toISOString() },
          artifact,
        ),
      ),
  });
  try {
    return { status: 'completed', outputs: await kind.execute(context) };
  } catch (error) {
    return { status: 'failed', error };
  }
}
