import type { Database } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { Clock, Logger } from '@automatos/kernel';
import type { PoolClient } from 'pg';

/** First key of the two-key advisory locks by which executors hold their places. */
const LOCK_CLASS = 0x41_55_54_4f;
const SLOTS_MAX = 1024;
const RELOCK_MS = 500;

export interface LeaseTimes {
  /** An executor whose last sign of life is older may be taken over. */
  leaseMs: number;
  /** Between two signs of life. */
  beatMs: number;
}
export const LEASE_TIMES: LeaseTimes = { leaseMs: 10_000, beatMs: 2_000 };

/**
 * This process's right to execute runs. Its row in `run_executors` is the right: it is renewed by the database's clock,
 * and whoever deletes it takes the right away, so that a process is never both owner and replaced. The workflows of an
 * owner that has no row are nobody's, and any executor may take them.
 */
export interface ExecutorLease {
  /** Owner as it stands in the workflows executed here; another one after the lease was lost and taken anew. */
  readonly owner: string;
  /** Removes executors that are gone: their sign of life too old, or their connection closed. Returns their places. */
  reapDead(): Promise<string[]>;
  /** Gives the right back at once, so that others need not wait for its end. */
  release(): Promise<void>;
}

interface Deps extends LeaseTimes {
  database: Database;
  clock: Clock;
  logger: Logger;
  journalVersion: string;
  /** Another process may execute what this one did: stop it before anything else. */
  onLost: () => void;
}

export async function takeExecutorLease(deps: Deps): Promise<ExecutorLease> {
  const lease = new Lease(deps);
  await lease.take();
  return lease;
}

const placeOf = (slot: number) => `slot-${slot}`;

class Lease implements ExecutorLease {
  readonly #deps: Deps;
  readonly #stop = new AbortController();
  /** Connection that holds the place's lock and carries the signs of life, so that a busy pool never delays them. */
  #client: PoolClient | null = null;
  #slot = 1;
  #owner = newId();
  /** Since when every sign of life was answered; others are only judged after a while of it. */
  #inTouchSince = 0;
  #beating: Promise<void> = Promise.resolve();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get owner(): string {
    return this.#owner;
  }

  async take(): Promise<void> {
    await this.#connect();
    await this.#register();
    this.#beating = this.#beat();
  }

  async reapDead(): Promise<string[]> {
    const { database, clock, leaseMs, beatMs } = this.#deps;
    if (!database.capabilities.sessionAdvisoryLocks) {
      // One process per data folder, guarded by the folder's lock: whoever else is noted is gone.
      const gone = await database.pool.query<{ executor_id: string }>(
        'DELETE FROM run_executors WHERE process_id <> $1 RETURNING executor_id',
        [this.#owner],
      );
      return gone.rows.map((row) => row.executor_id);
    }
    // After an outage everybody's sign of life is old: the others get time to show that they are there.
    if (clock.now() - this.#inTouchSince < 2 * beatMs) return [];
    const gone = await database.pool.query<{ executor_id: string }>(
      `DELETE FROM run_executors WHERE process_id <> $1 AND (
         beat_at < clock_timestamp() - $2 * interval '1 millisecond'
         OR (beat_at < clock_timestamp() - $3 * interval '1 millisecond'
             AND pg_try_advisory_xact_lock($4, substring(executor_id FROM '[0-9]+$')::int)))
       RETURNING executor_id`,
      [this.#owner, leaseMs, 1.5 * beatMs, LOCK_CLASS],
    );
    return gone.rows.map((row) => row.executor_id);
  }

  async release(): Promise<void> {
    this.#stop.abort();
    await this.#beating;
    try {
      // Restarts on purpose do not count as failed attempts of the runs that lived through them.
      await this.#query(
        `WITH gone AS (DELETE FROM run_executors WHERE process_id = $1::text::uuid)
         UPDATE dbos.workflow_status SET recovery_attempts = 0 WHERE executor_id = $1 AND status = 'PENDING'`,
        [this.#owner],
      );
    } catch (error) {
      this.#deps.logger.warn(
        { error: String(error) },
        'executor not signed off, its lease runs out',
      );
    }
    this.#client?.release(true);
    this.#client = null;
  }

  async #query(text: string, values: unknown[]): Promise<number> {
    const on = this.#client ?? this.#deps.database.pool;
    return (await on.query(text, values)).rowCount ?? 0;
  }

  async #register(): Promise<void> {
    await this.#query(
      `INSERT INTO run_executors (executor_id, process_id, journal_version, beat_at, started_at)
       VALUES ($1, $2, $3, clock_timestamp(), clock_timestamp())
       ON CONFLICT (executor_id) DO UPDATE SET process_id = EXCLUDED.process_id,
         journal_version = EXCLUDED.journal_version, beat_at = EXCLUDED.beat_at, started_at = EXCLUDED.started_at`,
      [placeOf(this.#slot), this.#owner, this.#deps.journalVersion],
    );
  }

  async #beat(): Promise<void> {
    const { clock, logger, beatMs } = this.#deps;
    let pauseMs = beatMs;
    for (;;) {
      await clock.sleep(pauseMs, this.#stop.signal).catch(() => undefined);
      if (this.#stop.signal.aborted) return;
      try {
        if (this.#deps.database.capabilities.sessionAdvisoryLocks && !this.#client)
          await this.#connect();
        const renewed = await this.#query(
          'UPDATE run_executors SET beat_at = clock_timestamp() WHERE process_id = $1',
          [this.#owner],
        );
        if (renewed === 0) await this.#startAnew();
        pauseMs = beatMs;
      } catch (error) {
        logger.warn({ error: String(error) }, 'database away, the executor gives no sign of life');
        this.#inTouchSince = clock.now();
        pauseMs = Math.min(RELOCK_MS, beatMs);
      }
    }
  }

  /** The right was taken away while this process was frozen or cut off: what it did may be done elsewhere by now. */
  async #startAnew(): Promise<void> {
    this.#deps.logger.error(
      { executor: placeOf(this.#slot) },
      'this process was taken for dead and its runs for others to do; it stops them and starts anew',
    );
    this.#deps.onLost();
    this.#owner = newId();
    await this.#register();
  }

  /** Takes the own place again if it is free, else another one. */
  async #connect(): Promise<void> {
    const { database, clock } = this.#deps;
    if (!database.capabilities.sessionAdvisoryLocks) return;
    const client = await database.pool.connect();
    try {
      this.#slot = (await tryLock(client, this.#slot)) ? this.#slot : await firstFree(client);
    } catch (error) {
      client.release(true);
      throw error;
    }
    this.#client = client;
    client.once('error', () => {
      if (this.#client !== client) return;
      this.#client = null;
      this.#inTouchSince = clock.now();
      client.release(true);
    });
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
