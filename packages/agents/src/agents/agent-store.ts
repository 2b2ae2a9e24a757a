import { agentUpdateSchema } from '@automatos/contracts';
import type { Agent } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { isUuid } from '@automatos/kernel';
import { and, count, desc, eq, inArray, lt, or } from 'drizzle-orm';
import { agentVersions, agents } from './agent-tables.ts';
import type { AgentDefinition } from './agent-tables.ts';
import { SHARED, visibleTo } from './agent-viewer.ts';
import type { Viewer } from './agent-viewer.ts';

export type AgentRow = typeof agents.$inferSelect;
export type VersionRow = typeof agentVersions.$inferSelect;

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

/** `working`: turns under way; an active agent with some is busy. */
export function toAgent(row: AgentRow, working = 0): Agent {
  const { id, slug, status, version, seeded } = row;
  return {
    id,
    slug,
    status: status === 'active' && working > 0 ? 'busy' : status,
    version,
    seeded,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    ...definitionOf(row),
  };
}

export async function countCategories(
  tx: Tx,
  viewer: Viewer | null,
): Promise<{ category: string; count: number }[]> {
  return tx
    .select({ category: agents.category, count: count() })
    .from(agents)
    .where(visibleTo(viewer))
    .groupBy(agents.category)
    .orderBy(agents.category);
}

/** The agent with this id or slug, or undefined, also when `viewer` may not see it; `lock` holds the row until the transaction ends. */
export async function findAgent(
  tx: Tx,
  ref: string,
  options: { viewer: Viewer | null; lock?: boolean },
): Promise<AgentRow | undefined> {
  const query = tx
    .select()
    .from(agents)
    .where(and(isUuid(ref) ? eq(agents.id, ref) : eq(agents.slug, ref), visibleTo(options.viewer)));
  const [row] = options.lock === true ? await query.for('update') : await query;
  return row;
}

/** All agents with one of these ids or slugs that the workspace shares. */
export async function findSharedAgents(tx: Tx, refs: readonly string[]): Promise<AgentRow[]> {
  if (refs.length === 0) return [];
  const ids = refs.filter(isUuid);
  const named = or(
    inArray(agents.slug, [...refs]),
    ids.length === 0 ? undefined : inArray(agents.id, ids),
  );
  return tx.select().from(agents).where(and(named, SHARED));
}

/** Whose change a version is, and what made it when it was not an edit. */
export interface Made {
  by: string;
  note?: string | null;
}

/** False when the slug is taken; nothing is written then. Keeps the first version too. */
export async function insertAgent(tx: Tx, row: AgentRow, made: Made): Promise<boolean> {
  const written = await tx
    .insert(agents)
    .values(row)
    .onConflictDoNothing({ target: [agents.workspaceId, agents.slug] })
    .returning({ id: agents.id });
  if (written.length === 0) return false;
  await keepVersion(tx, row, made);
  return true;
}

/** Writes a changed row that the caller holds locked. */
export async function updateAgent(tx: Tx, row: AgentRow): Promise<void> {
  const { id, workspaceId: _scope, ...change } = row;
  await tx.update(agents).set(change).where(eq(agents.id, id));
}

export async function keepVersion(tx: Tx, row: AgentRow, made: Made): Promise<void> {
  await tx.insert(agentVersions).values({
    agentId: row.id,
    version: row.version,
    workspaceId: row.workspaceId,
    definition: definitionOf(row),
    createdBy: made.by,
    note: made.note ?? null,
    createdAt: row.updatedAt,
  });
}

/** Versions, newest first; `before` goes on after a page. */
export async function listVersions(
  tx: Tx,
  agentId: string,
  page: { limit: number; before?: number | undefined } = { limit: 1000 },
): Promise<VersionRow[]> {
  const { limit, before } = page;
  return tx
    .select()
    .from(agentVersions)
    .where(
      and(
        eq(agentVersions.agentId, agentId),
        before === undefined ? undefined : lt(agentVersions.version, before),
      ),
    )
    .orderBy(desc(agentVersions.version))
    .limit(limit);
}

export async function findVersion(
  tx: Tx,
  agentId: string,
  version: number,
): Promise<VersionRow | undefined> {
  const [row] = await tx
    .select()
    .from(agentVersions)
    .where(and(eq(agentVersions.agentId, agentId), eq(agentVersions.version, version)));
  return row;
}

/** What a version was; fields that did not exist then have their defaults. */
export function definitionOfVersion(row: Pick<VersionRow, 'definition'>): AgentDefinition {
  return definitionOf(agentUpdateSchema.parse(row.definition));
}

export async function deleteAgent(tx: Tx, id: string): Promise<void> {
  await tx.delete(agents).where(eq(agents.id, id));
}
