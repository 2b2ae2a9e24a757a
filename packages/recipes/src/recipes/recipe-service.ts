import { resolveAgent } from '@automatos/agents';
import type { RecipeDefinition, Run } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { isPlatformError } from '@automatos/kernel';
import type { Clock, FieldError, JsonObject, WorkspaceId } from '@automatos/kernel';
import type { Actor, Runs } from '@automatos/runs';
import type { ToolRegistry, WorkspaceRoots } from '@automatos/tools';
import { flattenSteps } from '../definition/flatten.ts';
import { readRecipe, recipeInvalid } from '../definition/parse-recipe.ts';
import { toPointer } from '../definition/pointer.ts';
import type { RecipeSource } from '../definition/source.ts';
import { declaredSteps, toPlan } from '../execution/plan.ts';
import type { FrozenAgent } from '../execution/plan.ts';
import { createSchemaCompiler, inputsInvalid } from '../validation/schema-compiler.ts';
import type { SchemaCompiler } from '../validation/schema-compiler.ts';
import { namedIn, validateDraft } from '../validation/validate-recipe.ts';
import type { Validation } from '../validation/validate-recipe.ts';
import { checkPlaces } from './check-places.ts';
import { gatherFacts } from './gather-facts.ts';
import { decodeCursor, nameCursorSchema, toPage, versionCursorSchema } from './paging.ts';
import {
  notRunnable,
  recipeNotFound,
  slugFixed,
  slugTaken,
  versionMismatch,
  versionNotFound,
  versionRequired,
} from './recipe-errors.ts';
import {
  countRuns,
  findRecipe,
  findVersion,
  listRecipes,
  listSlugs,
  listVersions,
  updateRecipe,
} from './recipe-store.ts';
import type { RecipeRow, RecipeVersionRow } from './recipe-store.ts';
import { toRecipe, toSummary, toVersion } from './recipe-views.ts';
import type { Recipe, RecipeSummary, RecipeVersion } from './recipe-views.ts';
import { contentOf, isSame, writeNew, writeNext } from './recipe-writing.ts';

export interface RecipeServiceDeps {
  database: Pick<Database, 'workspace'>;
  registry: Pick<ToolRegistry, 'list' | 'get' | 'describe' | 'forGrants'>;
  runs: Pick<Runs, 'start'>;
  /** Where inputs of `format: folder` and `format: file` must lie. */
  roots: Pick<WorkspaceRoots, 'resolveInside'>;
  clock: Pick<Clock, 'now'>;
}

/** Where a change happens and on whose behalf. */
export interface RecipeScope {
  workspaceId: WorkspaceId;
  by: Actor;
}

interface ListPage {
  limit: number;
  cursor?: string | undefined;
}

interface Listed<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** Use cases of recipes. `ref` is an id or a slug; an unknown one answers `recipes.recipe.not_found` with near slugs. */
export interface RecipeService {
  /** By name. */
  list(
    workspaceId: WorkspaceId,
    filter: ListPage & { search?: string | undefined; tag?: string | undefined },
  ): Promise<Listed<RecipeSummary> & { total: number }>;
  get(workspaceId: WorkspaceId, ref: string): Promise<Recipe>;
  /** All problems at once; saves nothing. */
  validate(workspaceId: WorkspaceId, source: RecipeSource): Promise<Validation>;
  /** Throws `recipes.definition.invalid` with all problems. */
  create(scope: RecipeScope, source: RecipeSource): Promise<Recipe>;
  /** Saves the next version; the same content as before makes none. `ifMatch` names the version last read. */
  update(
    scope: RecipeScope,
    change: { ref: string; source: RecipeSource; ifMatch: string | undefined },
  ): Promise<Recipe>;
  remove(workspaceId: WorkspaceId, ref: string): Promise<void>;
  versions(workspaceId: WorkspaceId, ref: string, page: ListPage): Promise<Listed<RecipeVersion>>;
  version(
    workspaceId: WorkspaceId,
    ref: string,
    version: number,
  ): Promise<RecipeVersion & Pick<Recipe, 'definition' | 'yaml'>>;
  /**
   * Starts a run of the current version. Throws `recipes.inputs.invalid`, also for a folder or file outside
   * the allowed folders, or `recipes.recipe.not_runnable` when an agent or tool that it names is gone or out of work.
   */
  execute(
    scope: RecipeScope,
    start: {
      ref: string;
      inputs: JsonObject;
      title?: string | undefined;
      idempotencyKey?: string | undefined;
    },
  ): Promise<Run>;
}

