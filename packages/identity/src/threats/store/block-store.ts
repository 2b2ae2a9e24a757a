import type { Tx } from '@automatos/database';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import type { ThreatBlock, ThreatSettings } from '../threat-types.ts';
import type { PersonProfile } from '../behaviour/profiles.ts';
import { ofScope } from './assessment-store.ts';

export async function insertBlock(tx: Tx, block: ThreatBlock): Promise<void> {
  await tx.execute(sql`
    INSERT INTO threat_blocks (id, workspace_id, kind, subject, reason, created_by, created_at, until, assessment_id)
    VALUES (${block.id}, ${block.workspaceId}, ${block.kind}, ${block.subject}, ${block.reason}, ${block.createdBy},
      ${timeOf(block.createdAt)}, ${block.until === null ? null : timeOf(block.until)}, ${block.assessmentId})`);
}

const timeOf = (ms: number) => new Date(ms).toISOString();

/** Blocks of the scope, newest first, older than `before`. */
export function listBlocks(
  tx: Tx,
  workspaceId: WorkspaceId | null,
  page: { endedToo: boolean; now: number; before: string | null; limit: number },
): Promise<ThreatBlock[]> {
  const conditions = [ofScope(workspaceId)];
  if (!page.endedToo)
    conditions.push(sql`(until IS NULL OR until > ${timeOf(page.now)}::timestamptz)`);
  if (page.before !== null) conditions.push(sql`id < ${page.before}`);
  return select(
    tx,
    sql`WHERE ${sql.join(conditions, sql` AND `)} ORDER BY id DESC LIMIT ${page.limit}`,
  );
}

/** All that hold at `now`, of every scope. */
export function activeBlocks(tx: Tx, now: number): Promise<ThreatBlock[]> {
  return select(tx, sql`WHERE until IS NULL OR until > ${timeOf(now)}::timestamptz LIMIT 100000`);
}

export async function deleteBlock(
  tx: Tx,
  workspaceId: WorkspaceId | null,
  id: string,
): Promise<ThreatBlock | undefined> {
  const [block] = await select(tx, sql`WHERE ${ofScope(workspaceId)} AND id = ${id}`);
  if (block !== undefined)
    await tx.execute(sql`DELETE FROM threat_blocks WHERE ${ofScope(workspaceId)} AND id = ${id}`);
  return block;
}

/** How often the detector itself blocked a subject in the last week; each time doubles the next. */
export async function countEarlierBlocks(
  tx: Tx,
  block: Pick<ThreatBlock, 'workspaceId' | 'kind' | 'subject'> & { since: number },
): Promise<number> {
  const { rows } = await tx.execute<{ count: number }>(sql`
    SELECT count(*)::int AS count FROM threat_blocks WHERE ${ofScope(block.workspaceId)} AND kind = ${block.kind}
      AND subject = ${block.subject} AND created_by = 'detector' AND created_at >= ${timeOf(block.since)}::timestamptz`);
  return rows[0]?.count ?? 0;
}

export async function addRefused(tx: Tx, refused: ReadonlyMap<string, number>): Promise<void> {
  const rows = [...refused].map(([id, count]) => ({ id, count }));
  await tx.execute(sql`
    UPDATE threat_blocks b SET refused = b.refused + r.count
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id uuid, count bigint) WHERE b.id = r.id`);
}

type BlockRow = Omit<ThreatBlock, 'createdAt' | 'until' | 'refused'> & {
  createdAt: string | Date;
  until: string | Date | null;
  refused: string | number;
} & JsonObject;

async function select(tx: Tx, where: SQL): Promise<ThreatBlock[]> {
  const { rows } = await tx.execute<BlockRow>(sql`
    SELECT id, workspace_id AS "workspaceId", kind, subject, reason, created_by AS "createdBy", created_at AS "createdAt",
      until, refused, assessment_id AS "assessmentId"
    FROM threat_blocks ${where}`);
  return rows.map((row) => ({
    ...row,
    createdAt: new Date(row.createdAt).getTime(),
    until: row.until === null ? null : new Date(row.until).getTime(),
    refused: Number(row.refused),
  }));
}

