import type { Database, Tx } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import type { RetentionCategory, RetentionScope } from './retention-category.ts';

/** Null: what belongs to the installation. */
export type RetentionOwner = WorkspaceId | null;

export interface StoredPeriod extends Record<string, unknown> {
  category: string;
  days: number | null;
  updated_at: Date | string;
}

/** Periods that hold for the installation: they belong to no workspace, so the system is asked. */
export async function readPlatformPeriods(
  database: Pick<Database, 'system'>,
): Promise<StoredPeriod[]> {
  const { rows } = await database.system((tx) =>
    tx.execute<StoredPeriod>(
      sql`SELECT category, days, updated_at FROM privacy_retention WHERE workspace_id IS NULL`,
    ),
  );
  return rows;
}

/** What belongs to the installation as the system, everything else in its workspace. */
export function inScopeOf<T>(
  database: Pick<Database, 'system' | 'workspace'>,
  owner: RetentionOwner,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return owner === null ? database.system(work) : database.workspace(owner, work);
}

/** Deletes a chunk. Tables that nobody may change in a workspace are changed by their owner, whose condition is then the only one. */
export function deleteChunk(
  database: Pick<Database, 'system' | 'workspace'>,
  { category, scope, limit }: { category: RetentionCategory; scope: RetentionScope; limit: number },
): Promise<number> {
  const owner = category.byOwner === true ? null : scope.workspaceId;
  return inScopeOf(database, owner, (tx) => category.delete(tx, scope, limit));
}
