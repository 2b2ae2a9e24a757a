import { randomBytes } from 'node:crypto';
import type { Tx } from '@automatos/database';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { AUDIT_VERSION, personalHash, rowHash } from './audit-hash.ts';
import type { AuditEntry, AuditPersonal, AuditRow } from './audit-types.ts';
import { redactDetails, redactText } from './redact-details.ts';

const NAME_MAX = 200;

interface HeadRow extends Record<string, unknown> {
  sequence: string | number;
  hash: string;
  at: Date | string;
  known: string[];
}

/**
 * Appends entries of one workspace to its chain in `tx` and gives the rows. From then on until `tx` ends nobody else appends
 * there, so it belongs at its end. Entries whose id is in the log already are left out.
 */
export async function appendEntries(
  tx: Tx,
  workspaceId: WorkspaceId,
  entries: readonly AuditEntry[],
): Promise<AuditRow[]> {
  const ids = sql.param(entries.map((entry) => entry.id));
  const found = await tx.execute<HeadRow>(
    sql`SELECT sequence, hash, at, known FROM automatos_audit_head(${workspaceId}, ${ids}::uuid[])`,
  );
  const head = found.rows[0] as HeadRow;
  const known = new Set(head.known);
  const rows: AuditRow[] = [];
  let last = { sequence: Number(head.sequence), hash: head.hash };
  const at = new Date(head.at).toISOString();
  for (const entry of entries) {
    if (known.has(entry.id)) continue;
    known.add(entry.id);
    last = toRow(entry, { workspaceId, last, at });
    rows.push(last as AuditRow);
  }
  if (rows.length > 0) await insertRows(tx, rows);
  return rows;
}

function toRow(
  entry: AuditEntry,
  place: { workspaceId: WorkspaceId; last: { sequence: number; hash: string }; at: string },
): AuditRow {
  const { actor, target } = entry;
  const personal: AuditPersonal = {
    nonce: randomBytes(16).toString('hex'),
    name: redactText(actor.name, NAME_MAX),
    ip: redactText(actor.ip ?? '', 64),
    user_agent: redactText(actor.userAgent ?? '', NAME_MAX),
    target_name: redactText(target.name, NAME_MAX),
  };
  const row = {
    workspaceId: place.workspaceId,
    sequence: place.last.sequence + 1,
    id: entry.id,
    version: AUDIT_VERSION,
    at: place.at,
    actorKind: actor.kind,
    actorId: redactText(actor.id, NAME_MAX),
    action: entry.action,
    target: {
      type: redactText(target.type, NAME_MAX),
      id: redactText(target.id, NAME_MAX),
      name: '',
    },
    outcome: entry.outcome,
    requestId: redactText(entry.requestId, NAME_MAX),
    details: redactDetails(entry.details),
    personalHash: personalHash(personal),
    prevHash: place.last.hash,
  };
  return { ...row, personal, hash: rowHash(row) };
}

async function insertRows(tx: Tx, rows: readonly AuditRow[]): Promise<void> {
  const records = rows.map((row) => ({
    workspace_id: row.workspaceId,
    sequence: row.sequence,
    id: row.id,
    version: row.version,
    at: row.at,
    actor_kind: row.actorKind,
    actor_id: row.actorId,
    action: row.action,
    target_type: row.target.type,
    target_id: row.target.id,
    target_name: row.target.name,
    outcome: row.outcome,
    request_id: row.requestId,
    details: row.details,
    personal: row.personal,
    personal_hash: row.personalHash,
    prev_hash: row.prevHash,
    hash: row.hash,
  }));
  await tx.execute(sql`
    INSERT INTO audit_log (workspace_id, sequence, id, version, at, actor_kind, actor_id, action, target_type, target_id,
      target_name, outcome, request_id, details, personal, personal_hash, prev_hash, hash)
    SELECT workspace_id, sequence, id, version, at, actor_kind, actor_id, action, target_type, target_id,
      target_name, outcome, request_id, details, personal, personal_hash, prev_hash, hash
    FROM jsonb_to_recordset(${JSON.stringify(records)}::jsonb) AS r (workspace_id uuid, sequence bigint, id uuid, version smallint,
      at timestamptz, actor_kind text, actor_id text, action text, target_type text, target_id text, target_name text,
      outcome text, request_id text, details jsonb, personal jsonb, personal_hash text, prev_hash text, hash text)
    ORDER BY sequence`);
}

