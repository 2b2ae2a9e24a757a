import { NO_USAGE } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { deferred, newId } from '@automatos/kernel';
import type { Clock, Logger, Metrics, WorkspaceId } from '@automatos/kernel';
import type { ActiveRun } from './active-run.ts';
import type { Intake } from './admission/intake.ts';
import {
  OPEN_WORKFLOW,
  OWNED,
  RUN_OF_WORKFLOW,
  findOrphans,
  takeOver,
} from './admission/take-over.ts';
import type { Engine } from './engine.ts';
import type { EventWriter } from './event-writer.ts';
import type { ExecutorLease } from './executor-lease.ts';
import { reportGauges } from './run-metrics.ts';

interface Deps {
  database: Database;
  engine: Engine;
  lease: ExecutorLease;
  intake: Intake;
  /** Runs that this process executes. */
  active: ReadonlyMap<string, ActiveRun>;
  journalVersion: string;
  /** Cancels parts whose run has ended without them. */
  cancelOrphans: () => Promise<number>;
  writer: EventWriter;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}

/** Never-ending sweep: no unfinished run may be without an owner or a wake-up. */
export interface RecoverySweep {
  start(): void;
  /** Looks now instead of at the next turn. */
  hurry(): void;
  stop(): Promise<void>;
}

const EVERY_MS = 3_000;
/** What is newer than this may still be on its way. */
const SETTLE_MS = 10_000;
const TAKE_MAX = 100;

export function createRecoverySweep(deps: Deps): RecoverySweep {
  const stop = new AbortController();
  const recovery = createRecovery(deps);
  let hurry = deferred<void>();
  let running: Promise<void> = Promise.resolve();

  async function turn(): Promise<void> {
    await recovery.takeOverDead();
    deps.intake.poke();
    await settleAstray(deps);
    await deps.cancelOrphans();
    await freePlaces(deps.database);
    await reportGauges(deps.database, deps.metrics);
  }
  async function pause(): Promise<void> {
    const timer = new AbortController();
    const either = AbortSignal.any([timer.signal, stop.signal]);
    await Promise.race([hurry.promise, deps.clock.sleep(EVERY_MS, either).catch(() => undefined)]);
    timer.abort();
    hurry = deferred();
  }
  async function loop(): Promise<void> {
    while (!stop.signal.aborted) {
      await turn().catch((error: unknown) =>
        deps.logger.warn({ error: String(error) }, 'recovery sweep failed, trying again'),
      );
      await pause();
    }
  }
  return {
    start() {
      running = loop();
    },
    hurry: () => hurry.resolve(),
    async stop() {
      stop.abort();
      await running;
    },
  };
}

function createRecovery(deps: Deps) {
  const { database, engine, lease, logger, journalVersion } = deps;
  /** Own workflows that were unknown at the last look: ending or beginning ones are so for a moment. */
  let suspects = new Set<string>();

  async function takeBatch(): Promise<number> {
    const { owner } = lease;
    const found = await findOrphans(database, {
      owner,
      known: [...deps.active.keys()],
      versions: [journalVersion],
      limit: TAKE_MAX,
    });
    const orphans = found.filter((run) => run.owner !== owner || suspects.has(run.runId));
    suspects = new Set(found.filter((run) => run.owner === owner).map((run) => run.runId));
    const token = newId();
    const taken = await takeOver(database, orphans, { owner, journalVersion, token });
    for (const { id: runId, workspaceId, attempts } of taken) {
      await engine.dispatch({ runId, workspaceId, token, attempts }).catch((error: unknown) =>
        // It is this process's own and unknown to it now: a later turn tries again.
        logger.warn({ run_id: runId, error: String(error) }, 'recovered run not begun yet'),
      );
    }
    return taken.length;
  }

  return {
    async takeOverDead(): Promise<void> {
      const gone = await lease.reapDead();
      for (const executor of gone) logger.warn({ executor }, 'an executor is gone');
      let taken = 0;
      for (let batch = TAKE_MAX; batch === TAKE_MAX; taken += batch) batch = await takeBatch();
      if (taken === 0) return;
      deps.metrics.count('amas_runs_recovered_total', { outcome: 'resumed' }, taken);
      logger.warn({ runs: taken }, 'took over runs that nobody executed');
    },
  };
}

