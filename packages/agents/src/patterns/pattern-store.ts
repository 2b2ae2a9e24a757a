import type { Pattern, PatternKind } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { isUuid } from '@automatos/kernel';
import { and, count, desc, eq, lt } from 'drizzle-orm';
import { decodeCursor, toPage } from '../paging.ts';
import { patternVersions, patterns } from './pattern-tables.ts';
import type { PatternDefinition } from './pattern-tables.ts';

export type PatternRow = typeof patterns.$inferSelect;

export function definitionOf(row: PatternDefinition): PatternDefinition {
  const { name, kind, description, settings } = row;
  return { name, kind, description, settings };
}

export function toPattern(row: PatternRow): Pattern {
  const { id, slug, version, seeded } = row;
  return {
    id,
    slug,
    ...definitionOf(row),
    version,
    seeded,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

export interface PatternFilter {
  limit: number;
  cursor?: string | undefined;
  kind?: PatternKind | undefined;
}

/** One page, newest first; index `patterns_newest`. */
export async function listPatterns(
  tx: Tx,
  filter: PatternFilter,
): Promise<{ rows: PatternRow[]; nextCursor: string | null; total: number }> {
  const wanted = filter.kind === undefined ? undefined : eq(patterns.kind, filter.kind);
  const after =
    filter.cursor === undefined ? undefined : lt(patterns.id, decodeCursor(filter.cursor));
  const rows = await tx
    .select()
    .from(patterns)
    .where(and(wanted, after))
    .orderBy(desc(patterns.id))
    .limit(filter.limit + 1);
  const [all] = await tx.select({ total: count() }).from(patterns).where(wanted);
  return { ...toPage(rows, filter.limit), total: all?.total ?? 0 };
}

/** The pattern with this id or slug, or undefined; `lock` holds the row until the transaction ends. */
export async function findPattern(
  tx: Tx,
  ref: string,
  options: { lock?: boolean } = {},
): Promise<PatternRow | undefined> {
  const query = tx
    .select()
    .from(patterns)
    .where(isUuid(ref) ? eq(patterns.id, ref) : eq(patterns.slug, ref));
  const [row] = options.lock === true ? await query.for('update') : await query;
  return row;
}

/** False when the slug is taken; nothing is written then. Keeps the first version too. */
export async function insertPattern(tx: Tx, row: PatternRow, by: string): Promise<boolean> {
  const written = await tx
    .insert(patterns)
    .values(row)
    .onConflictDoNothing({ target: [patterns.workspaceId, patterns.slug] })
    .returning({ id: patterns.id });
  if (written.length === 0) return false;
  await keepVersion(tx, row, by);
  return true;
}

/** Writes a changed row that the caller holds locked, as a new version. */
export async function updatePattern(tx: Tx, row: PatternRow, by: string): Promise<void> {
  const { id, workspaceId: _scope, ...change } = row;
  await tx.update(patterns).set(change).where(eq(patterns.id, id));
  await keepVersion(tx, row, by);
}

async function keepVersion(tx: Tx, row: PatternRow, by: string): Promise<void> {
  await tx.insert(patternVersions).values({
    patternId: row.id,
    version: row.version,
    workspaceId: row.workspaceId,
    definition: definitionOf(row),
    createdBy: by,
    createdAt: row.updatedAt,
  });
}

export async function deletePattern(tx: Tx, id: string): Promise<void> {
  await tx.delete(patterns).where(eq(patterns.id, id));
}
