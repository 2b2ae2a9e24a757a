import { sql } from 'drizzle-orm';
import { NO_USAGE } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import type { Clock, Logger, Metrics, WorkspaceId } from '@automatos/kernel';
import type { Engine } from './engine.ts';
import type { EventWriter } from './event-writer.ts';
import type { ExecutorSlot } from './executor-slot.ts';
import { reportGauges } from './run-metrics.ts';

interface Deps {
  database: Database;
  engine: Engine;
  slot: ExecutorSlot;
  writer: EventWriter;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}

interface Astray {
  id: string;
  workspace_id: string;
  status: string;
  engine_status: string;
}

const EVERY_MS = 3_000;
/** A workflow that ended this long ago should have left a terminal run behind. */
const SETTLE_MS = 10_000;

/**
 * Never-ending sweep: no unfinished run may be without an owner. Hands over what dead processes left, ends workflows of
 * runs that were cancelled while nobody executed them, and fails runs whose workflow ended without saying so.
 */
export function createRecoverySweep(deps: Deps) {
  const stop = new AbortController();
  let running: Promise<void> = Promise.resolve();

  async function loop(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await recoverDead(deps);
        await settleAstray(deps);
        await reportGauges(deps.database, deps.metrics);
      } catch (error) {
        deps.logger.warn({ error: String(error) }, 'recovery sweep failed, trying again');
      }
      await deps.clock.sleep(EVERY_MS, stop.signal).catch(() => undefined);
    }
  }

  return {
    start() {
      running = loop();
    },
    async stop() {
      stop.abort();
      await running;
    },
  };
}

async function recoverDead(deps: Deps): Promise<void> {
  const rows = await deps.database.system((tx) =>
    tx.execute(sql`SELECT DISTINCT executor_id FROM dbos.workflow_status WHERE status = 'PENDING'`),
  );
  const dead = await deps.slot.deadAmong(
    (rows.rows as { executor_id: string }[]).map((row) => row.executor_id),
  );
  for (const executorId of dead) {
    const count = await deps.engine.recoverExecutor(executorId);
    if (count === 0) continue;
    deps.metrics.count('amas_runs_recovered_total', { outcome: 'resumed' }, count);
    deps.logger.warn(
      { executor: executorId, runs: count },
      'took over runs of a process that is gone',
    );
  }
}

async function settleAstray(deps: Deps): Promise<void> {
  const bound = deps.clock.now() - SETTLE_MS;
  const rows = await deps.database.system((tx) =>
    tx.execute(sql`
      SELECT r.id, r.workspace_id, r.status, w.status AS engine_status FROM runs r JOIN dbos.workflow_status w ON w.workflow_uuid = r.id::text
      WHERE (r.status = 'cancelled' AND w.status IN ('PENDING','ENQUEUED') AND w.updated_at < ${bound})
         OR (r.status NOT IN ('completed','failed','cancelled') AND w.status NOT IN ('PENDING','ENQUEUED','DELAYED') AND w.updated_at < ${bound})
      LIMIT 100`),
  );
  for (const run of rows.rows as unknown as Astray[]) {
    if (run.status === 'cancelled') await deps.engine.cancel(run.id);
    else endAsFailed(deps, run);
  }
}

function endAsFailed(deps: Deps, run: Astray): void {
  deps.logger.error(
    { run_id: run.id, engine_status: run.engine_status },
    'run had lost its workflow and is ended as failed',
  );
  const message = `The engine ended this run (${run.engine_status}) without a result; start it again.`;
  deps.writer.emit(
    { workspaceId: run.workspace_id as WorkspaceId, runId: run.id },
    {
      type: 'run.failed',
      key: 'run:ended',
      data: {
        error: { code: 'runs.run.engine_ended', kind: 'internal', message },
        duration_ms: 0,
        usage: NO_USAGE,
      },
    },
  );
}
