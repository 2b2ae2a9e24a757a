import type { TrackRecord } from '@automatos/agents';
import type { Tx } from '@automatos/database';
import { and, eq, sql } from 'drizzle-orm';
import { addRecords, NO_RECORD } from '../selection/candidate.ts';
import type { AgentHistory } from '../selection/candidate.ts';
import { taskUnits } from './history-tables.ts';

/** Units that are looked back at, the newest. */
const UNITS_BACK = 2_000;
/** Runs of other kinds whose steps are looked back at. */
const RUNS_BACK = 300;

export type UnitRecord = typeof taskUnits.$inferInsert;

/** Keeps how units went; those kept already stay as they are. Returns how many are new. */
export async function recordUnits(tx: Tx, rows: readonly UnitRecord[]): Promise<number> {
  if (rows.length === 0) return 0;
  const kept = await tx
    .insert(taskUnits)
    .values([...rows])
    .onConflictDoNothing()
    .returning({ unitId: taskUnits.unitId });
  return kept.length;
}

/** Notes the quality of the result that the completed units of an attempt led to. Returns how many units have it. */
export async function recordQuality(
  tx: Tx,
  of: { runId: string; attempt: number; quality: number },
): Promise<number> {
  const rows = await tx
    .update(taskUnits)
    .set({ quality: of.quality })
    .where(
      and(
        eq(taskUnits.runId, of.runId),
        eq(taskUnits.attempt, of.attempt),
        eq(taskUnits.status, 'completed'),
      ),
    )
    .returning({ unitId: taskUnits.unitId });
  return rows.length;
}

interface Row {
  agent: string;
  need: string | null;
  runs: number;
  successes: number;
  quality: number | null;
  duration: number | null;
  cost: number | null;
}

/** What the agents of the workspace did so far, by slug; those who did nothing are missing. */
export async function agentHistories(tx: Tx): Promise<Map<string, AgentHistory>> {
  const histories = new Map<string, { byNeed: Record<string, TrackRecord>; all: TrackRecord }>();
  const historyOf = (agent: string) => {
    const known = histories.get(agent) ?? { byNeed: {}, all: NO_RECORD };
    histories.set(agent, known);
    return known;
  };
  for (const row of await unitRows(tx)) {
    const history = historyOf(row.agent);
    history.all = addRecords(history.all, toRecord(row));
    if (row.need !== null) {
      history.byNeed[row.need] = addRecords(history.byNeed[row.need] ?? NO_RECORD, toRecord(row));
    }
  }
  for (const row of await stepRows(tx)) {
    const history = historyOf(row.agent);
    history.all = addRecords(history.all, toRecord(row));
  }
  return histories;
}

function toRecord(row: Row): TrackRecord {
  return {
    runs: row.runs,
    successes: row.successes,
    meanQuality: row.quality,
    meanDurationMs: row.duration,
    meanCostMicros: row.cost,
  };
}

/** By agent and capability over the newest units; index `task_units_by_time`. */
async function unitRows(tx: Tx): Promise<Row[]> {
  const { rows } = await tx.execute(sql`
    SELECT agent, need, count(*)::int AS runs, count(*) FILTER (WHERE status = 'completed')::int AS successes,
      avg(quality)::float8 AS quality, avg(duration_ms) FILTER (WHERE status = 'completed')::float8 AS duration,
      avg(cost_micros)::float8 AS cost
    FROM (SELECT * FROM task_units ORDER BY at DESC LIMIT ${UNITS_BACK}) u GROUP BY agent, need`);
  return rows as unknown as Row[];
}

/** By agent over the steps of the newest runs that are no tasks; index `runs_by_time`. */
async function stepRows(tx: Tx): Promise<Row[]> {
  const { rows } = await tx.execute(sql`
    SELECT s.agent, NULL AS need, count(*)::int AS runs, count(*) FILTER (WHERE s.status = 'completed')::int AS successes,
      avg(s.quality_score)::float8 AS quality,
      (avg(extract(epoch FROM s.finished_at - s.started_at)) FILTER (WHERE s.status = 'completed') * 1000)::float8 AS duration,
      NULL::float8 AS cost
    FROM run_steps s
    JOIN (SELECT id FROM runs WHERE kind <> 'task' AND NOT dry_run ORDER BY created_at DESC LIMIT ${RUNS_BACK}) r ON r.id = s.run_id
    WHERE s.agent IS NOT NULL AND s.status IN ('completed','failed') GROUP BY s.agent`);
  return rows as unknown as Row[];
}