/** Puts entries down that are no rows yet; `complete` ones become rows soon, the others when they are settled or left behind. */
export async function insertPending(
  tx: Tx,
  entries: readonly AuditEntry[],
  complete: boolean,
): Promise<void> {
  const records = entries.map((entry) => ({
    id: entry.id,
    workspace_id: entry.workspaceId,
    entry: withoutSecrets(entry),
  }));
  await tx.execute(sql`
    INSERT INTO audit_pending (id, workspace_id, entry, complete)
    SELECT id, workspace_id, entry, ${complete}
    FROM jsonb_to_recordset(${JSON.stringify(records)}::jsonb) AS r (id uuid, workspace_id uuid, entry jsonb)`);
}

/** Also what only waits holds no secret. */
function withoutSecrets(entry: AuditEntry): JsonObject {
  return redactDeep({
    ...entry,
    actor: { ...entry.actor },
    target: { ...entry.target },
    details: redactDetails(entry.details),
  } as unknown as JsonObject);
}

function redactDeep(value: JsonObject): JsonObject {
  return JSON.parse(
    JSON.stringify(value, (_name, inner: unknown) =>
      typeof inner === 'string' ? redactText(inner) : inner,
    ),
  ) as JsonObject;
}

export async function deletePending(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.execute(sql`DELETE FROM audit_pending WHERE id = ANY(${sql.param(ids)}::uuid[])`);
}

/** What is complete, or was left behind by a process that is gone; oldest first, locked against other processes. Served by audit_pending_by_time. */
export async function takePending(
  tx: Tx,
  options: { limit: number; leftBehindMs: number },
): Promise<{ entry: AuditEntry; complete: boolean }[]> {
  const result = await tx.execute<{ entry: unknown; complete: boolean }>(sql`
    SELECT entry, complete FROM audit_pending
    WHERE complete OR created_at < clock_timestamp() - ${options.leftBehindMs} * interval '1 millisecond'
    ORDER BY created_at, id LIMIT ${options.limit} FOR UPDATE SKIP LOCKED`);
  return result.rows.map((row) => ({
    entry: row.entry as AuditEntry,
    complete: row.complete,
  }));
}

interface LogRow extends Record<string, unknown> {
  workspace_id: string;
  sequence: string | number;
  id: string;
  version: number;
  at: Date | string;
  actor_kind: AuditRow['actorKind'];
  actor_id: string;
  action: string;
  target_type: string;
  target_id: string;
  target_name: string;
  outcome: AuditRow['outcome'];
  request_id: string;
  details: JsonObject;
  personal: AuditPersonal | null;
  personal_hash: string;
  prev_hash: string;
  hash: string;
}

/** Rows of the workspace in scope. The caller gives the condition, the order and the limit, and with them the index. */
export async function selectRows(tx: Tx, rest: SQL): Promise<AuditRow[]> {
  const result = await tx.execute<LogRow>(sql`
    SELECT workspace_id, sequence, id, version, at, actor_kind, actor_id, action, target_type, target_id, target_name,
      outcome, request_id, details, personal, personal_hash, prev_hash, hash
    FROM audit_log ${rest}`);
  return result.rows.map((row) => ({
    workspaceId: row.workspace_id,
    sequence: Number(row.sequence),
    id: row.id,
    version: row.version,
    at: new Date(row.at).toISOString(),
    actorKind: row.actor_kind,
    actorId: row.actor_id,
    action: row.action,
    target: {
      type: row.target_type,
      id: row.target_id,
      // Since version 2 the column is empty; something in it shows, and does not pass the check of the chain.
      name: row.target_name === '' ? (row.personal?.target_name ?? '') : row.target_name,
    },
    outcome: row.outcome,
    requestId: row.request_id,
    details: row.details,
    personal: row.personal,
    personalHash: row.personal_hash,
    prevHash: row.prev_hash,
    hash: row.hash,
  }));
}

/** Empties name, address and browser of a person's rows in every workspace; the chains still hold. Needs the owner's transaction. */
export async function erasePersonal(tx: Tx, actorId: string): Promise<number> {
  const result = await tx.execute(
    sql`UPDATE audit_log SET personal = NULL WHERE actor_id = ${actorId} AND personal IS NOT NULL`,
  );
  return result.rowCount ?? 0;
}
