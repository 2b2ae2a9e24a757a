import type { Database } from '@automatos/database';
import type { Clock, Logger } from '@automatos/kernel';
import type { PoolClient } from 'pg';

/** First key of the two-key advisory locks by which executors prove life. */
const LOCK_CLASS = 0x41_55_54_4f;
const SLOTS_MAX = 1024;
const RELOCK_MS = 500;

/**
 * Identity of this process towards the durable engine. With several processes on one server each takes the first slot
 * whose session advisory lock is free and holds it as long as its connection lives; a slot whose lock is free and that
 * owns unfinished runs belongs to a dead process.
 */
export interface ExecutorSlot {
  readonly executorId: string;
  /** Executor ids among `ids` whose process is gone. */
  deadAmong(ids: string[]): Promise<string[]>;
  release(): Promise<void>;
}

const executorIdOf = (slot: number) => `slot-${slot}`;

export async function acquireExecutorSlot(deps: {
  database: Database;
  clock: Clock;
  logger: Logger;
  onLost: () => void;
}): Promise<ExecutorSlot> {
  if (!deps.database.capabilities.sessionAdvisoryLocks) {
    // One process per data folder, guarded by the folder's lock: everything unfinished is its own.
    return {
      executorId: executorIdOf(1),
      deadAmong: (ids) => Promise.resolve(ids.filter((id) => id !== executorIdOf(1))),
      release: async () => {},
    };
  }
  let client: PoolClient | null = await deps.database.pool.connect();
  let released = false;
  const slot = await firstFree(client);
  const executorId = executorIdOf(slot);

  async function keep(lost: PoolClient): Promise<void> {
    lost.release(true);
    client = null;
    while (!released) {
      await deps.clock.sleep(RELOCK_MS);
      try {
        const next = await deps.database.pool.connect();
        if (await tryLock(next, slot)) {
          client = next;
          watch(next);
          return;
        }
        next.release();
        deps.logger.error(
          { executor: executorId },
          "another process took this executor's slot while the database was away",
        );
        deps.onLost();
        return;
      } catch (error) {
        deps.logger.warn(
          { executor: executorId, error: String(error) },
          'database away, executor slot not held',
        );
      }
    }
  }
  function watch(held: PoolClient): void {
    held.once('error', () => void keep(held));
  }
  watch(client);

  return {
    executorId,
    async deadAmong(ids) {
      const dead: string[] = [];
      for (const id of ids) {
        const other = Number(/^slot-(\d+)$/.exec(id)?.[1]);
        if (id === executorId || !other) continue;
        const result = await deps.database.pool.query<{ free: boolean }>(
          'SELECT pg_try_advisory_xact_lock($1, $2) AS free',
          [LOCK_CLASS, other],
        );
        if (result.rows[0]?.free) dead.push(id);
      }
      return dead;
    },
    async release() {
      released = true;
      await client
        ?.query('SELECT pg_advisory_unlock($1, $2)', [LOCK_CLASS, slot])
        .catch((error: unknown) =>
          deps.logger.warn({ error: String(error) }, 'executor slot not released'),
        );
      client?.release(true);
      client = null;
    },
  };
}

async function tryLock(client: PoolClient, slot: number): Promise<boolean> {
  const result = await client.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_lock($1, $2) AS locked',
    [LOCK_CLASS, slot],
  );
  return result.rows[0]?.locked ?? false;
}

async function firstFree(client: PoolClient): Promise<number> {
  for (let slot = 1; slot <= SLOTS_MAX; slot++) if (await tryLock(client, slot)) return slot;
  throw new Error(`all ${SLOTS_MAX} executor slots are taken`);
}
