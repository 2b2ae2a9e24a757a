import { bindRoutes, recipeRoutes } from '@automatos/contracts';
import type { BoundRoute, Call, Handlers } from '@automatos/contracts';
import type { RecipeLearning } from './recipe-learning.ts';
import type { RecipeScope, RecipeService } from './recipe-service.ts';
import type { Recipe } from './recipe-views.ts';

export interface RecipeRoutesDeps {
  recipes: RecipeService;
  learning: RecipeLearning;
}

/** Handlers of `/api/workflow-recipes`. */
export function createRecipeRoutes({ recipes, learning }: RecipeRoutesDeps): BoundRoute[] {
  return bindRoutes(recipeRoutes, {
    ...contentHandlers(recipes),
    ...versionHandlers(recipes),
    ...collectionHandlers(recipes),
    learning: async ({ workspaceId, params }) => ({
      body: await learning.report(workspaceId, params.recipe_id),
    }),
    applySuggestion: async (call) => ({
      body: await learning.apply(scopeOf(call), call.params.recipe_id, call.params.suggestion_id),
    }),
    dismissSuggestion: async (call) => ({
      body: await learning.dismiss(scopeOf(call), call.params.recipe_id, call.params.suggestion_id),
    }),
  });
}

type Routes = Handlers<typeof recipeRoutes>;

function contentHandlers(
  recipes: RecipeService,
): Pick<Routes, 'list' | 'create' | 'validate' | 'get' | 'update' | 'remove' | 'execute'> {
  return {
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
    remove: async (call) => {
      await recipes.remove(scopeOf(call), call.params.recipe_id);
      return {};
    },
    execute: async (call) => {
      const { dry_run: dryRun, ...body } = call.body;
      return {
        body: await recipes.execute(scopeOf(call), {
          ...body,
          dryRun,
          ref: call.params.recipe_id,
          idempotencyKey: call.headers['idempotency-key'],
        }),
      };
    },
  };
}

function versionHandlers(
  recipes: RecipeService,
): Pick<Routes, 'versions' | 'version' | 'diff' | 'restore' | 'export'> {
  return {
    versions: async ({ workspaceId, params, query }) => {
      const { items, nextCursor } = await recipes.versions(workspaceId, params.recipe_id, query);
      return { body: { items, next_cursor: nextCursor } };
    },
    version: async ({ workspaceId, params }) => ({
      body: await recipes.version(workspaceId, params.recipe_id, params.version),
    }),
    diff: async ({ workspaceId, params, query }) => ({
      body: await recipes.diff(workspaceId, params.recipe_id, {
        from: params.version,
        to: query.to,
      }),
    }),
    restore: async (call) =>
      shown(
        await recipes.restore(scopeOf(call), {
          ref: call.params.recipe_id,
          version: call.params.version,
          ifMatch: call.headers['if-match'],
        }),
      ),
    export: async ({ workspaceId, params, query }) => ({
      bytes: await recipes.export(workspaceId, params.recipe_id, query),
    }),
  };
}

function collectionHandlers(
  recipes: RecipeService,
): Pick<Routes, 'import' | 'featured' | 'install' | 'stats'> {
  return {
    import: async (call) => ({
      body: await recipes.import(scopeOf(call), {
        yaml: call.body.yaml,
        onConflict: call.body.on_conflict,
      }),
    }),
    featured: async ({ workspaceId }) => ({
      body: { items: await recipes.featured(workspaceId) },
    }),
    install: async (call) => shown(await recipes.install(scopeOf(call), call.params.slug)),
    stats: async ({ workspaceId, query }) => ({
      body: { items: await recipes.stats(workspaceId, query.days) },
    }),
  };
}

/** Where a request changes something and on whose behalf. */
export function scopeOf({
  workspaceId,
  principal,
}: Pick<Call, 'workspaceId' | 'principal'>): RecipeScope {
  const by =
    principal === null
      ? { kind: 'system' as const, id: 'system', name: 'system' }
      : { kind: principal.kind, id: principal.id, name: principal.name };
  return { workspaceId, by };
}

function shown(recipe: Recipe) {
  return { body: recipe, etag: String(recipe.version) };
}
