import { bindRoutes, budgetRoutes } from '@automatos/contracts';
import type { BoundRoute, WorkspaceBudget } from '@automatos/contracts';
import type { BudgetService } from './budget-service.ts';

/** Handlers of `/api/budgets`. */
export function createBudgetRoutes({ budgets }: { budgets: BudgetService }): BoundRoute[] {
  return bindRoutes(budgetRoutes, {
    listBudgets: async ({ workspaceId, query }) => {
      const { items, nextCursor, total } = await budgets.list(workspaceId, query);
      return { body: { items, next_cursor: nextCursor, total } };
    },
    createBudget: async ({ workspaceId, body }) => shown(await budgets.create(workspaceId, body)),
    getBudget: async ({ workspaceId, params }) =>
      shown(await budgets.get(workspaceId, params.budget_id)),
    updateBudget: async ({ workspaceId, params, body, headers }) =>
      shown(
        await budgets.update(workspaceId, {
          id: params.budget_id,
          ifMatch: headers['if-match'],
          input: body,
        }),
      ),
    deleteBudget: async ({ workspaceId, params }) => {
      await budgets.remove(workspaceId, params.budget_id);
      return {};
    },
  });
}

function shown(budget: WorkspaceBudget) {
  return { body: budget, etag: `${budget.version}` };
}
