import { recipeDefinitionSchema } from '@automatos/contracts';
import type { RecipeDefinition } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { isPlatformError } from '@automatos/kernel';
import { contentHash } from '@automatos/kernel/hash';
import { recipeNotFound, versionNotFound, versionUnreadable } from './recipe-errors.ts';
import { countRuns, findRecipe, findVersion, listSlugs } from './recipe-store.ts';
import type { RecipeRow, RecipeVersionRow } from './recipe-store.ts';
import { toRecipe } from './recipe-views.ts';
import type { Recipe } from './recipe-views.ts';

/** The recipe with this id or slug; `recipes.recipe.not_found` names near slugs. */
export async function mustFind(
  tx: Tx,
  ref: string,
  options: { lock?: boolean } = {},
): Promise<RecipeRow> {
  const row = await findRecipe(tx, ref, options);
  if (row === undefined) throw recipeNotFound(ref, await listSlugs(tx));
  return row;
}

/** One version of a recipe, the current one by default. */
export async function mustFindVersion(
  tx: Tx,
  row: RecipeRow,
  version: number = row.version,
): Promise<RecipeVersionRow> {
  const found = await findVersion(tx, row.id, version);
  if (found === undefined) throw versionNotFound(row.slug, version, row.version);
  return found;
}

/**
 * What a stored version says, in the form of today: fields that came later have their defaults. Throws
 * `recipes.version.unreadable` when this release of the product cannot read it.
 */
export function definitionOf(
  version: Pick<RecipeVersionRow, 'definition' | 'version'>,
): RecipeDefinition {
  const parsed = recipeDefinitionSchema.safeParse(version.definition);
  if (parsed.success) return parsed.data;
  throw versionUnreadable(version.version, parsed.error.issues);
}

/**
 * Hash of what a stored version says today, as the stored hash is of the form that was current when it was saved; null
 * when this release cannot read it, so that it equals nothing.
 */
export function hashOf(version: Pick<RecipeVersionRow, 'definition' | 'version'>): string | null {
  try {
    return contentHash(definitionOf(version));
  } catch (error) {
    if (isPlatformError(error)) return null;
    throw error;
  }
}

/** The recipe as the API shows it. */
export async function show(tx: Tx, row: RecipeRow): Promise<Recipe> {
  const version = await mustFindVersion(tx, row);
  const runs = await countRuns(tx, [row.id]);
  return toRecipe(row, { ...version, definition: definitionOf(version) }, runs.get(row.id));
}
