import type { Database } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';
import { budgets } from '../budgets/budget-tables.ts';
import type { BudgetFact } from './facts.ts';

/** The budgets of a workspace, as far as findings need them. */
export async function readBudgetFacts(
  database: Pick<Database, 'workspace'>,
  workspaceId: WorkspaceId,
): Promise<BudgetFact[]> {
  const rows = await database.workspace(workspaceId, (tx) =>
    tx
      .select({
        id: budgets.id,
        name: budgets.name,
        enabled: budgets.enabled,
        agent: budgets.agent,
        ceiling: budgets.ceilingInputMicros,
      })
      .from(budgets)
      .orderBy(budgets.name, budgets.id),
  );
  return rows.map(({ ceiling, ...row }) => ({ ...row, hasCeiling: ceiling !== null }));
}
