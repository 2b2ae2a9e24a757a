import type { Database } from '@automatos/database';
import type { Clock, Logger, WorkspaceId } from '@automatos/kernel';
import type { Learning } from '@automatos/recipes';
import { sql } from 'drizzle-orm';

const EVERY_MS = 10_000;
/** How far the first look of a process goes back: what ended while nothing ran. */
const FIRST_LOOK_MS = 3_600_000;
/** Ends are stored a little after their own time. */
const OVERLAP_MS = 5_000;
const RECIPES_MAX = 200;

/**
 * Lets recipes learn from runs that ended, a few seconds later and once per recipe instead of once per run: runs pay
 * nothing for it. A look may be repeated, by this process or another one; learning takes turns under the recipe's lock.
 */
export function createLearningSweep(deps: {
  database: Database;
  learning: Pick<Learning, 'afterRun'>;
  clock: Clock;
  logger: Logger;
}) {
  const { database, learning, clock, logger } = deps;
  const stopping = new AbortController();
  let loop: Promise<void> = Promise.resolve();
  let since = clock.now() - FIRST_LOOK_MS;

  async function look(): Promise<void> {
    const now = clock.now();
    const { rows } = await database.system((tx) =>
      tx.execute(sql`
        SELECT DISTINCT ON (recipe_id) workspace_id, id FROM runs
        WHERE finished_at > ${new Date(since).toISOString()}::timestamptz AND recipe_id IS NOT NULL
        ORDER BY recipe_id, finished_at DESC LIMIT ${RECIPES_MAX}`),
    );
    since = now - OVERLAP_MS;
    for (const { workspace_id: workspaceId, id } of rows as unknown as Ended[]) {
      if (stopping.signal.aborted) return;
      await learning.afterRun(workspaceId, id);
    }
  }

  return {
    start() {
      loop = (async () => {
        while (!stopping.signal.aborted) {
          await look().catch((error: unknown) =>
            logger.warn({ error: String(error) }, 'learning looks again later'),
          );
          // The sleep rejects when it is aborted, which is how this loop ends.
          await clock.sleep(EVERY_MS, stopping.signal).catch(() => undefined);
        }
      })();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}

interface Ended {
  workspace_id: WorkspaceId;
  id: string;
}
