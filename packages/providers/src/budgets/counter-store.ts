import { executePrepared } from '@automatos/database';
import type { Tx } from '@automatos/database';
import { sql } from 'drizzle-orm';
import type { Exchange, ExchangeResult } from './purse.ts';

/** Carries `wanted` and `free` with budget, window and holder, between `|`. */
export const MONEY_CHANNEL = 'automatos_budget_money';

export interface CounterKey {
  budgetId: string;
  windowKey: string;
}

interface ResultRow {
  r_budget: string;
  r_window: string;
  r_state: ExchangeResult['state'];
  r_granted: string;
  r_limit: string;
  r_spent_before: string;
  r_spent: string;
  r_reserved: string;
}

/** Carries out exchanges in one statement, all or none; results in the order of the entries. `tx` must be of the entries' workspace. */
export async function exchange(
  tx: Tx,
  holder: { id: string; leaseMs: number },
  entries: readonly (CounterKey & { exchange: Exchange })[],
): Promise<ExchangeResult[]> {
  const told = entries.map(({ budgetId, windowKey, exchange: { giveBack, ...rest } }) => ({
    budget_id: budgetId,
    window_key: windowKey,
    give_back: giveBack,
    ...rest,
  }));
  const rows = await executePrepared<ResultRow>(tx, {
    name: 'budget_exchange',
    text: 'SELECT * FROM automatos_budget_exchange($1::uuid, $2::integer, $3::jsonb)',
    values: [holder.id, holder.leaseMs, JSON.stringify(told)],
  });
  return entries.map(({ budgetId, windowKey }) => {
    const row = rows.find((each) => each.r_budget === budgetId && each.r_window === windowKey);
    if (row === undefined) throw new Error(`no answer for budget ${budgetId} ${windowKey}`);
    return {
      state: row.r_state,
      granted: Number(row.r_granted),
      limit: Number(row.r_limit),
      spentBefore: Number(row.r_spent_before),
      spent: Number(row.r_spent),
      reserved: Number(row.r_reserved),
    };
  });
}

/** Notes the dearest call and refusals of a budget per call, whose counter holds no money. */
export async function noteCalls(
  tx: Tx,
  note: CounterKey & { workspaceId: string; dearest: number; refused: number },
): Promise<void> {
  await tx.execute(sql`
    INSERT INTO budget_counters (budget_id, window_key, workspace_id, spent_micros, refused)
    VALUES (${note.budgetId}, ${note.windowKey}, ${note.workspaceId}, ${note.dearest}, ${note.refused})
    ON CONFLICT (budget_id, window_key) DO UPDATE SET
      spent_micros = GREATEST(budget_counters.spent_micros, EXCLUDED.spent_micros),
      refused = budget_counters.refused + EXCLUDED.refused, updated_at = clock_timestamp()`);
}

/**
 * Counts what processes that are gone held as spent: grants whose lease is over, or with `othersThan` those of everybody else (a
 * database of one process). Counters are locked first, in the order of every exchange. Index `budget_grants_by_lease`.
 */
export async function reapGrants(
  tx: Tx,
  options: { othersThan?: string } = {},
): Promise<{ budgetId: string; windowKey: string; micros: number }[]> {
  const gone =
    options.othersThan === undefined
      ? sql`g.lease_until < clock_timestamp()`
      : sql`g.holder <> ${options.othersThan}`;
  const locked = await tx.execute<{ budget_id: string; window_key: string }>(sql`
    SELECT budget_id, window_key FROM budget_counters WHERE (budget_id, window_key) IN
      (SELECT g.budget_id, g.window_key FROM budget_grants g WHERE ${gone})
    ORDER BY budget_id, window_key FOR UPDATE`);
  if (locked.rows.length === 0) return [];
  const reaped = await tx.execute<{ budget_id: string; window_key: string; held: string }>(sql`
    WITH gone AS (
      DELETE FROM budget_grants g
      USING jsonb_to_recordset(${JSON.stringify(locked.rows)}::jsonb) AS l(budget_id uuid, window_key text)
      WHERE g.budget_id = l.budget_id AND g.window_key = l.window_key AND ${gone}
      RETURNING g.budget_id, g.window_key, g.held_micros
    ), lost AS (SELECT budget_id, window_key, sum(held_micros) AS held FROM gone GROUP BY 1, 2)
    UPDATE budget_counters c SET spent_micros = c.spent_micros + lost.held, reserved_micros = c.reserved_micros - lost.held,
      updated_at = clock_timestamp()
    FROM lost WHERE c.budget_id = lost.budget_id AND c.window_key = lost.window_key
    RETURNING c.budget_id, c.window_key, lost.held`);
  return reaped.rows.map((row) => ({
    budgetId: row.budget_id,
    windowKey: row.window_key,
    micros: Number(row.held),
  }));
}

const KEPT_DAYS = 90;

/** Clears away counters of deleted budgets, and old ones of days, months and runs that ended. Index `budget_counters_by_age`. */
export async function pruneCounters(tx: Tx): Promise<void> {
  await tx.execute(sql`
    DELETE FROM budget_counters c
    WHERE c.updated_at < clock_timestamp() - ${KEPT_DAYS} * interval '1 day' AND c.reserved_micros = 0 AND (
      c.window_key LIKE 'day:%' OR c.window_key LIKE 'month:%'
      OR NOT EXISTS (SELECT FROM budgets b WHERE b.id = c.budget_id)
      OR (c.window_key LIKE 'run:%' AND NOT EXISTS (
        SELECT FROM runs r WHERE r.id::text = split_part(substr(c.window_key, 5), '@', 1) AND r.finished_at IS NULL)))`);
}

/** The run that a run was started for by a recipe step, up to the first; the run itself when nobody started it or it is unknown. */
export async function rootRunOf(tx: Tx, runId: string): Promise<string> {
  const found = await tx.execute<{ id: string }>(sql`
    WITH RECURSIVE up AS (
      SELECT id, parent_run_id, 1 AS depth FROM runs WHERE id = ${runId}::uuid
      UNION ALL SELECT r.id, r.parent_run_id, up.depth + 1 FROM runs r JOIN up ON r.id = up.parent_run_id WHERE up.depth < 100)
    SELECT id FROM up ORDER BY depth DESC LIMIT 1`);
  return found.rows[0]?.id ?? runId;
}