export function createRecipeService(given: RecipeServiceDeps): RecipeService {
  const deps: Deps = { ...given, schemas: createSchemaCompiler() };
  const { database } = deps;
  return {
    list: (workspaceId, filter) =>
      database.workspace(workspaceId, async (tx) => {
        const { cursor, ...wanted } = filter;
        const after = cursor === undefined ? undefined : decodeCursor(nameCursorSchema, cursor);
        const { rows, total } = await listRecipes(tx, { ...wanted, after });
        const page = toPage(rows, filter.limit, ({ name, id }) => ({ name, id }));
        const runs = await countRuns(
          tx,
          page.rows.map(({ id }) => id),
        );
        const items = page.rows.map((row) => toSummary(row, runs.get(row.id)));
        return { items, nextCursor: page.nextCursor, total };
      }),
    get: (workspaceId, ref) =>
      database.workspace(workspaceId, async (tx) => show(tx, await mustFind(tx, ref))),
    validate: (workspaceId, source) =>
      database.workspace(workspaceId, (tx) => validate(deps, tx, source)),
    create: (scope, source) =>
      database.workspace(scope.workspaceId, async (tx) => {
        const content = contentOf(source, await mustBeSound(deps, tx, source));
        const written = await writeNew(tx, authorOf(deps, scope), { content, seeded: false });
        if (written === null) throw slugTaken(content.definition.slug);
        return toRecipe(written.row, written.version, undefined);
      }),
    update: (scope, change) =>
      database.workspace(scope.workspaceId, (tx) => update(deps, { tx, scope, change })),
    remove: (workspaceId, ref) =>
      database.workspace(workspaceId, async (tx) => {
        const row = await mustFind(tx, ref, { lock: true });
        await updateRecipe(tx, { ...row, deletedAt: new Date(deps.clock.now()) });
      }),
    versions: (workspaceId, ref, { limit, cursor }) =>
      database.workspace(workspaceId, async (tx) => {
        const row = await mustFind(tx, ref);
        const before =
          cursor === undefined ? undefined : decodeCursor(versionCursorSchema, cursor).version;
        const found = await listVersions(tx, row.id, { limit, before });
        const page = toPage(found, limit, ({ version }) => ({ version }));
        return { items: page.rows.map(toVersion), nextCursor: page.nextCursor };
      }),
    version: (workspaceId, ref, version) =>
      database.workspace(workspaceId, async (tx) => {
        const row = await mustFind(tx, ref);
        const found = await findVersion(tx, row.id, version);
        if (found === undefined) throw versionNotFound(row.slug, version, row.version);
        return { ...toVersion(found), definition: found.definition, yaml: found.yaml };
      }),
    execute: (scope, start) => execute(deps, scope, start),
  };
}

type Deps = RecipeServiceDeps & { schemas: SchemaCompiler };

async function mustFind(tx: Tx, ref: string, options: { lock?: boolean } = {}): Promise<RecipeRow> {
  const row = await findRecipe(tx, ref, options);
  if (row === undefined) throw recipeNotFound(ref, await listSlugs(tx));
  return row;
}

async function currentVersion(tx: Tx, row: RecipeRow): Promise<RecipeVersionRow> {
  const found = await findVersion(tx, row.id, row.version);
  if (found === undefined) throw versionNotFound(row.slug, row.version, row.version);
  return found;
}

async function show(tx: Tx, row: RecipeRow): Promise<Recipe> {
  const runs = await countRuns(tx, [row.id]);
  return toRecipe(row, await currentVersion(tx, row), runs.get(row.id));
}

