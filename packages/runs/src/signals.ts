import { sql } from 'drizzle-orm';
import type { Database, Tx } from '@automatos/database';
import { PlatformError, newId } from '@automatos/kernel';
import type { Clock, JsonValue, WorkspaceId } from '@automatos/kernel';
import type { RunLog } from './run-log.ts';
import { isTerminal } from './run-state.ts';
import { lookUntil, mustBeMine } from './run-waits.ts';
import type { RunWaits } from './run-waits.ts';
import { lockRun } from './run-store.ts';
import { toStorableJson } from './storable-json.ts';
import type { Actor, Runs } from './types.ts';
import type { WaitHub } from './wait-hub.ts';

/** Sends a signal to a run: kept until a wait of this name takes it, for the life of the run. */
export function createSignalSender(log: RunLog): Runs['signal'] {
  return (
    workspaceId: WorkspaceId,
    runId: string,
    signal: { name: string; payload: JsonValue; by: Actor },
  ) =>
    log.change({ workspaceId, runId }, async (tx, { run }, now) => {
      if (isTerminal(run.status)) throw hasEnded(run.status);
      const signalId = newId(now);
      await tx.execute(sql`
        INSERT INTO run_signals (id, workspace_id, run_id, name, payload, received_at)
        VALUES (${signalId}, ${workspaceId}, ${runId}, ${signal.name}, ${toStorableJson(signal.payload)}::jsonb, clock_timestamp())`);
      const by = { kind: signal.by.kind, name: signal.by.name };
      return {
        result: { signalId },
        events: [
          {
            type: 'signal.received',
            key: `signal:${signalId}`,
            data: { signal_id: signalId, name: signal.name, by },
          },
        ],
        tell: 'signal',
      };
    });
}

function hasEnded(status: string): PlatformError {
  return new PlatformError({
    code: 'runs.run.wrong_status',
    kind: 'conflict',
    message: `This run is ${status} and takes no signals any more.`,
    details: { status },
  });
}

/** The waiting side: takes the oldest free signal of the name, each signal for one wait only. */
export function createSignalWait(deps: {
  database: Database;
  hub: WaitHub;
  clock: Clock;
}): RunWaits['signalled'] {
  const { database, hub, clock } = deps;
  return async (site, { key, stepId, name, until }) => {
    const watch = hub.watch({ kind: 'signal', id: site.runId });
    let told = false;
    const tell = () => {
      if (told) return;
      told = true;
      const limit = until === null ? {} : { until: new Date(until).toISOString() };
      const data = { reason: 'signal' as const, signal: name, ...limit };
      site.emit({ type: 'step.waiting', key: `signal:${key}:waiting`, stepId, data });
    };
    const look = async () => {
      const late = until !== null && clock.now() >= until;
      const taken = await database.workspace(site.workspaceId, async (tx) => {
        const locked = await lockRun(tx, site.runId);
        if (locked) mustBeMine(site, locked);
        return takeSignal(tx, { runId: site.runId, key, name });
      });
      if (taken || late) return { found: taken };
      tell();
      return { waitMs: until === null ? null : until - clock.now() };
    };
    return lookUntil(site, { watch, look, abandon: () => Promise.resolve() });
  };
}

/** The signal that this wait took before a crash, else the oldest free one, else null. Served by run_signals_free. */
async function takeSignal(
  tx: Tx,
  wait: { runId: string; key: string; name: string },
): Promise<{ payload: JsonValue } | null> {
  const before = await tx.execute(
    sql`SELECT payload FROM run_signals WHERE run_id = ${wait.runId} AND taken_by = ${wait.key}`,
  );
  const taken =
    before.rows[0] ??
    (
      await tx.execute(sql`
        UPDATE run_signals SET taken_by = ${wait.key} WHERE id = (
          SELECT id FROM run_signals WHERE run_id = ${wait.runId} AND name = ${wait.name} AND taken_by IS NULL
          ORDER BY received_at, id LIMIT 1)
        RETURNING payload`)
    ).rows[0];
  return taken ? { payload: (taken as { payload: JsonValue }).payload } : null;
}
