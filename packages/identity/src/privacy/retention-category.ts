import type { Tx } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';

/** What is older than `before`, of one workspace, or of the installation with null. */
export interface RetentionScope {
  workspaceId: WorkspaceId | null;
  before: Date;
}

/** A kind of data with the period for which it is kept. */
export interface RetentionCategory {
  category: string;
  name: string;
  description: string;
  /** Null: kept without limit until somebody sets a period. */
  defaultDays: number | null;
  minDays: number;
  maxDays: number;
  /** Why less is not possible; empty when nothing forbids it. */
  minimumReason: string;
  scope: 'workspace' | 'platform';
  /** Its table is one that a workspace's own transaction may not change, so its chunks are deleted as the owner of the tables. */
  byOwner?: true;
  /** Rows that would go; `tx` is in the scope of the workspace, or the system's for the installation. */
  count(tx: Tx, scope: RetentionScope): Promise<number>;
  /** Deletes at most `limit` of them, the oldest first as far as that is cheap; gives how many. */
  delete(tx: Tx, scope: RetentionScope, limit: number): Promise<number>;
}

export interface TableRetention extends Omit<RetentionCategory, 'count' | 'delete'> {
  table: string;
  /** Columns that identify a row. */
  key: readonly string[];
  /** Time that decides, as SQL over `t`. */
  time: SQL;
  /** Rows that may go at all, over `t`. */
  only?: SQL;
  /** Instead of deleting: sets these columns, of rows where that is still to be done. */
  clear?: { set: SQL; while: SQL };
}

const list = (parts: Parameters<typeof sql.join>[0]) => sql.join(parts, sql`, `);

/** A category whose data are the rows of one table. */
export function tableRetention(options: TableRetention): RetentionCategory {
  const { table, key, time, only, clear, ...category } = options;
  const name = sql.identifier(table);
  const keys = list(key.map((column) => sql.identifier(column)));
  const ofTable = list(key.map((column) => sql`t.${sql.identifier(column)}`));
  const condition = ({ workspaceId, before }: RetentionScope) =>
    sql.join(
      [
        workspaceId === null ? sql`true` : sql`t.workspace_id = ${workspaceId}`,
        sql`${time} < ${before.toISOString()}::timestamptz`,
        only ?? sql`true`,
        clear?.while ?? sql`true`,
      ],
      sql` AND `,
    );
  return {
    ...category,
    async count(tx, scope) {
      const { rows } = await tx.execute<{ rows: number }>(
        sql`SELECT count(*)::int AS rows FROM ${name} AS t WHERE ${condition(scope)}`,
      );
      return rows[0]?.rows ?? 0;
    },
    async delete(tx, scope, limit) {
      const chosen = sql`SELECT ${ofTable} FROM ${name} AS t WHERE ${condition(scope)} LIMIT ${limit} FOR UPDATE SKIP LOCKED`;
      const done = await tx.execute(
        clear === undefined
          ? sql`DELETE FROM ${name} WHERE (${keys}) IN (${chosen})`
          : sql`UPDATE ${name} SET ${clear.set} WHERE (${keys}) IN (${chosen})`,
      );
      return done.rowCount ?? 0;
    },
  };
}
