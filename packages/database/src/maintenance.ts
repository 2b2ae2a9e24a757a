import type { Logger } from '@automatos/kernel';
import type pg from 'pg';
import { quoteIdentifier } from './embedded/statement-text.ts';

const EVERY_MS = 10 * 60_000;

/** Vacuums and analyzes every table, one after the other so that other work gets its turn between them. */
export async function vacuumAll(
  pool: pg.Pool,
  stopped: () => boolean = () => false,
): Promise<number> {
  const { rows } = await pool.query<{ schemaname: string; tablename: string }>(
    `SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('information_schema', 'pg_catalog') ORDER BY 1, 2`,
  );
  let done = 0;
  for (const { schemaname, tablename } of rows) {
    if (stopped()) break;
    await pool.query(
      `VACUUM (ANALYZE) ${quoteIdentifier(schemaname)}.${quoteIdentifier(tablename)}`,
    );
    done++;
  }
  return done;
}

/** Takes the place of autovacuum where the database has none. */
export function startMaintenance(
  pool: pg.Pool,
  logger: Logger,
  everyMs = EVERY_MS,
): { stop(): Promise<void> } {
  let stopped = false;
  let current: Promise<void> = Promise.resolve();
  let isRunning = false;
  const timer = setInterval(() => {
    // One that takes longer than the time between two must not be joined by the next.
    if (isRunning) return;
    isRunning = true;
    current = vacuumAll(pool, () => stopped).then(
      (tables) => logger.debug({ tables }, 'vacuumed the database'),
      (error: Error) =>
        logger.warn({ reason: error.message }, 'vacuuming the database failed; tried again later'),
    );
    void current.then(() => {
      isRunning = false;
    });
  }, everyMs);
  timer.unref();
  return {
    stop() {
      stopped = true;
      clearInterval(timer);
      return current;
    },
  };
}
