import type { z } from 'zod';
import type { restrictionSchema } from '@automatos/contracts';
import { notify } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import { newId, notFound } from '@automatos/kernel';
import type { Clock, Logger, WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';

export type Restriction = z.output<typeof restrictionSchema>;

/** People whose data are only kept (Art. 18), and activities that leave somebody out (Art. 21). */
export interface Restrictions {
  list(workspaceId: WorkspaceId): Promise<Restriction[]>;
  /** In the transaction of the request that asks for it; repeating it changes nothing. */
  restrict(
    tx: Tx,
    restriction: { workspaceId: WorkspaceId; userId: string; requestId: string },
  ): Promise<void>;
  /** Gives the request that it was made for. */
  lift(workspaceId: WorkspaceId, id: string): Promise<string>;
  exclude(
    tx: Tx,
    exclusion: { workspaceId: WorkspaceId; userId: string; processing: string; requestId: string },
  ): Promise<void>;
  /** Whether work of the person is refused; answered from memory, at most half a minute old in other processes. */
  isRestricted(workspaceId: WorkspaceId, userId: string): boolean;
  /** Reads again at once, where a change must count in this process without delay. */
  refresh(): Promise<void>;
  /** Reads what is there and hears of changes; until then nobody is restricted. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const CHANNEL = 'automatos_privacy';
/** Notifications are heard at once; this is for those that a lost connection swallowed. */
const REFRESH_MS = 30_000;

export function createRestrictions(deps: {
  database: Database;
  clock: Clock;
  logger: Logger;
}): Restrictions {
  const { database, clock } = deps;
  const at = () => sql`${new Date(clock.now()).toISOString()}::timestamptz`;
  const memory = createMemory(deps);
  return {
    list: (workspaceId) => database.system((tx) => readOpen(tx, workspaceId)),
    async restrict(tx, { workspaceId, userId, requestId }) {
      await tx.execute(sql`
        INSERT INTO privacy_restrictions (id, workspace_id, user_id, request_id, since)
        VALUES (${newId(clock.now())}, ${workspaceId}, ${userId}, ${requestId}, ${at()})
        ON CONFLICT (workspace_id, user_id) WHERE lifted_at IS NULL DO NOTHING`);
      await notify(tx, CHANNEL, workspaceId);
    },
    async lift(workspaceId, id) {
      const requestId = await database.workspace(workspaceId, async (tx) => {
        const { rows } = await tx.execute<{ request_id: string }>(sql`
          UPDATE privacy_restrictions SET lifted_at = ${at()} WHERE id = ${id} AND lifted_at IS NULL RETURNING request_id`);
        await notify(tx, CHANNEL, workspaceId);
        return rows[0]?.request_id;
      });
      if (requestId === undefined) throw notFound('restriction', id);
      await memory.refresh();
      return requestId;
    },
    async exclude(tx, { workspaceId, userId, processing, requestId }) {
      await tx.execute(sql`
        INSERT INTO privacy_exclusions (workspace_id, user_id, processing, request_id, since)
        VALUES (${workspaceId}, ${userId}, ${processing}, ${requestId}, ${at()}) ON CONFLICT DO NOTHING`);
    },
    isRestricted: memory.has,
    refresh: memory.refresh,
    start: memory.start,
    stop: memory.stop,
  };
}

function createMemory({
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
      unlisten = await database.listen(CHANNEL, () => void refreshLater());
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

async function readOpen(tx: Tx, workspaceId: WorkspaceId): Promise<Restriction[]> {
  const { rows } = await tx.execute(sql`
    SELECT r.id, r.user_id, coalesce(u.name, '') AS name, coalesce(u.email, '') AS email, r.request_id, r.since
    FROM privacy_restrictions r LEFT JOIN users u ON u.id = r.user_id
    WHERE r.workspace_id = ${workspaceId} AND r.lifted_at IS NULL ORDER BY r.id`);
  return (rows as unknown as Row[]).map(({ user_id: id, name, email, since, ...row }) => ({
    ...row,
    user: { id, name, email },
    since: new Date(since).toISOString(),
  }));
}

interface Row {
  id: string;
  user_id: string;
  name: string;
  email: string;
  request_id: string;
  since: Date | string;
}
