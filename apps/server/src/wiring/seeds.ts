import { seedAgents, seedPatterns } from '@automatos/agents';
import type { Database } from '@automatos/database';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { loadShippedRecipes, loadWaitingRecipes, seedRecipes } from '@automatos/recipes';

/** Brings what the product ships into workspaces; running it again adds only what is new. */
export async function createSeeder(deps: { database: Database; clock: Clock }) {
  const shipped = await loadShippedRecipes();
  const waiting = await loadWaitingRecipes();
  async function workspace(workspaceId: WorkspaceId): Promise<void> {
    const nowMs = deps.clock.now();
    await deps.database.workspace(workspaceId, async (tx) => {
      await seedAgents(tx, workspaceId, nowMs);
      await seedPatterns(tx, workspaceId, nowMs);
      await seedRecipes(tx, workspaceId, { nowMs, shipped });
    });
  }
  return {
    workspace,
    /** What can be installed, and what is only announced. */
    featured: { shipped, waiting },
    /** At the start: workspaces that an older version made get what this one adds. */
    async everyWorkspace(): Promise<void> {
      const { rows } = await deps.database.pool.query<{ id: WorkspaceId }>(
        'SELECT id FROM workspaces ORDER BY id',
      );
      for (const { id } of rows) await workspace(id);
    },
  };
}
