import { notify } from '@automatos/database';
import type { Tx } from '@automatos/database';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { budgetCounters, budgetGrants, budgets } from './budget-tables.ts';
import type { BudgetRow } from './budget-tables.ts';

/** Tells all processes that the budgets of a workspace changed; the payload is its id. */
export const BUDGETS_CHANNEL = 'automatos_budgets';

/** All that are switched on, in the order in which counters are locked. */
export function enabledBudgets(tx: Tx): Promise<BudgetRow[]> {
  return tx.select().from(budgets).where(eq(budgets.enabled, true)).orderBy(budgets.id);
}

/** By name; one row more than `limit` when there is a next page. Index `budgets_by_name`. */
export function listBudgets(
  tx: Tx,
  page: { limit: number; after?: { name: string; id: string } | undefined },
): Promise<BudgetRow[]> {
  const { after } = page;
  return tx
    .select()
    .from(budgets)
    .where(
      after === undefined
        ? undefined
        : sql`(${budgets.name}, ${budgets.id}) > (${after.name}, ${after.id}::uuid)`,
    )
    .orderBy(budgets.name, budgets.id)
    .limit(page.limit + 1);
}

export async function countBudgets(tx: Tx): Promise<number> {
  return tx.$count(budgets);
}

export async function findBudget(
  tx: Tx,
  id: string,
  options: { lock?: boolean } = {},
): Promise<BudgetRow | undefined> {
  const query = tx.select().from(budgets).where(eq(budgets.id, id));
  const [row] = options.lock === true ? await query.for('update') : await query;
  return row;
}

export async function insertBudget(tx: Tx, row: BudgetRow): Promise<void> {
  await tx.insert(budgets).values(row);
  await notify(tx, BUDGETS_CHANNEL, row.workspaceId);
}

export async function updateBudget(tx: Tx, row: BudgetRow): Promise<void> {
  const { id, workspaceId: _fixed, ...change } = row;
  await tx.update(budgets).set(change).where(eq(budgets.id, id));
  await notify(tx, BUDGETS_CHANNEL, row.workspaceId);
}

/** Removes a budget with its counts; what a call under way adds later is cleared away by the sweep. */
export async function deleteBudget(tx: Tx, row: BudgetRow): Promise<void> {
  await tx.delete(budgets).where(eq(budgets.id, row.id));
  await tx.delete(budgetCounters).where(eq(budgetCounters.budgetId, row.id));
  await tx.delete(budgetGrants).where(eq(budgetGrants.budgetId, row.id));
  await notify(tx, BUDGETS_CHANNEL, row.workspaceId);
}

export interface CounterState {
  spent: number;
  reserved: number;
  refused: number;
}
export const NOTHING_COUNTED: CounterState = { spent: 0, reserved: 0, refused: 0 };

/** Counters by budget: the named window, or with a null key the run that used most (refusals of all runs together). */
export async function countersOf(
  tx: Tx,
  wanted: readonly { budgetId: string; windowKey: string | null; suffix: string }[],
): Promise<Map<string, CounterState>> {
  const found = new Map<string, CounterState>();
  const named = wanted.filter((each) => each.windowKey !== null);
  if (named.length > 0) {
    const rows = await tx
      .select()
      .from(budgetCounters)
      .where(
        and(
          inArray(
            budgetCounters.budgetId,
            named.map((each) => each.budgetId),
          ),
          inArray(
            budgetCounters.windowKey,
            named.flatMap((each) => each.windowKey ?? []),
          ),
        ),
      );
    for (const row of rows)
      if (named.some((each) => each.budgetId === row.budgetId && each.windowKey === row.windowKey))
        found.set(row.budgetId, {
          spent: row.spentMicros,
          reserved: row.reservedMicros,
          refused: row.refused,
        });
  }
  for (const { budgetId, suffix } of wanted.filter((each) => each.windowKey === null)) {
    const top = await tx.execute<{ spent: string; reserved: string; refused: string }>(sql`
      SELECT spent_micros AS spent, reserved_micros AS reserved, (sum(refused) OVER ())::bigint AS refused
      FROM budget_counters WHERE budget_id = ${budgetId} AND window_key LIKE ${`run:%${suffix}`}
        AND (${suffix} <> '' OR window_key NOT LIKE '%@%')
      ORDER BY spent_micros + reserved_micros DESC LIMIT 1`);
    const row = top.rows[0];
    if (row !== undefined)
      found.set(budgetId, {
        spent: Number(row.spent),
        reserved: Number(row.reserved),
        refused: Number(row.refused),
      });
  }
  return found;
}
