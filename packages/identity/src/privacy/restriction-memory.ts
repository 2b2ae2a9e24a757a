import type { Database } from '@automatos/database';
import type { Clock, Logger, WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';

/** Tells other processes that somebody was restricted or is no longer. */
export const RESTRICTIONS_CHANNEL = 'automatos_privacy';
/** Notifications are heard at once; this is for those that a lost connection swallowed. */
const REFRESH_MS = 30_000;

/**
 * Who is restricted in which workspace, in memory: every request asks. Read as the system, since one memory serves all workspaces;
 * it answers for one person in one of them.
 */
export function createRestrictionMemory({
  database,
  clock,
  logger,
}: {
  database: Database;
  clock: Clock;
  logger: Logger;
}) {
  const stopping = new AbortController();
  let people: ReadonlySet<string> = new Set();
  let unlisten: (() => Promise<void>) | undefined;
  let loop: Promise<void> = Promise.resolve();

  async function refresh(): Promise<void> {
    const { rows } = await database.system((tx) =>
      tx.execute<{ workspace_id: string; user_id: string }>(
        sql`SELECT workspace_id, user_id FROM privacy_restrictions WHERE lifted_at IS NULL`,
      ),
    );
    people = new Set(rows.map((row) => `${row.workspace_id} ${row.user_id}`));
  }
  const refreshLater = () =>
    refresh().catch((error: unknown) =>
      logger.warn({ error: String(error) }, 'restrictions are read again later'),
    );
  return {
    refresh,
    has: (workspaceId: WorkspaceId, userId: string) => people.has(`${workspaceId} ${userId}`),
    async start() {
      unlisten = await database.listen(RESTRICTIONS_CHANNEL, () => void refreshLater());
      await refresh();
      loop = (async () => {
        for (;;) {
          // The sleep rejects when it is aborted, which is how this loop ends.
          await clock.sleep(REFRESH_MS, stopping.signal).catch(() => undefined);
          if (stopping.signal.aborted) return;
          await refreshLater();
        }
      })();
    },
    async stop() {
      stopping.abort();
      await unlisten?.();
      await loop;
    },
  };
}
