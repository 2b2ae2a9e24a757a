import type {
  RecipeDefinition,
  recipeSchema,
  recipeSummarySchema,
  recipeVersionSchema,
} from '@automatos/contracts';
import type { z } from 'zod';
import type { RecipeRow, RunFigures, VersionSummary } from './recipe-store.ts';

/** Recipes and versions as the API shows them. */
export type Recipe = z.input<typeof recipeSchema>;
export type RecipeSummary = z.input<typeof recipeSummarySchema>;
export type RecipeVersion = z.input<typeof recipeVersionSchema>;

export function toSummary(row: RecipeRow, runs: RunFigures | undefined): RecipeSummary {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    description: row.description,
    tags: row.tags,
    category: row.category,
    version: row.version,
    seeded: row.seeded,
    step_count: row.stepCount,
    agents: row.agents,
    runs_total: runs?.total ?? 0,
    last_run_at: runs?.lastAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

export function toRecipe(
  row: RecipeRow,
  version: { definition: RecipeDefinition; yaml: string },
  runs: RunFigures | undefined,
): Recipe {
  return { ...toSummary(row, runs), definition: version.definition, yaml: version.yaml };
}

export function toVersion(row: VersionSummary): RecipeVersion {
  return {
    version: row.version,
    created_at: row.createdAt.toISOString(),
    created_by: row.createdBy,
    definition_hash: row.definitionHash,
    note: row.note,
  };
}
