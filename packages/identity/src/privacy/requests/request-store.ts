import type { DataRequest, DataRequestStatus, DataRequestType } from '@automatos/contracts';
import type { PersonalSubject, Tx } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';

/** A request as it is stored. */
export interface RequestRow {
  id: string;
  workspaceId: WorkspaceId;
  type: DataRequestType;
  status: DataRequestStatus;
  /** Null once the person was erased. */
  subject: { id: string; email: string; name: string } | null;
  filedBy: DataRequest['filed_by'];
  details: string;
  corrections: DataRequest['corrections'];
  target: DataRequest['target'];
  receivedAt: Date;
  dueAt: Date;
  extensionReason: string | null;
  verificationMethod: 'session' | 'administrator' | null;
  verificationNote: string;
  verifiedAt: Date | null;
  executedBy: string | null;
  refusalReason: string | null;
  closedAt: Date | null;
  result: JsonObject | null;
}

export type HistoryAction = DataRequest['history'][number]['action'];
/** Who does something about a request. */
export interface RequestActor {
  by: 'person' | 'administrator' | 'system';
  id: string;
}

const COLUMNS =
  sql.raw(`r.id, r.workspace_id, r.type, r.status, r.subject_id, r.subject_email, r.subject_name, r.filed_by,
  r.details, r.corrections, r.target, r.received_at, r.due_at, r.extension_reason, r.verification_method, r.verification_note,
  r.verified_at, r.executed_by, r.refusal_reason, r.closed_at, r.result`);
const OPEN = sql.raw(`('received','verified','in_progress')`);
const at = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;

export interface NewRequest {
  workspaceId: WorkspaceId;
  type: DataRequestType;
  subject: { id: string; email: string; name: string };
  filedBy: DataRequest['filed_by'];
  details: string;
  corrections: DataRequest['corrections'];
  target: DataRequest['target'];
  dueMs: number;
  nowMs: number;
}

export async function insertRequest(tx: Tx, fresh: NewRequest): Promise<string> {
  const id = newId(fresh.nowMs);
  const json = (value: object | null) =>
    sql`${value === null ? null : JSON.stringify(value)}::jsonb`;
  await tx.execute(sql`
    INSERT INTO privacy_requests (id, workspace_id, type, status, subject_id, subject_email, subject_name, filed_by, details,
      corrections, target, received_at, due_at)
    VALUES (${id}, ${fresh.workspaceId}, ${fresh.type}, 'received', ${fresh.subject.id}, ${fresh.subject.email},
      ${fresh.subject.name}, ${fresh.filedBy}, ${fresh.details}, ${json(fresh.corrections)}, ${json(fresh.target)},
      ${at(fresh.nowMs)}, ${at(fresh.dueMs)})`);
  return id;
}

/** The open request of this kind by this person; serialises with others that look for the same person. */
export async function findOpen(
  tx: Tx,
  wanted: { workspaceId: WorkspaceId; subjectId: string; type: DataRequestType },
): Promise<string | null> {
  await tx.execute(
    sql`SELECT pg_advisory_xact_lock(hashtextextended(${`automatos.privacy_request:${wanted.subjectId}`}, 0))`,
  );
  const { rows } = await tx.execute<{ id: string }>(sql`
    SELECT id FROM privacy_requests WHERE workspace_id = ${wanted.workspaceId} AND subject_id = ${wanted.subjectId}
      AND type = ${wanted.type} AND status IN ${OPEN} LIMIT 1`);
  return rows[0]?.id ?? null;
}

export interface RequestFilter {
  limit: number;
  before: string | undefined;
  status?: DataRequestStatus | undefined;
  type?: DataRequestType | undefined;
  subjectId?: string | undefined;
}

/** Newest first; one more than `limit` when there is a next page. Served by privacy_requests_by_time. */
export function listRequests(
  tx: Tx,
  workspaceId: WorkspaceId,
  filter: RequestFilter,
): Promise<RequestRow[]> {
  const conditions = [
    sql`r.workspace_id = ${workspaceId}`,
    ...(filter.before === undefined ? [] : [sql`r.id < ${filter.before}::uuid`]),
    ...(filter.status === undefined ? [] : [sql`r.status = ${filter.status}`]),
    ...(filter.type === undefined ? [] : [sql`r.type = ${filter.type}`]),
    ...(filter.subjectId === undefined ? [] : [sql`r.subject_id = ${filter.subjectId}`]),
  ];
  return read(
    tx,
    sql`${sql.join(conditions, sql` AND `)} ORDER BY r.id DESC LIMIT ${filter.limit + 1}`,
  );
}

/** Null when the workspace has none of this id; with `lock` nobody else changes it until the transaction ends. */
export async function findRequest(
  tx: Tx,
  place: { workspaceId: WorkspaceId; id: string },
  lock = false,
): Promise<RequestRow | null> {
  const [row] = await read(
    tx,
    sql`r.workspace_id = ${place.workspaceId} AND r.id = ${place.id} ${lock ? sql`FOR UPDATE` : sql``}`,
  );
  return row ?? null;
}

/** No request says any more whose it was, nor what they wrote. */
export async function forgetRequestsOf(tx: Tx, subject: PersonalSubject): Promise<void> {
  await tx.execute(sql`
    UPDATE privacy_requests SET subject_id = NULL, subject_email = NULL, subject_name = NULL, details = '', corrections = NULL,
      target = NULL, verification_note = CASE WHEN verification_note IS NULL THEN NULL ELSE '' END
    WHERE subject_id = ${subject.userId} AND workspace_id = ANY(${sql.param([...subject.workspaces])}::uuid[])`);
}

