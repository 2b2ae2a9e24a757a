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

export async function acquireExecutorSlot(deps: Deps): Promise<ExecutorSlot> {
  if (!deps.database.capabilities.sessionAdvisoryLocks) {
    // One process per data folder, guarded by the folder's lock: everything unfinished is its own.
    const executorId = executorIdOf(1);
    const deadAmong = (ids: string[]) => Promise.resolve(ids.filter((id) => id !== executorId));
    return { executorId, deadAmong, release: () => Promise.resolve() };
  }
  const client = await deps.database.pool.connect();
  const held = new HeldSlot(deps, { slot: await firstFree(client), client });
  return {
    executorId: held.executorId,
    deadAmong: (ids) => held.deadAmong(ids),
    release: () => held.release(),
  };
}

interface Deps {
  database: Database;
  clock: Clock;
  logger: Logger;
  /** Called when another process took the slot while the database was away. */
  onLost: () => void;
}

class HeldSlot {
  readonly executorId: string;
  readonly #deps: Deps;
  readonly #slot: number;
  #client: PoolClient | null;
  #released = false;

  constructor(deps: Deps, held: { slot: number; client: PoolClient }) {
    this.executorId = executorIdOf(held.slot);
    this.#deps = deps;
    this.#slot = held.slot;
    this.#client = held.client;
    this.#watch(held.client);
  }

  async deadAmong(ids: string[]): Promise<string[]> {
    const dead: string[] = [];
    for (const id of ids) {
      const other = Number(/^slot-(\d+)$/.exec(id)?.[1]);
      if (id === this.executorId || !other) continue;
      const result = await this.#deps.database.pool.query<{ free: boolean }>(
        'SELECT pg_try_advisory_xact_lock($1, $2) AS free',
        [LOCK_CLASS, other],
      );
      if (result.rows[0]?.free) dead.push(id);
    }
    return dead;
  }

  async release(): Promise<void> {
    this.#released = true;
    await this.#client
      ?.query('SELECT pg_advisory_unlock($1, $2)', [LOCK_CLASS, this.#slot])
      .catch((error: unknown) =>
        this.#deps.logger.warn({ error: String(error) }, 'executor slot not released'),
      );
    this.#client?.release(true);
    this.#client = null;
  }

  #watch(client: PoolClient): void {
    client.once('error', () => void this.#retake(client));
  }

  /** The connection is gone, and the lock with it: take the slot again, or say that it is lost. */
  async #retake(lost: PoolClient): Promise<void> {
    const { database, clock, logger, onLost } = this.#deps;
    lost.release(true);
    this.#client = null;
    while (!this.#released) {
      await clock.sleep(RELOCK_MS);
      try {
        const next = await database.pool.connect();
        if (await tryLock(next, this.#slot)) {
          this.#client = next;
          this.#watch(next);
          return;
        }
        next.release();
        logger.error(
          { executor: this.executorId },
          "another process took this executor's slot while the database was away",
        );
        return onLost();
      } catch (error) {
        logger.warn(
          { executor: this.executorId, error: String(error) },
          'database away, executor slot not held',
        );
      }
    }
  }
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
