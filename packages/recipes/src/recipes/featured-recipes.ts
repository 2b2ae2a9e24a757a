import type { featuredRecipeSchema } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import type { z } from 'zod';
import { show } from './recipe-access.ts';
import { featuredNotFound, featuredWaiting } from './recipe-errors.ts';
import { saveNew, soundDefinition } from './recipe-saving.ts';
import type { Saving, SavingDeps } from './recipe-saving.ts';
import { liveSlugs } from './recipe-store.ts';
import type { Recipe } from './recipe-views.ts';
import type { ShippedRecipe, WaitingRecipe } from './seed-recipes.ts';

/** What the product ships. */
export interface Featured {
  shipped: readonly ShippedRecipe[];
  waiting: readonly WaitingRecipe[];
}

export type FeaturedRecipe = z.input<typeof featuredRecipeSchema>;

/** All shipped recipes by name, those that wait last. */
export async function listFeatured(
  { shipped, waiting }: Featured,
  tx: Tx,
): Promise<FeaturedRecipe[]> {
  const slugs = shipped.map(({ definition }) => definition.slug);
  const installed = await liveSlugs(tx, slugs);
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  const available = shipped.map(({ definition: { slug, name, description, tags } }) => ({
    slug,
    name,
    description,
    tags,
    status: 'available' as const,
    waits_for: null,
    installed: installed.has(slug),
  }));
  const later = waiting.map((recipe) => ({
    ...recipe,
    status: 'waiting' as const,
    installed: false,
  }));
  return [...available.toSorted(byName), ...later.toSorted(byName)];
}

/**
 * Puts a shipped recipe into the workspace, after it was deleted there or when it came later. Throws
 * `recipes.recipe.slug_taken` when a recipe of this slug is there, `recipes.featured.waiting` for one that cannot run yet.
 */
export async function installFeatured(
  deps: SavingDeps & { featured: Featured },
  saving: Saving,
  slug: string,
): Promise<Recipe> {
  const { shipped, waiting } = deps.featured;
  const found = shipped.find(({ definition }) => definition.slug === slug);
  if (found === undefined) {
    const later = waiting.find((recipe) => recipe.slug === slug);
    if (later !== undefined) throw featuredWaiting(slug, later.waits_for);
    throw featuredNotFound(
      slug,
      shipped.map(({ definition }) => definition.slug),
    );
  }
  const source = { yaml: found.yaml };
  const definition = await soundDefinition(deps, saving.tx, source);
  const { row } = await saveNew(deps, saving, { source, definition, seeded: true });
  return show(saving.tx, row);
}
