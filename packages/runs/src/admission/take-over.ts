import type { Database } from '@automatos/database';
import { isUuid } from '@automatos/kernel';
import { WORKFLOW } from '../engine.ts';

/** A workflow without a living owner. */
export interface Orphan {
  runId: string;
  owner: string | null;
  token: string | null;
}

interface OrphanRow {
  workflow_uuid: string;
  executor_id: string | null;
  owner_xid: string | null;
}

/** Workflows of ours that are not done, in the engine's words. */
export const OPEN_WORKFLOW = `w.status IN ('PENDING','ENQUEUED') AND w.name = '${WORKFLOW.name}'`;
/** The run's id of such a workflow; other programs' workflows may have other ids. */
export const RUN_OF_WORKFLOW = `(CASE WHEN w.name = '${WORKFLOW.name}' THEN w.workflow_uuid::uuid END)`;
/** An owner lives as long as its row stands; see the executor's lease. */
export const OWNED = `EXISTS (SELECT 1 FROM run_executors e WHERE e.process_id::text = w.executor_id)`;

/**
 * Unfinished workflows of an understood version that nobody executes: their owner has no lease any more, or it is this
 * process and does not know them (`own` less `known`), because the answer to a claim got lost.
 */
export async function findOrphans(
  database: Database,
  look: { owner: string; known: string[]; versions: string[]; limit: number },
): Promise<Orphan[]> {
  const result = await database.pool.query<OrphanRow>(
    `SELECT w.workflow_uuid, w.executor_id, w.owner_xid
     FROM dbos.workflow_status w JOIN runs r ON r.id = ${RUN_OF_WORKFLOW}
     WHERE ${OPEN_WORKFLOW} AND w.application_version = ANY($3::text[])
       AND (NOT ${OWNED} OR (w.executor_id = $1 AND w.workflow_uuid <> ALL($2::text[])))
     ORDER BY w.created_at LIMIT $4`,
    [look.owner, look.known, look.versions, look.limit],
  );
  return result.rows
    .filter((row) => isUuid(row.workflow_uuid))
    .map((row) => ({ runId: row.workflow_uuid, owner: row.executor_id, token: row.owner_xid }));
}

export interface TakenRun {
  id: string;
  workspaceId: string;
  attempts: number;
}

/**
 * Makes orphans this executor's own, each of them only if it stands as it was read: of two recoverers with the same list
 * the later one gets nothing.
 */
export async function takeOver(
  database: Database,
  orphans: Orphan[],
  mine: { owner: string; journalVersion: string; token: string },
): Promise<TakenRun[]> {
  if (orphans.length === 0) return [];
  const result = await database.pool.query<{
    id: string;
    workspace_id: string;
    recovery_attempts: string;
  }>(
    `UPDATE dbos.workflow_status w SET status = 'PENDING', executor_id = $2, application_version = $3, owner_xid = $4,
       queue_name = NULL, recovery_attempts = w.recovery_attempts + 1, updated_at = (EXTRACT(EPOCH FROM now()) * 1000)::bigint
     FROM jsonb_to_recordset($1::jsonb) AS o("runId" uuid, owner text, token text) JOIN runs r ON r.id = o."runId"
     WHERE w.workflow_uuid = o."runId"::text AND ${OPEN_WORKFLOW}
       AND w.executor_id IS NOT DISTINCT FROM o.owner AND w.owner_xid IS NOT DISTINCT FROM o.token
     RETURNING r.id, r.workspace_id, w.recovery_attempts`,
    [JSON.stringify(orphans), mine.owner, mine.journalVersion, mine.token],
  );
  return result.rows.map((row) => ({
    id: row.id,
    workspaceId: row.workspace_id,
    attempts: Number(row.recovery_attempts),
  }));
}
