import type { z } from 'zod';
import type { restrictionSchema } from '@automatos/contracts';
import { notify } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import { newId, notFound } from '@automatos/kernel';
import type { Clock, Logger, WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import { describePeople } from './people.ts';
import { createRestrictionMemory, RESTRICTIONS_CHANNEL } from './restriction-memory.ts';

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

export function createRestrictions(deps: {
  database: Database;
  clock: Clock;
  logger: Logger;
}): Restrictions {
  const { database, clock } = deps;
  const at = () => sql`${new Date(clock.now()).toISOString()}::timestamptz`;
  const memory = createRestrictionMemory(deps);
  return {
    async list(workspaceId) {
      const rows = await database.workspaceReads(workspaceId, readOpen);
      const describe = await describePeople(
        database,
        rows.map((row) => row.user_id),
      );
      return rows.map(({ user_id: id, since, ...row }) => ({
        ...row,
        user: describe(id),
        since: new Date(since).toISOString(),
      }));
    },
    async restrict(tx, { workspaceId, userId, requestId }) {
      await tx.execute(sql`
        INSERT INTO privacy_restrictions (id, workspace_id, user_id, request_id, since)
        VALUES (${newId(clock.now())}, ${workspaceId}, ${userId}, ${requestId}, ${at()})
        ON CONFLICT (workspace_id, user_id) WHERE lifted_at IS NULL DO NOTHING`);
      await notify(tx, RESTRICTIONS_CHANNEL, workspaceId);
    },
    async lift(workspaceId, id) {
      const requestId = await database.workspace(workspaceId, async (tx) => {
        const { rows } = await tx.execute<{ request_id: string }>(sql`
          UPDATE privacy_restrictions SET lifted_at = ${at()} WHERE id = ${id} AND lifted_at IS NULL RETURNING request_id`);
        await notify(tx, RESTRICTIONS_CHANNEL, workspaceId);
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

/** Of the workspace in scope, oldest first. */
async function readOpen(tx: Tx): Promise<Row[]> {
  const { rows } = await tx.execute(
    sql`SELECT id, user_id, request_id, since FROM privacy_restrictions WHERE lifted_at IS NULL ORDER BY id`,
  );
  return rows as unknown as Row[];
}

interface Row {
  id: string;
  user_id: string;
  request_id: string;
  since: Date | string;
}
