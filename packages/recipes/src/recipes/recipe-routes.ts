import { bindRoutes, recipeRoutes } from '@automatos/contracts';
import type { BoundRoute, Call } from '@automatos/contracts';
import type { RecipeScope, RecipeService } from './recipe-service.ts';
import type { Recipe } from './recipe-views.ts';

/** Handlers of `/api/workflow-recipes`. */
export function createRecipeRoutes({ recipes }: { recipes: RecipeService }): BoundRoute[] {
  return bindRoutes(recipeRoutes, {
    list: async ({ workspaceId, query }) => {
      const { items, nextCursor, total } = await recipes.list(workspaceId, query);
      return { body: { items, next_cursor: nextCursor, total } };
    },
    create: async (call) => shown(await recipes.create(scopeOf(call), call.body)),
    validate: async ({ workspaceId, body }) => {
      const { problems } = await recipes.validate(workspaceId, body);
      return { body: { valid: problems.length === 0, errors: problems } };
    },
    get: async ({ workspaceId, params }) => shown(await recipes.get(workspaceId, params.recipe_id)),
    update: async (call) =>
      shown(
        await recipes.update(scopeOf(call), {
          ref: call.params.recipe_id,
          source: call.body,
          ifMatch: call.headers['if-match'],
        }),
      ),
    remove: async ({ workspaceId, params }) => {
      await recipes.remove(workspaceId, params.recipe_id);
      return {};
    },
    versions: async ({ workspaceId, params, query }) => {
      const { items, nextCursor } = await recipes.versions(workspaceId, params.recipe_id, query);
      return { body: { items, next_cursor: nextCursor } };
    },
    version: async ({ workspaceId, params }) => ({
      body: await recipes.version(workspaceId, params.recipe_id, params.version),
    }),
    execute: async (call) => ({
      body: await recipes.execute(scopeOf(call), {
        ref: call.params.recipe_id,
        inputs: call.body.inputs,
        title: call.body.title,
        idempotencyKey: call.headers['idempotency-key'],
      }),
    }),
  });
}

function scopeOf({ workspaceId, principal }: Pick<Call, 'workspaceId' | 'principal'>): RecipeScope {
  const by =
    principal === null
      ? { kind: 'system' as const, id: 'system', name: 'system' }
      : { kind: principal.kind, id: principal.id, name: principal.name };
  return { workspaceId, by };
}

function shown(recipe: Recipe) {
  return { body: recipe, etag: String(recipe.version) };
}