interface Astray {
  id: string;
  workspace_id: string;
  what: 'ended' | 'lost' | 'foreign';
  detail: string;
}

/**
 * Ends workflows of runs that have ended while nobody executed them, and runs whose workflow is gone or was written by a
 * version that no living executor understands. A run that was admitted but got no workflow goes back to the queue.
 */
async function settleAstray(deps: Deps): Promise<void> {
  const bound = deps.clock.now() - SETTLE_MS;
  const rows = await deps.database.pool.query<Astray>(
    `SELECT r.id, r.workspace_id, 'ended' AS what, w.status AS detail
     FROM dbos.workflow_status w JOIN runs r ON r.id = ${RUN_OF_WORKFLOW}
     WHERE ${OPEN_WORKFLOW} AND w.updated_at < $1
       AND (r.status = 'cancelled' OR r.status IN ('completed','failed') AND NOT ${OWNED})
     UNION ALL
     SELECT r.id, r.workspace_id, 'foreign', coalesce(w.application_version, 'unknown')
     FROM dbos.workflow_status w JOIN runs r ON r.id = ${RUN_OF_WORKFLOW}
     WHERE ${OPEN_WORKFLOW} AND w.application_version IS DISTINCT FROM $2 AND NOT ${OWNED}
       AND r.status NOT IN ('completed','failed','cancelled')
       AND NOT EXISTS (SELECT 1 FROM run_executors e WHERE e.journal_version = w.application_version)
     UNION ALL
     SELECT r.id, r.workspace_id, 'lost', coalesce(w.status, 'missing')
     FROM runs r LEFT JOIN dbos.workflow_status w ON w.workflow_uuid = r.id::text
     WHERE r.status NOT IN ('completed','failed','cancelled') AND r.admitted_at < to_timestamp($1 / 1000.0)
       AND (w.workflow_uuid IS NULL AND r.started_at IS NOT NULL
         OR w.status NOT IN ('PENDING','ENQUEUED','DELAYED') AND w.updated_at < $1)
     LIMIT 300`,
    [bound, deps.journalVersion],
  );
  for (const run of rows.rows) {
    if (run.what === 'ended') await deps.engine.cancel(run.id);
    else endAsFailed(deps, run);
  }
  await deps.database.pool.query(
    `UPDATE runs r SET admitted_at = NULL
     WHERE r.status IN ('queued','paused') AND r.started_at IS NULL AND r.admitted_at < to_timestamp($1 / 1000.0)
       AND NOT EXISTS (SELECT 1 FROM dbos.workflow_status w WHERE w.workflow_uuid = r.id::text)`,
    [bound],
  );
}

const END = {
  lost: {
    code: 'runs.run.engine_ended',
    message: (detail: string) =>
      `The engine ended this run (${detail}) without a result; start it again.`,
  },
  foreign: {
    code: 'runs.run.version_unsupported',
    message: (detail: string) =>
      `This run was begun by a version of the product that writes journals of version ${detail}, which no running worker understands. Start a worker of that version until its runs have ended, or retry the run: it begins anew and keeps the finished steps.`,
  },
} as const;

function endAsFailed(deps: Deps, run: Astray): void {
  if (run.what === 'ended') return;
  const { code, message } = END[run.what];
  deps.logger.error(
    { run_id: run.id, code, detail: run.detail },
    'a run that nobody can go on with is ended as failed',
  );
  deps.writer.emit(
    { workspaceId: run.workspace_id as WorkspaceId, runId: run.id },
    {
      type: 'run.failed',
      key: 'run:ended',
      data: {
        error: { code, kind: 'internal', message: message(run.detail) },
        duration_ms: 0,
        usage: NO_USAGE,
      },
    },
  );
}

/** Places of runs that have ended and of executions that newer ones have replaced. */
async function freePlaces(database: Database): Promise<void> {
  await database.pool.query(
    `DELETE FROM run_places p WHERE NOT EXISTS (
       SELECT 1 FROM runs r WHERE r.id = p.run_id AND r.epoch = p.epoch AND r.status NOT IN ('completed','failed','cancelled'))`,
  );
}
