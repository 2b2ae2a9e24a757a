import type { Database } from '@automatos/database';
import type { Clock, Logger, WorkspaceId } from '@automatos/kernel';
import { BUDGETS_CHANNEL, enabledBudgets } from './budget-store.ts';
import type { BudgetRow } from './budget-tables.ts';

/** Longest time that a lost notification can keep a change from being seen. */
const RELOAD_MS = 30_000;

/** Enabled budgets per workspace, from memory: read once, and again when a notification says that they changed. */
export interface BudgetList {
  /** No promise when they are known, so that calls without budgets cost nothing. */
  of(workspaceId: WorkspaceId): BudgetRow[] | Promise<BudgetRow[]>;
  forget(workspaceId: WorkspaceId): void;
  /** Hears of changes made by other processes; resolves to a function that stops it. */
  listen(): Promise<() => Promise<void>>;
}

interface Loaded {
  rows: BudgetRow[];
  at: number;
}

export function createBudgetList(deps: {
  database: Pick<Database, 'workspace' | 'listen'>;
  clock: Clock;
  logger: Logger;
}): BudgetList {
  const loaded = new Map<WorkspaceId, Loaded>();
  const loading = new Map<WorkspaceId, Promise<BudgetRow[]>>();

  function load(workspaceId: WorkspaceId): Promise<BudgetRow[]> {
    const before = loading.get(workspaceId);
    if (before !== undefined) return before;
    const at = deps.clock.now();
    const reading: Promise<BudgetRow[]> = deps.database
      .workspace(workspaceId, enabledBudgets)
      .then((rows) => {
        // What was forgotten while it was read may be old already: it is used once, not kept.
        if (loading.get(workspaceId) === reading) loaded.set(workspaceId, { rows, at });
        return rows;
      })
      .finally(() => {
        if (loading.get(workspaceId) === reading) loading.delete(workspaceId);
      });
    loading.set(workspaceId, reading);
    return reading;
  }

  function forget(workspaceId: WorkspaceId): void {
    loaded.delete(workspaceId);
    loading.delete(workspaceId);
  }

  return {
    of(workspaceId) {
      const known = loaded.get(workspaceId);
      if (known === undefined) return load(workspaceId);
      if (deps.clock.now() - known.at > RELOAD_MS)
        load(workspaceId).catch((error: unknown) =>
          deps.logger.warn({ error: String(error) }, 'budgets not read again'),
        );
      return known.rows;
    },
    forget,
    listen: () => deps.database.listen(BUDGETS_CHANNEL, (id) => forget(id as WorkspaceId)),
  };
}
