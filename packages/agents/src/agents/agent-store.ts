import type { Agent } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { isUuid } from '@automatos/kernel';
import { and, count, desc, eq, ilike, inArray, lt, or } from 'drizzle-orm';
import { containsPattern, decodeCursor, toPage } from '../paging.ts';
import { agentVersions, agents } from './agent-tables.ts';
import type { AgentDefinition } from './agent-tables.ts';

export type AgentRow = typeof agents.$inferSelect;

/** The fields of a version, in one fixed order. */
export function definitionOf(row: AgentDefinition): AgentDefinition {
  return {
    name: row.name,
    category: row.category,
    description: row.description,
    tags: row.tags,
    persona: row.persona,
    persona_text: row.persona_text,
    instructions: row.instructions,
    model: row.model,
    tools: row.tools,
    capabilities: row.capabilities,
    limits: row.limits,
    concurrency_limit: row.concurrency_limit,
    priority: row.priority,
    visibility: row.visibility,
    family: row.family,
  };
}

export function toAgent(row: AgentRow): Agent {
  const { id, slug, status, version, seeded } = row;
  return {
    id,
    slug,
    status,
    version,
    seeded,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    ...definitionOf(row),
  };
}

export interface AgentFilter {
  limit: number;
  cursor?: string | undefined;
  search?: string | undefined;
  category?: string | undefined;
  status?: Agent['status'] | undefined;
}

/** One page, newest first; index `agents_newest`. */
export async function listAgents(
  tx: Tx,
  filter: AgentFilter,
): Promise<{ rows: AgentRow[]; nextCursor: string | null; total: number }> {
  const pattern =
    filter.search === undefined || filter.search.trim() === ''
      ? undefined
      : containsPattern(filter.search.trim());
  const wanted = and(
    filter.category === undefined ? undefined : eq(agents.category, filter.category),
    filter.status === undefined ? undefined : eq(agents.status, filter.status),
    pattern === undefined
      ? undefined
      : or(
          ilike(agents.name, pattern),
          ilike(agents.slug, pattern),
          ilike(agents.description, pattern),
        ),
  );
  const after =
    filter.cursor === undefined ? undefined : lt(agents.id, decodeCursor(filter.cursor));
  const rows = await tx
    .select()
    .from(agents)
    .where(and(wanted, after))
    .orderBy(desc(agents.id))
    .limit(filter.limit + 1);
  const [all] = await tx.select({ total: count() }).from(agents).where(wanted);
  return { ...toPage(rows, filter.limit), total: all?.total ?? 0 };
}

export async function countCategories(tx: Tx): Promise<{ category: string; count: number }[]> {
  return tx
    .select({ category: agents.category, count: count() })
    .from(agents)
    .groupBy(agents.category)
    .orderBy(agents.category);
}

/** The agent with this id or slug, or undefined; `lock` holds the row until the transaction ends. */
export async function findAgent(
  tx: Tx,
  ref: string,
  options: { lock?: boolean } = {},
): Promise<AgentRow | undefined> {
  const query = tx
    .select()
    .from(agents)
    .where(isUuid(ref) ? eq(agents.id, ref) : eq(agents.slug, ref));
  const [row] = options.lock === true ? await query.for('update') : await query;
  return row;
}

/** All agents with one of these ids or slugs. */
export async function findAgents(tx: Tx, refs: readonly string[]): Promise<AgentRow[]> {
  if (refs.length === 0) return [];
  const ids = refs.filter(isUuid);
  return tx
    .select()
    .from(agents)
    .where(
      or(inArray(agents.slug, [...refs]), ids.length === 0 ? undefined : inArray(agents.id, ids)),
    );
}

/** False when the slug is taken; nothing is written then. Keeps the first version too. */
export async function insertAgent(tx: Tx, row: AgentRow, createdBy: string): Promise<boolean> {
  const written = await tx
    .insert(agents)
    .values(row)
    .onConflictDoNothing({ target: [agents.workspaceId, agents.slug] })
    .returning({ id: agents.id });
  if (written.length === 0) return false;
  await keepVersion(tx, row, createdBy);
  return true;
}

/** Writes a changed row that the caller holds locked. */
export async function updateAgent(tx: Tx, row: AgentRow): Promise<void> {
  const { id, workspaceId: _scope, ...change } = row;
  await tx.update(agents).set(change).where(eq(agents.id, id));
}

export async function keepVersion(
  tx: Tx,
  row: AgentRow,
  createdBy: string,
  note: string | null = null,
): Promise<void> {
  await tx.insert(agentVersions).values({
    agentId: row.id,
    version: row.version,
    workspaceId: row.workspaceId,
    definition: definitionOf(row),
    createdBy,
    note,
    createdAt: row.updatedAt,
  });
}

/** Definitions of all versions, newest first. */
export async function listVersions(
  tx: Tx,
  agentId: string,
): Promise<(typeof agentVersions.$inferSelect)[]> {
  return tx
    .select()
    .from(agentVersions)
    .where(eq(agentVersions.agentId, agentId))
    .orderBy(desc(agentVersions.version));
}

export async function deleteAgent(tx: Tx, id: string): Promise<void> {
  await tx.delete(agents).where(eq(agents.id, id));
}
