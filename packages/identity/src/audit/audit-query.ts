import type { Tx } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { selectRows } from './audit-store.ts';
import { AUDIT_ACTOR_KINDS } from './audit-types.ts';
import type { AuditRow } from './audit-types.ts';

/** What narrows the log; absent ones do not. */
export interface AuditFilter {
  actor?: string | undefined;
  action?: string | undefined;
  outcome?: AuditRow['outcome'] | undefined;
  target?: string | undefined;
  target_type?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  search?: string | undefined;
}

/** Rows of the workspace, newest first, older than `before`. Served by the primary key, or the index of actor, action or target. */
export function listAudit(
  tx: Tx,
  workspaceId: WorkspaceId,
  page: { filter: AuditFilter; before: number | null; limit: number },
): Promise<AuditRow[]> {
  const conditions = conditionsOf(workspaceId, page.filter);
  if (page.before !== null) conditions.push(sql`sequence < ${page.before}`);
  return selectRows(tx, sql`WHERE ${and(conditions)} ORDER BY sequence DESC LIMIT ${page.limit}`);
}

/** The same, oldest first, after `after`. */
export function listAuditForward(
  tx: Tx,
  workspaceId: WorkspaceId,
  page: { filter: AuditFilter; after: number; limit: number },
): Promise<AuditRow[]> {
  const conditions = conditionsOf(workspaceId, page.filter);
  conditions.push(sql`sequence > ${page.after}`);
  return selectRows(tx, sql`WHERE ${and(conditions)} ORDER BY sequence LIMIT ${page.limit}`);
}

export async function findAuditRow(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: string,
): Promise<AuditRow | null> {
  const [row] = await selectRows(tx, sql`WHERE workspace_id = ${workspaceId} AND id = ${id}`);
  return row ?? null;
}

/** The last row of the workspace; null when nothing was recorded. */
export async function findAuditHead(tx: Tx, workspaceId: WorkspaceId): Promise<AuditRow | null> {
  const [row] = await selectRows(
    tx,
    sql`WHERE workspace_id = ${workspaceId} ORDER BY sequence DESC LIMIT 1`,
  );
  return row ?? null;
}

/** The actions that stand in the log, by name. Jumps from one to the next in audit_log_by_action, so its cost is in their number. */
export async function listAuditActions(tx: Tx, workspaceId: WorkspaceId): Promise<string[]> {
  const found = await tx.execute<{ action: string }>(sql`
    WITH RECURSIVE each AS (
      (SELECT action FROM audit_log WHERE workspace_id = ${workspaceId} ORDER BY action LIMIT 1)
      UNION ALL
      SELECT (SELECT l.action FROM audit_log l WHERE l.workspace_id = ${workspaceId} AND l.action > each.action
              ORDER BY l.action LIMIT 1)
      FROM each WHERE each.action IS NOT NULL
    )
    SELECT action FROM each WHERE action IS NOT NULL LIMIT 500`);
  return found.rows.map(({ action }) => action);
}

const and = (conditions: readonly SQL[]): SQL => sql.join([...conditions], sql` AND `);

function conditionsOf(workspaceId: WorkspaceId, filter: AuditFilter): SQL[] {
  const conditions = [sql`workspace_id = ${workspaceId}`];
  const { actor, action, outcome, target, target_type: targetType, from, to, search } = filter;
  if (actor !== undefined) {
    const isKind = (AUDIT_ACTOR_KINDS as readonly string[]).includes(actor);
    conditions.push(isKind ? sql`actor_kind = ${actor}` : sql`actor_id = ${actor}`);
  }
  if (action !== undefined) {
    conditions.push(
      action.endsWith('.') ? sql`starts_with(action, ${action})` : sql`action = ${action}`,
    );
  }
  if (outcome !== undefined) conditions.push(sql`outcome = ${outcome}`);
  if (target !== undefined) conditions.push(sql`target_id = ${target}`);
  if (targetType !== undefined) conditions.push(sql`target_type = ${targetType}`);
  if (from !== undefined) conditions.push(sql`at >= ${from}::timestamptz`);
  if (to !== undefined) conditions.push(sql`at < ${to}::timestamptz`);
  if (search !== undefined) conditions.push(matches(search));
  return conditions;
}

function matches(search: string): SQL {
  const pattern = `%${search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  return sql`(action ILIKE ${pattern} OR target_id ILIKE ${pattern} OR target_name ILIKE ${pattern}
    OR personal->>'target_name' ILIKE ${pattern}
    OR actor_id ILIKE ${pattern} OR request_id ILIKE ${pattern}
    OR personal->>'name' ILIKE ${pattern} OR personal->>'ip' ILIKE ${pattern})`;
}
