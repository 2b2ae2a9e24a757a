import type { Tx } from '@automatos/database';
import { isUuid } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';
import {
  and,
  count,
  desc,
  eq,
  getTableColumns,
  ilike,
  inArray,
  isNull,
  lt,
  or,
  sql,
} from 'drizzle-orm';
import { recipes, recipeVersions } from './recipe-tables.ts';

export type RecipeRow = typeof recipes.$inferSelect;
export type RecipeVersionRow = typeof recipeVersions.$inferSelect;

export interface RecipeFilter {
  limit: number;
  search?: string | undefined;
  tag?: string | undefined;
  /** Name and id of the last item of the page before. */
  after?: { name: string; id: string } | undefined;
}

const LIVE = isNull(recipes.deletedAt);

/** One page by name; index `recipes_by_name`. One row more than `limit` when there is a next page. */
export async function listRecipes(
  tx: Tx,
  filter: RecipeFilter,
): Promise<{ rows: RecipeRow[]; total: number }> {
  const search = filter.search?.trim() ?? '';
  const pattern = `%${search.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
  const wanted = and(
    LIVE,
    filter.tag === undefined
      ? undefined
      : sql`${recipes.tags} @> ${JSON.stringify([filter.tag])}::jsonb`,
    search === ''
      ? undefined
      : or(
          ilike(recipes.name, pattern),
          ilike(recipes.slug, pattern),
          ilike(recipes.description, pattern),
        ),
  );
  const after =
    filter.after === undefined
      ? undefined
      : sql`(${recipes.name}, ${recipes.id}) > (${filter.after.name}, ${filter.after.id}::uuid)`;
  const rows = await tx
    .select()
    .from(recipes)
    .where(and(wanted, after))
    .orderBy(recipes.name, recipes.id)
    .limit(filter.limit + 1);
  const [all] = await tx.select({ total: count() }).from(recipes).where(wanted);
  return { rows, total: all?.total ?? 0 };
}

/** The recipe with this id or slug that is not deleted; `lock` holds it until the transaction ends. */
export async function findRecipe(
  tx: Tx,
  ref: string,
  options: { lock?: boolean } = {},
): Promise<RecipeRow | undefined> {
  const named = isUuid(ref) ? eq(recipes.id, ref) : eq(recipes.slug, ref);
  const query = tx.select().from(recipes).where(and(LIVE, named));
  const [row] = options.lock === true ? await query.for('update') : await query;
  return row;
}

/** The recipe with this slug, deleted ones included: the one that is not deleted first. */
export async function findEvenDeleted(tx: Tx, slug: string): Promise<RecipeRow | undefined> {
  const [row] = await tx
    .select()
    .from(recipes)
    .where(eq(recipes.slug, slug))
    .orderBy(sql`${recipes.deletedAt} DESC NULLS FIRST`)
    .limit(1)
    .for('update');
  return row;
}

export async function listSlugs(tx: Tx): Promise<string[]> {
  const rows = await tx.select({ slug: recipes.slug }).from(recipes).where(LIVE).limit(1000);
  return rows.map(({ slug }) => slug);
}

/** False when the slug is taken; nothing is written then. */
export async function insertRecipe(tx: Tx, row: RecipeRow): Promise<boolean> {
  const written = await tx
    .insert(recipes)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: recipes.id });
  return written.length > 0;
}

/** Writes a changed row that the caller holds locked. */
export async function updateRecipe(tx: Tx, row: RecipeRow): Promise<void> {
  const { id, workspaceId: _scope, ...change } = row;
  await tx.update(recipes).set(change).where(eq(recipes.id, id));
}

export async function insertVersion(tx: Tx, row: RecipeVersionRow): Promise<void> {
  await tx.insert(recipeVersions).values(row);
}

export async function findVersion(
  tx: Tx,
  recipeId: string,
  version: number,
): Promise<RecipeVersionRow | undefined> {
  const [row] = await tx
    .select()
    .from(recipeVersions)
    .where(and(eq(recipeVersions.recipeId, recipeId), eq(recipeVersions.version, version)));
  return row;
}

export type VersionSummary = Omit<RecipeVersionRow, 'definition' | 'yaml'>;

/** Versions, newest first, one more than `limit` when there are more. */
export async function listVersions(
  tx: Tx,
  recipeId: string,
  page: { limit: number; before?: number | undefined },
): Promise<VersionSummary[]> {
  const { definition: _definition, yaml: _yaml, ...columns } = getTableColumns(recipeVersions);
  return tx
    .select(columns)
    .from(recipeVersions)
    .where(
      and(
        eq(recipeVersions.recipeId, recipeId),
        page.before === undefined ? undefined : lt(recipeVersions.version, page.before),
      ),
    )
    .orderBy(desc(recipeVersions.version))
    .limit(page.limit + 1);
}

export interface RunFigures {
  total: number;
  lastAt: Date | null;
}

/** Runs so far of each of these recipes; index `runs_by_recipe`. Recipes without runs are missing. */
export async function countRuns(
  tx: Tx,
  recipeIds: readonly string[],
): Promise<Map<string, RunFigures>> {
  if (recipeIds.length === 0) return new Map();
  const found = await tx.execute(sql`
    SELECT recipe_id, count(*)::int AS total, max(created_at) AS last_at FROM runs
    WHERE recipe_id IN (${sql.join(
      recipeIds.map((id) => sql`${id}::uuid`),
      sql`, `,
    )})
    GROUP BY recipe_id`);
  const rows = found.rows as { recipe_id: string; total: number; last_at: Date | string }[];
  return new Map(
    rows.map((row) => [row.recipe_id, { total: row.total, lastAt: new Date(row.last_at) }]),
  );
}

/** Slugs of the recipes whose current version names the agent by slug or id. */
export async function recipesUsingAgent(
  tx: Tx,
  agent: { id: string; slug: string },
): Promise<string[]> {
  const names = (name: JsonValue) => sql`${recipes.agents} @> ${JSON.stringify([name])}::jsonb`;
  const rows = await tx
    .select({ slug: recipes.slug })
    .from(recipes)
    .where(and(LIVE, or(names(agent.slug), names(agent.id))))
    .orderBy(recipes.slug);
  return rows.map(({ slug }) => slug);
}

/** Those of the slugs that recipes of the workspace have. */
export async function liveSlugs(tx: Tx, slugs: readonly string[]): Promise<Set<string>> {
  if (slugs.length === 0) return new Set();
  const rows = await tx
    .select({ slug: recipes.slug })
    .from(recipes)
    .where(and(LIVE, inArray(recipes.slug, [...slugs])));
  return new Set(rows.map(({ slug }) => slug));
}
