import type { Persona } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { isUuid } from '@automatos/kernel';
import { and, count, desc, eq, lt } from 'drizzle-orm';
import { agents } from '../agents/agent-tables.ts';
import { decodeCursor, toPage } from '../paging.ts';
import { personas } from './persona-tables.ts';

export type PersonaRow = typeof personas.$inferSelect;

export function toPersona(row: PersonaRow): Persona {
  const { id, slug, name, category, description, prompt, predefined } = row;
  return {
    id,
    slug,
    name,
    category,
    description,
    prompt,
    predefined,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

export interface PersonaFilter {
  limit: number;
  cursor?: string | undefined;
  category?: string | undefined;
}

/** One page, newest first; index `personas_newest`. */
export async function listPersonas(
  tx: Tx,
  filter: PersonaFilter,
): Promise<{ rows: PersonaRow[]; nextCursor: string | null; total: number }> {
  const wanted = filter.category === undefined ? undefined : eq(personas.category, filter.category);
  const after =
    filter.cursor === undefined ? undefined : lt(personas.id, decodeCursor(filter.cursor));
  const rows = await tx
    .select()
    .from(personas)
    .where(and(wanted, after))
    .orderBy(desc(personas.id))
    .limit(filter.limit + 1);
  const [all] = await tx.select({ total: count() }).from(personas).where(wanted);
  return { ...toPage(rows, filter.limit), total: all?.total ?? 0 };
}

/** The persona with this id or slug, or undefined; `lock` holds the row until the transaction ends. */
export async function findPersona(
  tx: Tx,
  ref: string,
  options: { lock?: boolean } = {},
): Promise<PersonaRow | undefined> {
  const query = tx
    .select()
    .from(personas)
    .where(isUuid(ref) ? eq(personas.id, ref) : eq(personas.slug, ref));
  const [row] = options.lock === true ? await query.for('update') : await query;
  return row;
}

/** Slug of the persona, which cannot be deleted until the transaction ends; undefined when there is none. */
export async function holdPersona(tx: Tx, ref: string): Promise<string | undefined> {
  const [row] = await tx
    .select({ slug: personas.slug })
    .from(personas)
    .where(isUuid(ref) ? eq(personas.id, ref) : eq(personas.slug, ref))
    .for('key share');
  return row?.slug;
}

export async function personaSlugs(tx: Tx): Promise<string[]> {
  const rows = await tx
    .select({ slug: personas.slug })
    .from(personas)
    .orderBy(personas.slug)
    .limit(1000);
  return rows.map((row) => row.slug);
}

/** False when the slug is taken; nothing is written then. */
export async function insertPersona(tx: Tx, row: PersonaRow): Promise<boolean> {
  const written = await tx
    .insert(personas)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: personas.id });
  return written.length > 0;
}

export async function updatePersona(
  tx: Tx,
  id: string,
  change: Partial<PersonaRow>,
): Promise<PersonaRow | undefined> {
  const [row] = await tx.update(personas).set(change).where(eq(personas.id, id)).returning();
  return row;
}

export async function deletePersona(tx: Tx, id: string): Promise<void> {
  await tx.delete(personas).where(eq(personas.id, id));
}

/** Slugs of the agents that use the persona, at most 20; index `agents_by_persona`. */
export async function agentsWithPersona(tx: Tx, slug: string): Promise<string[]> {
  const rows = await tx
    .select({ slug: agents.slug })
    .from(agents)
    .where(eq(agents.persona, slug))
    .orderBy(agents.slug)
    .limit(20);
  return rows.map((row) => row.slug);
}