/** Sets columns of a request. */
export async function updateRequest(tx: Tx, id: string, sets: readonly SQL[]): Promise<void> {
  await tx.execute(
    sql`UPDATE privacy_requests SET ${sql.join([...sets], sql`, `)} WHERE id = ${id}`,
  );
}

export async function addHistory(
  tx: Tx,
  entry: {
    request: Pick<RequestRow, 'id' | 'workspaceId'>;
    action: HistoryAction;
    actor: RequestActor;
    note: string;
    nowMs: number;
  },
): Promise<void> {
  const { request, action, actor, note, nowMs } = entry;
  await tx.execute(sql`
    INSERT INTO privacy_request_history (id, request_id, workspace_id, at, action, by, actor_id, note)
    VALUES (${newId(nowMs)}, ${request.id}, ${request.workspaceId}, ${at(nowMs)}, ${action}, ${actor.by}, ${actor.id}, ${note})`);
}

export async function readHistory(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, DataRequest['history']>> {
  const { rows } = await tx.execute(sql`
    SELECT request_id, at, action, by, note FROM privacy_request_history
    WHERE request_id = ANY(${sql.param([...ids])}::uuid[]) ORDER BY id`);
  const entries = (rows as unknown as HistoryRow[]).map((row) => ({
    requestId: row.request_id,
    entry: { at: new Date(row.at).toISOString(), action: row.action, by: row.by, note: row.note },
  }));
  const grouped = Map.groupBy(entries, ({ requestId }) => requestId);
  return new Map([...grouped].map(([id, own]) => [id, own.map(({ entry }) => entry)]));
}

interface HistoryRow {
  request_id: string;
  at: Date | string;
  action: HistoryAction;
  by: RequestActor['by'];
  note: string;
}

interface StoredExport {
  format: 'json' | 'markdown';
  content: string;
}

export async function putExport(
  tx: Tx,
  made: {
    request: RequestRow;
    userId: string;
    exports: readonly StoredExport[];
    nowMs: number;
    expiresMs: number;
  },
): Promise<void> {
  for (const { format, content } of made.exports) {
    await tx.execute(sql`
      INSERT INTO privacy_exports (request_id, format, workspace_id, user_id, content, created_at, expires_at)
      VALUES (${made.request.id}, ${format}, ${made.request.workspaceId}, ${made.userId}, ${content}, ${at(made.nowMs)},
        ${at(made.expiresMs)})
      ON CONFLICT (request_id, format) DO UPDATE SET content = EXCLUDED.content, expires_at = EXCLUDED.expires_at`);
  }
}

export async function findExport(
  tx: Tx,
  wanted: { requestId: string; format: string; nowMs: number },
): Promise<string | null> {
  const { rows } = await tx.execute<{ content: string }>(sql`
    SELECT content FROM privacy_exports
    WHERE request_id = ${wanted.requestId} AND format = ${wanted.format} AND expires_at > ${at(wanted.nowMs)}`);
  return rows[0]?.content ?? null;
}

/** What can still be fetched, by request. */
export async function readExports(
  tx: Tx,
  ids: readonly string[],
  nowMs: number,
): Promise<Map<string, NonNullable<DataRequest['export']>>> {
  const { rows } = await tx.execute(sql`
    SELECT request_id, array_agg(format ORDER BY format) AS formats, min(expires_at) AS expires_at FROM privacy_exports
    WHERE request_id = ANY(${sql.param([...ids])}::uuid[]) AND expires_at > ${at(nowMs)} GROUP BY request_id`);
  return new Map(
    (rows as unknown as ExportRow[]).map((row) => [
      row.request_id,
      { formats: row.formats, expires_at: new Date(row.expires_at).toISOString() },
    ]),
  );
}

interface ExportRow {
  request_id: string;
  formats: ('json' | 'markdown')[];
  expires_at: Date | string;
}

interface Stored {
  id: string;
  workspace_id: WorkspaceId;
  type: DataRequestType;
  status: DataRequestStatus;
  subject_id: string | null;
  subject_email: string | null;
  subject_name: string | null;
  filed_by: DataRequest['filed_by'];
  details: string;
  corrections: DataRequest['corrections'];
  target: DataRequest['target'];
  received_at: Date | string;
  due_at: Date | string;
  extension_reason: string | null;
  verification_method: 'session' | 'administrator' | null;
  verification_note: string | null;
  verified_at: Date | string | null;
  executed_by: string | null;
  refusal_reason: string | null;
  closed_at: Date | string | null;
  result: JsonObject | null;
}

const date = (value: Date | string | null) => (value === null ? null : new Date(value));

async function read(tx: Tx, rest: SQL): Promise<RequestRow[]> {
  const { rows } = await tx.execute(sql`SELECT ${COLUMNS} FROM privacy_requests r WHERE ${rest}`);
  return (rows as unknown as Stored[]).map((row) => ({
    id: row.id,
    workspaceId: row.workspace_id,
    type: row.type,
    status: row.status,
    subject:
      row.subject_id === null
        ? null
        : { id: row.subject_id, email: row.subject_email ?? '', name: row.subject_name ?? '' },
    filedBy: row.filed_by,
    details: row.details,
    corrections: row.corrections,
    target: row.target,
    receivedAt: new Date(row.received_at),
    dueAt: new Date(row.due_at),
    extensionReason: row.extension_reason,
    verificationMethod: row.verification_method,
    verificationNote: row.verification_note ?? '',
    verifiedAt: date(row.verified_at),
    executedBy: row.executed_by,
    refusalReason: row.refusal_reason,
    closedAt: date(row.closed_at),
    result: row.result,
  }));
}