async function validate(deps: Deps, tx: Tx, source: RecipeSource): Promise<Validation> {
  const draft = readRecipe(source);
  const facts = await gatherFacts(tx, deps.registry, namedIn(draft).agents);
  return validateDraft(draft, facts, deps.schemas);
}

async function mustBeSound(deps: Deps, tx: Tx, source: RecipeSource) {
  const { definition, problems } = await validate(deps, tx, source);
  if (definition === null) throw recipeInvalid(problems);
  return definition;
}

function authorOf(deps: Deps, { workspaceId, by }: RecipeScope) {
  return { workspaceId, by: by.name, at: new Date(deps.clock.now()) };
}

async function update(
  deps: Deps,
  {
    tx,
    scope,
    change,
  }: { tx: Tx; scope: RecipeScope; change: Parameters<RecipeService['update']>[1] },
): Promise<Recipe> {
  const before = await mustFind(tx, change.ref, { lock: true });
  assertVersion(before, change.ifMatch);
  const definition = await mustBeSound(deps, tx, change.source);
  if (definition.slug !== before.slug) throw slugFixed(before.slug, definition.slug);
  const content = contentOf(change.source, definition);
  if (isSame(await currentVersion(tx, before), content, change.source)) return show(tx, before);
  const { row } = await writeNext(tx, authorOf(deps, scope), { before, content, seeded: false });
  return show(tx, row);
}

/** `If-Match` names the version, bare or as ETag, or is `*`. */
function assertVersion(row: RecipeRow, ifMatch: string | undefined): void {
  if (ifMatch === undefined) throw versionRequired();
  const given = ifMatch.split(',').map((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', ''));
  if (given.some((tag) => tag === '*' || tag === String(row.version))) return;
  throw versionMismatch(row.slug, row.version);
}

async function execute(
  deps: Deps,
  scope: RecipeScope,
  start: Parameters<RecipeService['execute']>[1],
): Promise<Run> {
  const { workspaceId, by } = scope;
  const { row, definition, agents } = await deps.database.workspace(workspaceId, async (tx) => {
    const found = await mustFind(tx, start.ref);
    const version = await currentVersion(tx, found);
    const frozen = await freeze(deps, tx, version.definition);
    if (frozen.problems.length > 0) throw notRunnable(found.slug, frozen.problems);
    return { row: found, definition: version.definition, agents: frozen.agents };
  });
  const inputs = deps.schemas.checkInputs(definition.inputs, start.inputs);
  const misplaced = await checkPlaces(definition.inputs, inputs, deps.roots);
  if (misplaced.length > 0) throw inputsInvalid(misplaced);
  return deps.runs.start(workspaceId, {
    kind: 'recipe',
    title: start.title ?? row.name,
    plan: toPlan({ definition, recipe_version: row.version, agents }),
    inputs,
    recipe: { id: row.id, slug: row.slug, version: row.version },
    steps: declaredSteps(definition),
    by,
    ...(start.idempotencyKey === undefined ? {} : { idempotencyKey: start.idempotencyKey }),
  });
}

/** The agents as they are now, and what keeps the recipe from running. */
async function freeze(
  deps: Deps,
  tx: Tx,
  definition: RecipeDefinition,
): Promise<{ agents: Record<string, FrozenAgent>; problems: FieldError[] }> {
  const agents: Record<string, FrozenAgent> = {};
  const problems: FieldError[] = [];
  for (const { step, path } of flattenSteps(definition)) {
    if (step?.type === 'tool' && deps.registry.get(step.tool) === undefined) {
      const message = `the tool "${step.tool}" is not there any more`;
      problems.push({ pointer: toPointer([...path, 'tool']), message });
    }
    if (step === null || !('agent' in step) || agents[step.agent] !== undefined) continue;
    try {
      const { agent, personaPrompt } = await resolveAgent(tx, step.agent);
      agents[step.agent] = { agent, persona_prompt: personaPrompt };
    } catch (error) {
      if (!isPlatformError(error)) throw error;
      problems.push({ pointer: toPointer([...path, 'agent']), message: error.message });
    }
  }
  return { agents, problems };
}
