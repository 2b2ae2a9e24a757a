import type { ThreatOverview, ThreatReason } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import type { Assessment } from '../threat-types.ts';

/** Rows of a workspace, or of the platform for null. */
export function ofScope(workspaceId: WorkspaceId | null): SQL {
  return workspaceId === null ? sql`workspace_id IS NULL` : sql`workspace_id = ${workspaceId}`;
}

/** Assessments of all workspaces in one statement; those of a workspace that is gone are left out. */
export async function insertAssessments(tx: Tx, assessments: readonly Assessment[]): Promise<void> {
  const rows = assessments.map((each) => ({
    ...each,
    at: new Date(each.at).toISOString(),
    principal_kind: each.principal.kind,
    principal_id: each.principal.id,
    principal_name: each.principal.name,
  }));
  await tx.execute(sql`
    INSERT INTO threat_assessments (id, workspace_id, at, score, level, action, enforced, categories, principal_kind,
      principal_id, principal_name, address, user_agent, request_id, method, route, status, run_id, duration_us, reasons)
    SELECT r.id, r."workspaceId", r.at, r.score, r.level, r.action, r.enforced,
      ARRAY(SELECT jsonb_array_elements_text(r.categories)), r.principal_kind, r.principal_id, r.principal_name, r.address,
      r."userAgent", r."requestId", r.method, r.route, r.status, r."runId", r."durationUs", r.reasons
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id uuid, "workspaceId" uuid, at timestamptz, score smallint,
      level text, action text, enforced boolean, categories jsonb, principal_kind text, principal_id text,
      principal_name text, address text, "userAgent" text, "requestId" text, method text, route text, status smallint,
      "runId" uuid, "durationUs" integer, reasons jsonb)
    WHERE r."workspaceId" IS NULL OR EXISTS (SELECT 1 FROM workspaces w WHERE w.id = r."workspaceId")
    ON CONFLICT (id) DO NOTHING`);
}

/** Requests that scored 0, per principal and minute. */
export interface ZeroCount {
  workspaceId: WorkspaceId | null;
  minute: number;
  kind: string;
  id: string;
  count: number;
}

export async function addCounts(tx: Tx, counts: readonly ZeroCount[]): Promise<void> {
  const rows = counts.map((each) => ({ ...each, minute: new Date(each.minute).toISOString() }));
  await tx.execute(sql`
    INSERT INTO threat_counts (workspace_id, minute, principal_kind, principal_id, count)
    SELECT r."workspaceId", r.minute, r.kind, r.id, r.count
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS r("workspaceId" uuid, minute timestamptz, kind text, id text, count integer)
    WHERE r."workspaceId" IS NULL OR EXISTS (SELECT 1 FROM workspaces w WHERE w.id = r."workspaceId")
    ON CONFLICT (workspace_id, minute, principal_kind, principal_id)
      DO UPDATE SET count = threat_counts.count + EXCLUDED.count`);
}

export interface AssessmentFilter {
  level?: string | undefined;
  action?: string | undefined;
  category?: string | undefined;
  principal?: string | undefined;
  address?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  search?: string | undefined;
}

/** Rows of the scope, newest first, older than `before`; served by threat_assessments_by_id. */
export async function listAssessments(
  tx: Tx,
  workspaceId: WorkspaceId | null,
  page: { filter: AssessmentFilter; before: string | null; limit: number },
): Promise<Assessment[]> {
  const conditions = [ofScope(workspaceId), ...conditionsOf(page.filter)];
  if (page.before !== null) conditions.push(sql`id < ${page.before}`);
  return select(
    tx,
    sql`WHERE ${sql.join(conditions, sql` AND `)} ORDER BY id DESC LIMIT ${page.limit}`,
  );
}

export async function findAssessment(
  tx: Tx,
  workspaceId: WorkspaceId | null,
  id: string,
): Promise<Assessment | undefined> {
  const [row] = await select(tx, sql`WHERE ${ofScope(workspaceId)} AND id = ${id}`);
  return row;
}

const KINDS = ['user', 'api_key', 'operator', 'anonymous'];

