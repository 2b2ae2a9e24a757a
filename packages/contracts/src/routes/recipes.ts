import { z } from 'zod';
import {
  fieldErrorSchema,
  idSchema,
  jsonObjectSchema,
  listOf,
  listQuerySchema,
  timeSchema,
} from '../common.ts';
import { route } from '../http.ts';
import { prioritySchema, recipeDefinitionSchema } from '../recipe.ts';
import { runSchema } from './run-schemas.ts';
import { changeSchema, diffLineSchema } from './run-views.ts';

/** A recipe is sent as YAML text or as a JSON document, never both. */
export const recipeSourceSchema = z.union([
  z.strictObject({ yaml: z.string().min(1).max(1_000_000) }),
  z.strictObject({ definition: jsonObjectSchema }),
]);

export const recipeSummarySchema = z.object({
  id: idSchema,
  slug: z.string(),
  name: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  category: z.string().nullable(),
  version: z.int(),
  seeded: z.boolean(),
  step_count: z.int(),
  agents: z.array(z.string()),
  /** Of the runs so far. */
  runs_total: z.int(),
  last_run_at: timeSchema.nullable(),
  created_at: timeSchema,
  updated_at: timeSchema,
});
export const recipeSchema = recipeSummarySchema.extend({
  definition: recipeDefinitionSchema,
  yaml: z.string(),
});
export const recipeVersionSchema = z.object({
  version: z.int(),
  created_at: timeSchema,
  created_by: z.string(),
  definition_hash: z.string(),
  /** What made it when it was not an edit, e.g. `restored from version 2`, `learning: …`. */
  note: z.string().nullable(),
});

/** A recipe that comes with the product. */
export const featuredRecipeSchema = z.object({
  slug: z.string(),
  name: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  /** `waiting`: described, not runnable yet; `waits_for` says what is missing. */
  status: z.enum(['available', 'waiting']),
  waits_for: z.string().nullable(),
  installed: z.boolean(),
});

const interval = z.object({ estimate: z.number(), low: z.number(), high: z.number() });
/** Interval of 95 %; null with fewer runs than a statement needs. */
const measured = interval.nullable();
export const learningStatsSchema = z.object({
  runs: z.int(),
  success_rate: measured,
  duration_ms: measured,
  cost_micros: measured,
  quality: measured,
});
export const suggestionSchema = z.object({
  id: z.string(),
  kind: z.enum(['timeout', 'retry', 'parallelism', 'schema', 'prompt', 'model', 'remove_step']),
  step_id: z.string().nullable(),
  title: z.string(),
  /** Figures that speak for it. */
  evidence: z.array(z.string()),
  base_version: z.int(),
  changes: z.array(changeSchema),
  diff: z.array(diffLineSchema),
  status: z.enum(['open', 'measuring', 'kept', 'rolled_back', 'dismissed']),
  applied_version: z.int().nullable(),
  before: learningStatsSchema.nullable(),
  after: learningStatsSchema.nullable(),
  verdict: z.string().nullable(),
});
export type Suggestion = z.infer<typeof suggestionSchema>;
export const learningReportSchema = z.object({
  recipe_slug: z.string(),
  /** Finished runs that were looked at. */
  runs: z.int(),
  /** Runs a statement needs. */
  runs_needed: z.int(),
  versions: z.array(learningStatsSchema.extend({ version: z.int() })),
  steps: z.array(
    z.object({
      step_id: z.string(),
      name: z.string(),
      runs: z.int(),
      failure_rate: measured,
      retry_rate: measured,
      empty_rate: measured,
      duration_ms: measured,
      duration_ms_p95: z.number().nullable(),
      cost_micros: measured,
      share_of_time: z.number().nullable(),
    }),
  ),
  /** Prompts and models of one step across versions. */
  variants: z.array(
    z.object({
      step_id: z.string(),
      what: z.enum(['prompt', 'model']),
      value: z.string(),
      versions: z.array(z.int()),
      runs: z.int(),
      success_rate: measured,
      quality: measured,
      cost_micros: measured,
    }),
  ),
  suggestions: z.array(suggestionSchema),
});
export type LearningReport = z.infer<typeof learningReportSchema>;

