import { sql } from 'drizzle-orm';
import type { Database } from '@automatos/database';
import { deferred } from '@automatos/kernel';
import type { Clock, Logger } from '@automatos/kernel';

/** What a run may wait for: an approval by its id, a signal by the waiting run's id, the end of a run by its id. */
export type Awaited = { kind: 'approval' | 'signal' | 'run'; id: string };

/** One who waits and looks again after each wake; a wake that comes while he looks is not lost. */
export interface Watch {
  wake(): void;
  /** Call before looking. */
  clear(): void;
  /** Resolves on a wake after the last {@link clear}, after `ms`, and when `signal` aborts. */
  next(ms: number | null, signal: AbortSignal): Promise<void>;
  close(): void;
}

/**
 * Wakes those who wait when nobody told them: one look into the database every two seconds for all waits of this
 * process, however many there are.
 */
export interface WaitHub {
  watch(awaited: Awaited): Watch;
  stop(): void;
}

const LOOK_MS = 2_000;
/** Timers take no more than 24 days. */
const WAIT_MS_MAX = 3_600_000;

export function createWaitHub(deps: { database: Database; clock: Clock; logger: Logger }): WaitHub {
  const { clock, logger } = deps;
  const watches = new Map<string, Set<Watch>>();
  const stop = new AbortController();
  let looking = false;

  async function look(): Promise<void> {
    looking = true;
    while (watches.size > 0) {
      await clock.sleep(LOOK_MS, stop.signal).catch(() => undefined);
      if (stop.signal.aborted) break;
      try {
        for (const key of await ready(deps.database, [...watches.keys()]))
          for (const watch of watches.get(key) ?? []) watch.wake();
      } catch (error) {
        logger.warn({ error: String(error) }, 'look at what runs wait for failed, trying again');
      }
    }
    looking = false;
  }

  return {
    watch({ kind, id }) {
      const key = `${kind}:${id}`;
      const watch = createWatch(clock, () => {
        const same = watches.get(key);
        same?.delete(watch);
        if (same?.size === 0) watches.delete(key);
      });
      watches.set(key, (watches.get(key) ?? new Set()).add(watch));
      if (!looking && !stop.signal.aborted) void look();
      return watch;
    },
    stop: () => stop.abort(),
  };
}

function createWatch(clock: Clock, close: () => void): Watch {
  let woken = deferred<void>();
  return {
    wake: () => woken.resolve(),
    clear() {
      woken = deferred();
    },
    async next(ms, signal) {
      const timer = new AbortController();
      const until = AbortSignal.any([timer.signal, signal]);
      const wait = Math.max(0, Math.min(ms ?? WAIT_MS_MAX, WAIT_MS_MAX));
      await Promise.race([woken.promise, clock.sleep(wait, until).catch(() => undefined)]);
      timer.abort();
    },
    close,
  };
}

/** Of the awaited things, as `kind:id`, those that are there. Served by the primary keys and by run_signals_free. */
async function ready(database: Database, keys: string[]): Promise<string[]> {
  const ids = (kind: Awaited['kind']) =>
    JSON.stringify(
      keys.flatMap((key) => (key.startsWith(`${kind}:`) ? [key.slice(kind.length + 1)] : [])),
    );
  const wanted = (kind: Awaited['kind']) =>
    sql`(SELECT value::uuid FROM jsonb_array_elements_text(${ids(kind)}::jsonb))`;
  const result = await database.system((tx) =>
    tx.execute(sql`
      SELECT 'approval:' || id AS key FROM run_approvals
      WHERE id IN ${wanted('approval')} AND (status <> 'open' OR due_at <= clock_timestamp())
      UNION ALL SELECT 'signal:' || run_id FROM run_signals WHERE run_id IN ${wanted('signal')} AND taken_by IS NULL
      UNION ALL SELECT 'run:' || id FROM runs
      WHERE id IN ${wanted('run')} AND status IN ('completed','failed','cancelled')`),
  );
  return (result.rows as { key: string }[]).map((row) => row.key);
}
