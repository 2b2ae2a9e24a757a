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
import { recipeDefinitionSchema } from '../recipe.ts';
import { runSchema } from './runs.ts';

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
});

const byRecipe = z.strictObject({ recipe_id: z.string().max(64) });

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
    params: byRecipe.extend({ version: z.coerce.number().int().min(1) }),
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
    }),
    response: runSchema,
    status: 202,
  }),
};
