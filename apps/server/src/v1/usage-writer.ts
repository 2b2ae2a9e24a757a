import type { Database } from '@automatos/database';
import type { Clock, Logger } from '@automatos/kernel';
import { backoffMs } from '@automatos/kernel';
import { recordUsage } from '@automatos/providers';
import type { UsageRow } from '@automatos/providers';

/** Longest that a row waits for others, ms: what a kill -9 can lose at most. */
const WAIT_MS = 50;
const ROWS_PER_WRITE = 500;
/** Rows kept while the database is away; beyond it each further row goes to the log, where it can be found again. */
const WAITING_MAX = 50_000;
const RETRY = { delayMs: 200, factor: 2, delayMsMax: 5_000 };

/** Writes usage rows beside the hot path, many in one statement. */
export interface UsageWriter {
  add(row: UsageRow): void;
  /** Resolves when everything added so far is written; what the database refuses four times goes to the log. */
  close(): Promise<void>;
}

interface WriterDeps {
  database: Pick<Database, 'workspace'>;
  clock: Clock;
  logger: Logger;
}

/**
 * Creates the writer. A write that fails is repeated until it succeeds, as the rows' keys make a second one harmless; rows
 * are never dropped in silence.
 */
export function createUsageWriter(deps: WriterDeps): UsageWriter {
  const waiting: UsageRow[] = [];
  const closing = new AbortController();
  let writing: Promise<void> | null = null;

  async function drain(): Promise<void> {
    await rest(deps.clock, WAIT_MS, closing.signal);
    let failures = 0;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, ROWS_PER_WRITE);
      try {
        await write(deps, batch);
        failures = 0;
      } catch (error) {
        waiting.unshift(...batch);
        failures += 1;
        deps.logger.warn(
          { rows: waiting.length, failures, error: String(error) },
          'usage rows could not be written; they are tried again',
        );
        if (closing.signal.aborted && failures > 3) return;
        await rest(deps.clock, backoffMs(RETRY, Math.min(failures + 1, 20)), closing.signal);
      }
    }
  }

  function start(): void {
    writing ??= drain().finally(() => {
      writing = null;
      if (waiting.length > 0 && !closing.signal.aborted) start();
    });
  }

  return {
    add(row) {
      if (waiting.length >= WAITING_MAX) {
        deps.logger.error({ row }, 'a usage row found no room');
        return;
      }
      waiting.push(row);
      start();
    },
    async close() {
      closing.abort();
      if (waiting.length > 0) start();
      await writing;
      for (const row of waiting.splice(0)) {
        deps.logger.error({ row }, 'a usage row was not written before the end');
      }
    },
  };
}

/** A pause that the end of the process cuts short. */
function rest(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return clock.sleep(ms, signal).catch(() => undefined);
}

async function write({ database }: WriterDeps, rows: readonly UsageRow[]): Promise<void> {
  const byWorkspace = Map.groupBy(rows, (row) => row.workspaceId);
  for (const [workspaceId, own] of byWorkspace) {
    await database.workspace(workspaceId as Parameters<Database['workspace']>[0], (tx) =>
      recordUsage(tx, own),
    );
  }
}
