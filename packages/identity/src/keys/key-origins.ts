import { sql } from 'drizzle-orm';
import type { Database, Tx } from '@automatos/database';
import { notify } from '@automatos/database';
import type { Clock, Logger } from '@automatos/kernel';

const CHANNEL = 'automatos_key_origins';
/** Backstop for a notification that got lost while the database was away. */
const FRESH_MS = 30_000;

/** Origins that some browser key of any workspace may be used from, from memory: asked at each preflight. */
export interface KeyOrigins {
  /** Whether a page of this origin may ask at all; the key itself is checked where it is presented. */
  isKeyOrigin(origin: string): Promise<boolean>;
  /** Tells all processes that origins were changed, when the transaction commits. */
  changed(tx: Tx): Promise<void>;
  /** Reads the origins, and hears of changes until {@link stop}. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createKeyOrigins(deps: {
  database: Pick<Database, 'system' | 'listen'>;
  clock: Pick<Clock, 'now'>;
  logger: Logger;
}): KeyOrigins {
  const { database, clock, logger } = deps;
  let known: ReadonlySet<string> = new Set();
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  let isStale = false;
  let unlisten: (() => Promise<void>) | undefined;

  async function readAll(): Promise<void> {
    do {
      isStale = false;
      const now = clock.now();
      known = await database.system((tx) => livingOrigins(tx, now));
      readAtMs = now;
    } while (isStale);
  }

  /** One at a time; what is told while one is under way is read after it. */
  function refresh(): Promise<void> {
    isStale = true;
    return (reading ??= readAll()
      .catch((error: unknown) =>
        logger.warn({ reason: String(error) }, 'origins of browser keys could not be read'),
      )
      .finally(() => {
        reading = undefined;
      }));
  }

  return {
    async isKeyOrigin(origin) {
      if (clock.now() - readAtMs > FRESH_MS) await refresh();
      return known.has(origin);
    },
    changed: (tx) => notify(tx, CHANNEL, ''),
    async start() {
      unlisten = await database.listen(CHANNEL, () => void refresh());
      await refresh();
    },
    async stop() {
      await unlisten?.();
      await reading;
    },
  };
}

async function livingOrigins(tx: Tx, nowMs: number): Promise<ReadonlySet<string>> {
  const found = await tx.execute<{ origin: string }>(sql`
    SELECT DISTINCT unnest(origins) AS origin FROM api_keys
    WHERE kind = 'browser' AND (expires_at IS NULL OR expires_at > ${new Date(nowMs).toISOString()}::timestamptz)`);
  return new Set(found.rows.map(({ origin }) => origin));
}