function conditionsOf(filter: AssessmentFilter): SQL[] {
  const { level, action, category, principal, address, from, to, search } = filter;
  const conditions: SQL[] = [];
  if (level !== undefined) conditions.push(sql`level = ${level}`);
  if (action !== undefined) conditions.push(sql`action = ${action}`);
  if (category !== undefined) conditions.push(sql`${category} = ANY(categories)`);
  if (principal !== undefined)
    conditions.push(
      KINDS.includes(principal)
        ? sql`principal_kind = ${principal}`
        : sql`principal_id = ${principal}`,
    );
  if (address !== undefined) conditions.push(sql`address = ${address}`);
  if (from !== undefined) conditions.push(sql`at >= ${from}::timestamptz`);
  if (to !== undefined) conditions.push(sql`at < ${to}::timestamptz`);
  if (search !== undefined) {
    const pattern = `%${search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    conditions.push(sql`(route ILIKE ${pattern} OR reasons::text ILIKE ${pattern} OR principal_name ILIKE ${pattern}
      OR address ILIKE ${pattern} OR request_id ILIKE ${pattern} OR run_id::text ILIKE ${pattern})`);
  }
  return conditions;
}

type Row = Omit<Assessment, 'at' | 'principal' | 'reasons'> & {
  at: string | Date;
  kind: Assessment['principal']['kind'];
  principalId: string;
  name: string;
  reasons: ThreatReason[];
} & JsonObject;

async function select(tx: Tx, where: SQL): Promise<Assessment[]> {
  const { rows } = await tx.execute<Row>(sql`
    SELECT id, workspace_id AS "workspaceId", at, score, level, action, enforced, categories, principal_kind AS kind,
      principal_id AS "principalId", principal_name AS name, address, user_agent AS "userAgent",
      request_id AS "requestId", method, route, status, run_id AS "runId", duration_us AS "durationUs", reasons
    FROM threat_assessments ${where}`);
  return rows.map(({ at, kind, principalId, name, ...row }) => ({
    ...row,
    at: new Date(at).getTime(),
    principal: { kind, id: principalId, name },
  }));
}

type Summary = Omit<ThreatOverview, 'detector' | 'from' | 'to' | 'blocks_active'>;

/** Counts of a span; served by threat_assessments_by_time. */
export async function summarise(
  tx: Tx,
  workspaceId: WorkspaceId | null,
  span: { from: string; to: string },
): Promise<Summary> {
  const scored = sql`FROM threat_assessments WHERE ${ofScope(workspaceId)} AND at >= ${span.from}::timestamptz AND at < ${span.to}::timestamptz`;
  const zero = sql`FROM threat_counts WHERE ${ofScope(workspaceId)} AND minute >= ${span.from}::timestamptz AND minute < ${span.to}::timestamptz`;
  const { rows } = await tx.execute<{ summary: Summary & { zero: number } }>(sql`
    SELECT jsonb_build_object(
      'scored', (SELECT count(*) ${scored}),
      'enforced', (SELECT count(*) ${scored} AND enforced),
      'zero', (SELECT coalesce(sum(count), 0) ${zero}),
      'by_level', (SELECT coalesce(jsonb_agg(jsonb_build_object('key', level, 'count', n)), '[]') FROM
        (SELECT level, count(*) AS n ${scored} GROUP BY level ORDER BY n DESC) AS t),
      'by_action', (SELECT coalesce(jsonb_agg(jsonb_build_object('key', action, 'count', n)), '[]') FROM
        (SELECT action, count(*) AS n ${scored} GROUP BY action ORDER BY n DESC) AS t),
      'by_category', (SELECT coalesce(jsonb_agg(jsonb_build_object('key', category, 'count', n)), '[]') FROM
        (SELECT category, count(*) AS n FROM (SELECT unnest(categories) AS category ${scored}) AS c
         GROUP BY category ORDER BY n DESC) AS t),
      'by_day', (SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY t.day), '[]') FROM
        (SELECT day, sum(assessed)::int AS assessed, sum(low)::int AS low, sum(medium)::int AS medium,
           sum(high)::int AS high, sum(critical)::int AS critical FROM
          (SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, 1 AS assessed, (level = 'low')::int AS low,
             (level = 'medium')::int AS medium, (level = 'high')::int AS high, (level = 'critical')::int AS critical
             ${scored}
           UNION ALL
           SELECT to_char(minute AT TIME ZONE 'UTC', 'YYYY-MM-DD'), count, 0, 0, 0, 0 ${zero}) AS each
         GROUP BY day) AS t),
      'top_principals', (SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]') FROM
        (SELECT principal_kind AS kind, principal_id AS id, max(principal_name) AS name, count(*)::int AS count,
           max(score) AS score_max ${scored} AND principal_kind <> 'anonymous'
         GROUP BY principal_kind, principal_id ORDER BY max(score) DESC, count(*) DESC LIMIT 10) AS t),
      'top_addresses', (SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]') FROM
        (SELECT address, count(*)::int AS count, max(score) AS score_max, false AS blocked ${scored}
         GROUP BY address ORDER BY max(score) DESC, count(*) DESC LIMIT 10) AS t)
    ) AS summary`);
  const found = rows[0]?.summary as Summary & { zero: number };
  const { zero: uneventful, ...summary } = found;
  return { ...summary, assessed: summary.scored + Number(uneventful) };
}

/**
 * Deletes what is older than a time, at most `limit` rows of each table; gives their number. `platform` leaves the assessments of
 * workspaces, which have a retention of their own.
 */
export async function deleteThreatsBefore(
  tx: Tx,
  { before, limit, of }: { before: string; limit: number; of: 'platform' | 'all' },
): Promise<number> {
  const whose = of === 'platform' ? sql`workspace_id IS NULL AND` : sql``;
  let deleted = 0;
  for (const statement of [
    sql`DELETE FROM threat_assessments WHERE id IN (
      SELECT id FROM threat_assessments WHERE ${whose} at < ${before}::timestamptz ORDER BY at LIMIT ${limit})`,
    sql`DELETE FROM threat_counts WHERE ctid IN (
      SELECT ctid FROM threat_counts WHERE minute < ${before}::timestamptz LIMIT ${limit})`,
    sql`DELETE FROM threat_blocks WHERE until < ${before}::timestamptz`,
    sql`DELETE FROM threat_profiles WHERE updated_at < ${before}::timestamptz - interval '60 days'`,
  ])
    deleted += (await tx.execute(statement)).rowCount ?? 0;
  return deleted;
}