const byRecipe = z.strictObject({ recipe_id: z.string().max(64) });
const byVersion = byRecipe.extend({ version: z.coerce.number().int().min(1) });

/** `recipe_id` is an id or a slug. */
export const recipeRoutes = {
  list: route({
    operationId: 'listRecipes',
    method: 'GET',
    path: '/api/workflow-recipes',
    tag: 'recipes',
    permission: 'recipes:read',
    summary: 'Recipes by name',
    query: listQuerySchema.extend({
      search: z.string().max(100).optional(),
      tag: z.string().max(40).optional(),
    }),
    response: listOf(recipeSummarySchema),
  }),
  create: route({
    operationId: 'createRecipe',
    method: 'POST',
    path: '/api/workflow-recipes',
    tag: 'recipes',
    permission: 'recipes:write',
    summary: 'Save a new recipe',
    body: recipeSourceSchema,
    response: recipeSchema,
    status: 201,
  }),
  validate: route({
    operationId: 'validateRecipe',
    method: 'POST',
    path: '/api/workflow-recipes/validate',
    tag: 'recipes',
    permission: 'recipes:read',
    summary: 'All problems of a recipe at once, with positions; saves nothing',
    body: recipeSourceSchema,
    response: z.object({ valid: z.boolean(), errors: z.array(fieldErrorSchema) }),
  }),
  get: route({
    operationId: 'getRecipe',
    method: 'GET',
    path: '/api/workflow-recipes/:recipe_id',
    tag: 'recipes',
    permission: 'recipes:read',
    summary: 'One recipe with its definition',
    params: byRecipe,
    response: recipeSchema,
  }),
  update: route({
    operationId: 'updateRecipe',
    method: 'PUT',
    path: '/api/workflow-recipes/:recipe_id',
    tag: 'recipes',
    permission: 'recipes:write',
    summary: 'Save a new version',
    params: byRecipe,
    body: recipeSourceSchema,
    response: recipeSchema,
    ifMatch: true,
  }),
  remove: route({
    operationId: 'deleteRecipe',
    method: 'DELETE',
    path: '/api/workflow-recipes/:recipe_id',
    tag: 'recipes',
    permission: 'recipes:write',
    summary: 'Delete a recipe; its runs stay',
    params: byRecipe,
    status: 204,
  }),
  versions: route({
    operationId: 'listRecipeVersions',
    method: 'GET',
    path: '/api/workflow-recipes/:recipe_id/versions',
    tag: 'recipes',
    permission: 'recipes:read',
    summary: 'Versions, newest first',
    params: byRecipe,
    query: listQuerySchema,
    response: listOf(recipeVersionSchema),
  }),
  version: route({
    operationId: 'getRecipeVersion',
    method: 'GET',
    path: '/api/workflow-recipes/:recipe_id/versions/:version',
    tag: 'recipes',
    permission: 'recipes:read',
    summary: 'One version as it was saved',
    params: byVersion,
    response: recipeVersionSchema.extend({ definition: recipeDefinitionSchema, yaml: z.string() }),
  }),
  execute: route({
    operationId: 'executeRecipe',
    method: 'POST',
    path: '/api/workflow-recipes/:recipe_id/execute',
    tag: 'recipes',
    permission: 'recipes:run',
    summary: 'Start a run',
    params: byRecipe,
    body: z.strictObject({
      inputs: jsonObjectSchema.default({}),
      title: z.string().max(200).optional(),
      priority: prioritySchema.optional(),
      /** An older version; default the current one. */
      version: z.int().min(1).optional(),
      /** Models are replaced by the offline provider, and tools that change something are refused. */
      dry_run: z.boolean().default(false),
    }),
    response: runSchema,
    status: 202,
  }),
  diff: route({
    operationId: 'diffRecipeVersions',
    method: 'GET',
    path: '/api/workflow-recipes/:recipe_id/versions/:version/diff',
    tag: 'recipes',
    permission: 'recipes:read',
    summary: 'What changed from one version to another',
    params: byVersion,
    query: z.strictObject({ to: z.coerce.number().int().min(1).optional() }),
    response: z.object({
      from: z.int(),
      to: z.int(),
      changes: z.array(changeSchema),
      lines: z.array(diffLineSchema),
    }),
  }),
  restore: route({
    operationId: 'restoreRecipeVersion',
    method: 'POST',
    path: '/api/workflow-recipes/:recipe_id/versions/:version/restore',
    tag: 'recipes',
    permission: 'recipes:write',
    summary: 'Save an older version as the newest',
    params: byVersion,
    response: recipeSchema,
    ifMatch: true,
  }),
  export: route({
    operationId: 'exportRecipe',
    method: 'GET',
    path: '/api/workflow-recipes/:recipe_id/export',
    tag: 'recipes',
    permission: 'recipes:read',
    kind: 'bytes',
    summary: 'The recipe as a YAML or JSON file',
    params: byRecipe,
    query: z.strictObject({
      format: z.enum(['yaml', 'json']).default('yaml'),
      version: z.coerce.number().int().min(1).optional(),
    }),
  }),
  import: route({
    operationId: 'importRecipes',
    method: 'POST',
    path: '/api/workflow-recipes/import',
    tag: 'recipes',
    permission: 'recipes:write',
    summary: 'Save the recipes of a YAML file (several documents allowed), all or none',
    body: z.strictObject({
      yaml: z.string().min(1).max(5_000_000),
      /** For a slug that is taken: a new version, nothing, or a refusal. */
      on_conflict: z.enum(['new_version', 'skip', 'fail']).default('fail'),
    }),
    response: z.object({
      items: z.array(
        z.object({
          slug: z.string(),
          version: z.int(),
          outcome: z.enum(['created', 'updated', 'unchanged', 'skipped']),
        }),
      ),
    }),
    status: 201,
  }),
  featured: route({
    operationId: 'listFeaturedRecipes',
    method: 'GET',
    path: '/api/workflow-recipes/featured',
    tag: 'recipes',
    permission: 'recipes:read',
    summary: 'Recipes that come with the product',
    response: z.object({ items: z.array(featuredRecipeSchema) }),
  }),
  install: route({
    operationId: 'installFeaturedRecipe',
    method: 'POST',
    path: '/api/workflow-recipes/featured/:slug/install',
    tag: 'recipes',
    permission: 'recipes:write',
    summary: 'Put a featured recipe back into the workspace',
    params: z.strictObject({ slug: z.string().max(64) }),
    response: recipeSchema,
    status: 201,
  }),
  stats: route({
    operationId: 'getRecipeStats',
    method: 'GET',
    path: '/api/workflow-recipes/stats/dashboard',
    tag: 'recipes',
    permission: 'recipes:read',
    summary: 'Runs, success, duration and cost per recipe over the last days',
    query: z.strictObject({ days: z.coerce.number().int().min(1).max(90).default(30) }),
    response: z.object({
      items: z.array(
        z.object({
          recipe_id: idSchema,
          slug: z.string(),
          runs: z.int(),
          completed: z.int(),
          failed: z.int(),
          duration_ms_p50: z.int().nullable(),
          duration_ms_p95: z.int().nullable(),
          cost_micros: z.int().nullable(),
          quality_mean: z.number().nullable(),
        }),
      ),
    }),
  }),
  learning: route({
    operationId: 'getRecipeLearning',
    method: 'GET',
    path: '/api/workflow-recipes/:recipe_id/learning',
    tag: 'recipes',
    permission: 'recipes:read',
    summary: 'What its runs and versions teach, with intervals and suggestions',
    params: byRecipe,
    response: learningReportSchema,
  }),
  applySuggestion: route({
    operationId: 'applyRecipeSuggestion',
    method: 'POST',
    path: '/api/workflow-recipes/:recipe_id/learning/:suggestion_id/apply',
    tag: 'recipes',
    permission: 'recipes:write',
    summary: 'Save a suggestion as a version; it is measured from then on',
    params: byRecipe.extend({ suggestion_id: z.string().max(64) }),
    response: suggestionSchema,
  }),
  dismissSuggestion: route({
    operationId: 'dismissRecipeSuggestion',
    method: 'POST',
    path: '/api/workflow-recipes/:recipe_id/learning/:suggestion_id/dismiss',
    tag: 'recipes',
    permission: 'recipes:write',
    summary: 'Do not show a suggestion again',
    params: byRecipe.extend({ suggestion_id: z.string().max(64) }),
    response: suggestionSchema,
  }),
};
