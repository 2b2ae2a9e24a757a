import type { Usage } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { PlatformError, newId, serializeError, toPlatformError } from '@automatos/kernel';
import type { Clock, JsonObject, Logger, Metrics, RunId, WorkspaceId } from '@automatos/kernel';
import { RunAbandoned, createActiveRun, never } from './active-run.ts';
import type { ActiveRun } from './active-run.ts';
import { saveArtifact } from './artifact-store.ts';
import { readJournal } from './engine.ts';
import type { EventWriter } from './event-writer.ts';
import { createJournal } from './journal.ts';
import { createRunContext } from './run-context.ts';
import { isTerminal } from './run-state.ts';
import { readExecutable } from './run-store.ts';
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
}

type Outcome = { status: 'completed'; outputs: JsonObject } | { status: 'failed'; error: unknown };

/**
 * Executes one run from its journal, called by the durable engine, again after each crash. Settles only when the run has
 * ended or was cancelled: after a shutdown it stays pending on purpose, so that the engine records nothing and the run is
 * recovered.
 */
export function createRunExecutor(
  deps: Deps,
): (runId: string, workspaceId: string) => Promise<void> {
  return async (runId, workspaceId) => {
    const scope = { runId: runId as RunId, workspaceId: workspaceId as WorkspaceId };
    const active = createActiveRun(runId);
    deps.active.set(runId, active);
    let kind = 'other';
    try {
      const release = await Promise.race([deps.slots.acquire(active.signal), active.stopped]);
      try {
        const run = await readExecutable(deps.database, runId, workspaceId);
        if (!run || isTerminal(run.status)) return;
        kind = run.kind;
        if (run.hold) active.hold();
        await executeBody(deps, { ...scope, active, run });
      } finally {
        release();
      }
    } catch (error) {
      if (!(error instanceof RunAbandoned)) throw error;
    } finally {
      active.finish();
      if (deps.active.get(runId) === active) deps.active.delete(runId);
    }
    if (active.stopReason === 'cancelled') {
      const labels = { task_type: taskType(kind), status: 'cancelled' };
      deps.metrics.count('amas_task_executions_total', labels);
    }
    // A cancelled workflow is ended by the engine; in the other cases nothing may be recorded for it here.
    if (active.stopReason === 'shutdown' || active.stopReason === 'lost') await never();
  };
}

interface Execution {
  runId: RunId;
  workspaceId: WorkspaceId;
  active: ActiveRun;
  run: ExecutableRun;
}

async function executeBody(deps: Deps, execution: Execution): Promise<void> {
  const { runId, workspaceId, active, run } = execution;
  const meter = createUsageMeter();
  const countStep = createStepCounter(deps.metrics);
  const emit = (event: EmitEvent) => {
    meter.see(event);
    countStep(event);
    deps.writer.emit({ workspaceId, runId }, event);
  };
  const labels = { task_type: taskType(run.kind) };
  const startedAt = run.startedAt ?? deps.clock.now();
  if (run.startedAt === null) {
    emit({ type: 'run.started', key: 'run:started', data: {} });
    const waitedMs = Math.max(0, startedAt - run.createdAt);
    deps.metrics.observe('amas_task_queue_wait_seconds', { priority: 'normal' }, waitedMs / 1000);
  } else {
    deps.logger.info({ run_id: runId }, 'run goes on after an interruption');
    // Each interruption is a fact of its own, not a replay of the start.
    emit({ type: 'run.started', key: `run:recovered:${newId()}`, data: { recovered: true } });
  }
  deps.metrics.set('amas_tasks_active', {}, deps.active.size);
  const outcome = await Promise.race([bodyOutcome(deps, execution, emit), active.stopped]);
  const durationMs = Math.max(0, deps.clock.now() - startedAt);
  emit(endEvent(outcome, durationMs, meter.total()));
  await deps.writer.flush(runId);
  if (outcome.status === 'failed') reportFailure(deps, execution, outcome.error);
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
  const { code, kind, message, errors, retryable } = serializeError(outcome.error);
  return {
    type: 'run.failed',
    key: 'run:ended',
    data: { ...data, error: { code, kind, message, retryable, ...(errors ? { errors } : {}) } },
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
  emit: RunContext['emit'],
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
  const journal = createJournal(runId, await readJournal(deps.database, runId));
  const context = createRunContext({
    journal,
    clock: deps.clock,
    runId,
    workspaceId,
    plan: run.plan,
    inputs: run.inputs,
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
