import { sql } from 'drizzle-orm';
import type { Approval } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import type { JsonObject } from '@automatos/kernel';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { toStorableJson } from '../storable-json.ts';
import type { ApprovalRequest, Approver } from '../types.ts';

export interface ApprovalRow {
  id: string;
  run_id: string;
  wait_key: string;
  run_title: string;
  recipe_slug: string | null;
  step_id: string;
  title: string;
  message: string;
  fields: JsonObject | null;
  approvers: { roles: string[]; users: string[] } | null;
  status: Approval['status'];
  decided_by: string | null;
  comment: string | null;
  values: JsonObject | null;
  requested_at: Date | string;
  due_at: Date | string;
  decided_at: Date | string | null;
  /** By the database's clock, the only one that decides whether an approval has run out. */
  left_ms: number;
}

const COLUMNS = sql`a.id, a.run_id, a.wait_key, r.title AS run_title, r.recipe_slug, a.step_id, a.title, a.message, a.fields,
  a.approvers, a.status, a.decided_by, a.comment, a.values, a.requested_at, a.due_at, a.decided_at,
  (extract(epoch FROM a.due_at - clock_timestamp()) * 1000)::float8 AS left_ms`;

const iso = (time: Date | string) => new Date(time).toISOString();

/** Whether the request lets this person decide; without approvers everybody may who has the permission. */
export function isApprover(row: Pick<ApprovalRow, 'approvers'>, approver: Approver): boolean {
  if (row.approvers === null) return true;
  const { roles, users } = row.approvers;
  const email = approver.email?.toLowerCase();
  return (
    roles.includes(approver.role) ||
    users.some((user) => user === approver.id || user.toLowerCase() === email)
  );
}

export function toApproval(row: ApprovalRow, approver: Approver): Approval {
  return {
    id: row.id,
    run_id: row.run_id,
    run_title: row.run_title,
    recipe_slug: row.recipe_slug,
    step_id: row.step_id,
    title: row.title,
    message: row.message,
    fields: row.fields,
    approvers: row.approvers,
    status: row.status,
    may_decide: row.status === 'open' && row.left_ms > 0 && isApprover(row, approver),
    decided_by: row.decided_by,
    comment: row.comment,
    values: row.values,
    requested_at: iso(row.requested_at),
    due_at: iso(row.due_at),
    decided_at: row.decided_at === null ? null : iso(row.decided_at),
  };
}

/** Stores the request unless it is stored already; null then. */
export async function insertApproval(
  tx: Tx,
  at: { id: string; workspaceId: string; runId: string },
  request: ApprovalRequest,
): Promise<{ dueAt: string } | null> {
  const result = await tx.execute(sql`
    INSERT INTO run_approvals (id, workspace_id, run_id, step_id, wait_key, title, message, fields, approvers, requested_at, due_at)
    VALUES (${at.id}, ${at.workspaceId}, ${at.runId}, ${request.stepId}, ${request.key}, ${storable(request.title)},
      ${storable(request.message)}, ${request.fields ? toStorableJson(request.fields) : null}::jsonb,
      ${request.approvers ? toStorableJson(request.approvers) : null}::jsonb, clock_timestamp(),
      clock_timestamp() + ${request.timeoutMs}::float8 * interval '1 millisecond')
    ON CONFLICT (run_id, wait_key) DO NOTHING RETURNING due_at`);
  const row = result.rows[0] as { due_at: Date | string } | undefined;
  return row ? { dueAt: iso(row.due_at) } : null;
}

function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

export async function findApproval(
  tx: Tx,
  by: { id: string } | { runId: string; key: string },
): Promise<ApprovalRow | null> {
  const where =
    'id' in by ? sql`a.id = ${by.id}` : sql`a.run_id = ${by.runId} AND a.wait_key = ${by.key}`;
  const result = await tx.execute(
    sql`SELECT ${COLUMNS} FROM run_approvals a JOIN runs r ON r.id = a.run_id WHERE ${where}`,
  );
  return (result.rows[0] as unknown as ApprovalRow | undefined) ?? null;
}

/** Ends an open approval; false when it has ended already. The caller holds the lock of its run. */
export async function settleApproval(
  tx: Tx,
  id: string,
  end: {
    status: 'approved' | 'rejected' | 'timed_out' | 'cancelled';
    by?: string;
    comment?: string | undefined;
    values?: JsonObject | null;
  },
): Promise<boolean> {
  const result = await tx.execute(sql`
    UPDATE run_approvals SET status = ${end.status}, decided_by = ${end.by ?? null}, comment = ${storable(end.comment ?? '') || null},
      values = ${end.values ? toStorableJson(end.values) : null}::jsonb, decided_at = clock_timestamp()
    WHERE id = ${id} AND status = 'open' RETURNING id`);
  return result.rows.length > 0;
}

/**
 * Approvals of the workspace: open ones by the time they run out, otherwise the newest request first. Served by
 * run_approvals_open and run_approvals_by_time.
 */
export async function listApprovals(
  tx: Tx,
  filter: {
    limit: number;
    cursor?: string | undefined;
    status?: string | undefined;
    run?: string | undefined;
  },
): Promise<{ rows: ApprovalRow[]; nextCursor: string | null }> {
  const open = filter.status === 'open';
  const column = open ? sql`a.due_at` : sql`a.requested_at`;
  const time = sql`date_trunc('milliseconds', ${column})`;
  const after = filter.cursor ? decodeCursor(filter.cursor) : null;
  const bound = after ? sql`(${after.at}::timestamptz, ${after.id}::uuid)` : sql``;
  const page = after ? sql`AND (${time}, a.id) ${open ? sql`>` : sql`<`} ${bound}` : sql``;
  const order = open ? sql`${time}, a.id` : sql`${time} DESC, a.id DESC`;
  const result = await tx.execute(sql`
    SELECT ${COLUMNS} FROM run_approvals a JOIN runs r ON r.id = a.run_id
    WHERE (${filter.status ?? null}::text IS NULL OR a.status = ${filter.status ?? null})
      AND (${filter.run ?? null}::uuid IS NULL OR a.run_id = ${filter.run ?? null}::uuid) ${page}
    ORDER BY ${order} LIMIT ${filter.limit + 1}`);
  const rows = result.rows as unknown as ApprovalRow[];
  const shown = rows.slice(0, filter.limit);
  const last = shown.at(-1);
  return {
    rows: shown,
    nextCursor:
      last && rows.length > filter.limit
        ? encodeCursor({ at: iso(open ? last.due_at : last.requested_at), id: last.id })
        : null,
  };
}
