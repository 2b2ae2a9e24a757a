import type { Database } from '@automatos/database';
import type { Clock, Logger, WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import type { ToolOutcome } from '../definition.ts';
import type { ToolRecordOfCalls } from '../hints/tool-ranking.ts';

const FLUSH_AFTER_MS = 5_000;
const FLUSH_AFTER_CALLS = 50;

/** How tools fared in each workspace. Kept in memory for some seconds; a crash loses those, which is well for ranking. */
export interface ToolRecords {
  note(workspaceId: WorkspaceId, tool: string, status: ToolOutcome['status']): void;
  read(workspaceId: WorkspaceId): Promise<Map<string, ToolRecordOfCalls>>;
  /** Stores what is in memory. */
  flush(): Promise<void>;
}

interface Pending extends ToolRecordOfCalls {
  workspaceId: WorkspaceId;
  tool: string;
}

export function createToolRecords(deps: {
  database: Pick<Database, 'workspace' | 'workspaceReads'>;
  clock: Clock;
  logger: Logger;
}): ToolRecords {
  const { database, clock, logger } = deps;
  let pending = new Map<string, Pending>();
  let calls = 0;
  let flushedAt = clock.now();
  let storing: Promise<void> = Promise.resolve();

  async function store(rows: Pending[]): Promise<void> {
    const byWorkspace = Map.groupBy(rows, (row) => row.workspaceId);
    for (const [workspaceId, own] of byWorkspace) {
      await database.workspace(workspaceId, async (tx) => {
        // Always in the order of names, so that two processes never wait for each other.
        for (const row of own.toSorted((a, b) => (a.tool < b.tool ? -1 : 1))) {
          await tx.execute(sql`
            INSERT INTO tool_records AS r (workspace_id, tool, calls, successes)
            VALUES (${workspaceId}, ${row.tool}, ${row.calls}, ${row.successes})
            ON CONFLICT (workspace_id, tool) DO UPDATE SET calls = r.calls + excluded.calls,
              successes = r.successes + excluded.successes`);
        }
      });
    }
  }

  function flush(): Promise<void> {
    const rows = [...pending.values()];
    pending = new Map();
    calls = 0;
    flushedAt = clock.now();
    storing = storing
      .then(() => store(rows))
      .catch((error: unknown) => logger.warn({ error }, 'records of tools could not be stored'));
    return storing;
  }

  return {
    note(workspaceId, tool, status) {
      // A refused call tells nothing of the tool.
      if (status === 'denied') return;
      const key = `${workspaceId} ${tool}`;
      const row = pending.get(key) ?? { workspaceId, tool, calls: 0, successes: 0 };
      row.calls += 1;
      if (status === 'success') row.successes += 1;
      pending.set(key, row);
      calls += 1;
      if (calls >= FLUSH_AFTER_CALLS || clock.now() - flushedAt >= FLUSH_AFTER_MS) void flush();
    },
    read: (workspaceId) =>
      database.workspaceReads(workspaceId, async (tx) => {
        const found = await tx.execute(sql`SELECT tool, calls, successes FROM tool_records`);
        const rows = found.rows as { tool: string; calls: string; successes: string }[];
        return new Map(
          rows.map((row) => [
            row.tool,
            { calls: Number(row.calls), successes: Number(row.successes) },
          ]),
        );
      }),
    flush,
  };
}