interface SettingsRow extends JsonObject {
  workspaceId: WorkspaceId | null;
  mode: ThreatSettings['mode'];
  medium: number;
  high: number;
  critical: number;
  addresses: string[];
  categories: string[];
  version: number;
  updatedAt: string;
}

const SETTINGS = sql`SELECT workspace_id AS "workspaceId", mode, medium, high, critical, allowed_addresses AS addresses,
  disabled_categories AS categories, version, updated_at AS "updatedAt" FROM threat_settings`;

/** Settings of every scope that has its own. */
export async function allSettings(
  tx: Tx,
): Promise<{ workspaceId: WorkspaceId | null; settings: ThreatSettings }[]> {
  const { rows } = await tx.execute<SettingsRow>(SETTINGS);
  return rows.map((row) => ({ workspaceId: row.workspaceId, settings: toSettings(row) }));
}

/** Held until the transaction ends, so that two writers cannot both follow the same version. */
export async function lockSettings(
  tx: Tx,
  workspaceId: WorkspaceId | null,
): Promise<ThreatSettings | undefined> {
  await tx.execute(
    sql`SELECT pg_advisory_xact_lock(hashtextextended(${`automatos.threats:${workspaceId ?? ''}`}, 0))`,
  );
  return findSettings(tx, workspaceId);
}

export async function findSettings(
  tx: Tx,
  workspaceId: WorkspaceId | null,
): Promise<ThreatSettings | undefined> {
  const { rows } = await tx.execute<SettingsRow>(sql`${SETTINGS} WHERE ${ofScope(workspaceId)}`);
  return rows[0] === undefined ? undefined : toSettings(rows[0]);
}

export async function putSettings(
  tx: Tx,
  workspaceId: WorkspaceId | null,
  settings: ThreatSettings,
): Promise<void> {
  const { mode, thresholds, version } = settings;
  await tx.execute(sql`
    INSERT INTO threat_settings (workspace_id, mode, medium, high, critical, allowed_addresses, disabled_categories, version, updated_at)
    VALUES (${workspaceId}, ${mode}, ${thresholds.medium}, ${thresholds.high}, ${thresholds.critical},
      ${textArray(settings.allowed_addresses)}, ${textArray(settings.disabled_categories)}, ${version}, ${settings.updatedAt})
    ON CONFLICT (workspace_id) DO UPDATE SET mode = EXCLUDED.mode, medium = EXCLUDED.medium, high = EXCLUDED.high,
      critical = EXCLUDED.critical, allowed_addresses = EXCLUDED.allowed_addresses,
      disabled_categories = EXCLUDED.disabled_categories, version = EXCLUDED.version, updated_at = EXCLUDED.updated_at`);
}

const textArray = (texts: readonly string[]) =>
  sql`ARRAY(SELECT jsonb_array_elements_text(${JSON.stringify(texts)}::jsonb))`;

function toSettings(row: SettingsRow): ThreatSettings {
  return {
    mode: row.mode,
    thresholds: { medium: row.medium, high: row.high, critical: row.critical },
    allowed_addresses: row.addresses,
    disabled_categories: row.categories as ThreatSettings['disabled_categories'],
    version: row.version,
    updatedAt: new Date(row.updatedAt).toISOString(),
  };
}

export async function readProfiles(
  tx: Tx,
  principals: readonly string[],
): Promise<Map<string, PersonProfile>> {
  const { rows } = await tx.execute<{ principal: string; seen: PersonProfile }>(sql`
    SELECT principal, seen FROM threat_profiles
    WHERE principal IN (SELECT jsonb_array_elements_text(${JSON.stringify(principals)}::jsonb))`);
  return new Map(rows.map(({ principal, seen }) => [principal, seen]));
}

export async function writeProfiles(
  tx: Tx,
  profiles: readonly [string, PersonProfile][],
  now: number,
): Promise<void> {
  const rows = profiles.map(([principal, seen]) => ({ principal, seen }));
  await tx.execute(sql`
    INSERT INTO threat_profiles (principal, seen, updated_at)
    SELECT r.principal, r.seen, ${timeOf(now)}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(principal text, seen jsonb)
    ON CONFLICT (principal) DO UPDATE SET seen = EXCLUDED.seen, updated_at = EXCLUDED.updated_at`);
}
