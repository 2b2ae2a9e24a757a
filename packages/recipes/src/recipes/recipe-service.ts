import type { Change, DiffLine, RecipeDefinition, Run } from '@automatos/contracts';
import { toPage } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import { diffJson, diffLines } from '@automatos/kernel';
import type { Clock, JsonObject, WorkspaceId } from '@automatos/kernel';
import type { Actor, Runs } from '@automatos/runs';
import type { ToolRegistry, WorkspaceRoots } from '@automatos/tools';
import type { RecipeSource } from '../definition/source.ts';
import { createSchemaCompiler } from '../validation/schema-compiler.ts';
import type { SchemaCompiler } from '../validation/schema-compiler.ts';
import type { Validation } from '../validation/validate-recipe.ts';
import { installFeatured, listFeatured } from './featured-recipes.ts';
import type { Featured, FeaturedRecipe } from './featured-recipes.ts';
import { decodeCursor, nameCursorSchema, versionCursorSchema } from './paging.ts';
import { definitionOf, mustFind, mustFindVersion, show } from './recipe-access.ts';
import { versionMismatch } from './recipe-errors.ts';
import type { EmitRecipeEvent, SyncFromDefinition } from './recipe-events.ts';
import { importRecipes } from './recipe-import.ts';
import type { Imported, OnConflict } from './recipe-import.ts';
import {
  lockAt,
  removeRecipe,
  saveNew,
  saveNext,
  soundDefinition,
  validateSource,
} from './recipe-saving.ts';
import type { Saving } from './recipe-saving.ts';
import { execute, startRecipe } from './recipe-starts.ts';
import type { StartOptions, TriggeredStart } from './recipe-starts.ts';
import { recipeFigures } from './recipe-stats.ts';
import type { RecipeFigures } from './recipe-stats.ts';
import { countRuns, listRecipes, listVersions } from './recipe-store.ts';
import { toSummary, toVersion } from './recipe-views.ts';
import type { Recipe, RecipeSummary, RecipeVersion } from './recipe-views.ts';

export interface RecipeServiceDeps {
  database: Pick<Database, 'workspace' | 'workspaceReads'>;
  registry: Pick<ToolRegistry, 'list' | 'get' | 'describe' | 'forGrants'>;
  runs: Pick<Runs, 'start' | 'startIn'>;
  /** Where inputs of `format: folder` and `format: file` must lie. */
  roots: Pick<WorkspaceRoots, 'resolveInside'>;
  clock: Pick<Clock, 'now'>;
  emit: EmitRecipeEvent;
  syncFromDefinition: SyncFromDefinition;
  featured: Featured;
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

/** A version that somebody else than a person at the editor makes, e.g. learning. */
export interface SaveVersion extends RecipeScope {
  /** Id or slug. */
  recipeId: string;
  /** Version that the change was made from; `recipes.recipe.version_mismatch` when there is a newer one. */
  baseVersion?: number | undefined;
  definition: JsonObject | RecipeDefinition;
  /** Shown with the version, e.g. `learning: …`. */
  note: string;
}

/** A recipe as a file. */
export interface RecipeFile {
  filename: string;
  contentType: string;
  content: string;
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
  remove(scope: RecipeScope, ref: string): Promise<void>;
  versions(workspaceId: WorkspaceId, ref: string, page: ListPage): Promise<Listed<RecipeVersion>>;
  version(
    workspaceId: WorkspaceId,
    ref: string,
    version: number,
  ): Promise<RecipeVersion & Pick<Recipe, 'definition' | 'yaml'>>;
  /** What changed from `from` to `to` (default: the current version): values of the definition, and lines of the text. */
  diff(
    workspaceId: WorkspaceId,
    ref: string,
    versions: { from: number; to?: number | undefined },
  ): Promise<{ from: number; to: number; changes: Change[]; lines: DiffLine[] }>;
  /** Saves an older version as the newest, after it was checked against the workspace as it is now. */
  restore(
    scope: RecipeScope,
    change: { ref: string; version: number; ifMatch: string | undefined },
  ): Promise<Recipe>;
  /** A version (default: the current one) as it was saved, or as JSON. */
  export(
    workspaceId: WorkspaceId,
    ref: string,
    options: { format: 'yaml' | 'json'; version?: number | undefined },
  ): Promise<RecipeFile>;
  /** All or nothing. Throws `recipes.import.invalid` with document and line, or `recipes.import.slug_taken`. */
  import(
    scope: RecipeScope,
    file: { yaml: string; onConflict: OnConflict },
  ): Promise<{ items: Imported[] }>;
  featured(workspaceId: WorkspaceId): Promise<FeaturedRecipe[]>;
  install(scope: RecipeScope, slug: string): Promise<Recipe>;
  /** Figures of the last `days` days. */
  stats(workspaceId: WorkspaceId, days: number): Promise<RecipeFigures[]>;
  /**
   * Starts a run. Throws `recipes.inputs.invalid`, also for a folder or file outside the allowed folders, or
   * `recipes.recipe.not_runnable` when an agent, tool or recipe that it names is gone or out of work.
   */
  execute(scope: RecipeScope, start: StartOptions & { ref: string }): Promise<Run>;
  /** The same inside a transaction of the caller, for schedules and triggers; call `announce` after its commit. */
  startRecipe(tx: Tx, start: TriggeredStart): Promise<{ run: Run; announce: () => void }>;
  /** Saves a definition as the next version inside a transaction of the caller; the version that holds it then. */
  saveVersion(tx: Tx, change: SaveVersion): Promise<{ version: number }>;
}

type Deps = RecipeServiceDeps & { schemas: SchemaCompiler };

export function createRecipeService(given: RecipeServiceDeps): RecipeService {
  const deps: Deps = { ...given, schemas: createSchemaCompiler() };
  return {
    ...readsOf(deps),
    ...writesOf(deps),
    execute: (scope, start) => execute(deps, scope, start),
    startRecipe: (tx, start) => startRecipe(deps, tx, start),
  };
}

type Reads =
  | 'list'
  | 'get'
  | 'validate'
  | 'versions'
  | 'version'
  | 'diff'
  | 'export'
  | 'featured'
  | 'stats';

function readsOf(deps: Deps): Pick<RecipeService, Reads> {
  const { database } = deps;
  return {
    list: (workspaceId, filter) => database.workspaceReads(workspaceId, (tx) => list(tx, filter)),
    get: (workspaceId, ref) =>
      database.workspaceReads(workspaceId, async (tx) => show(tx, await mustFind(tx, ref))),
    validate: (workspaceId, source) =>
      database.workspace(workspaceId, (tx) => validateSource(deps, tx, source)),
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
        const found = await mustFindVersion(tx, await mustFind(tx, ref), version);
        return { ...toVersion(found), definition: definitionOf(found), yaml: found.yaml };
      }),
    diff: (workspaceId, ref, versions) =>
      database.workspace(workspaceId, (tx) => diff(tx, ref, versions)),
    export: (workspaceId, ref, options) =>
      database.workspace(workspaceId, (tx) => exportFile(tx, ref, options)),
    featured: (workspaceId) =>
      database.workspaceReads(workspaceId, (tx) => listFeatured(deps.featured, tx)),
    stats: (workspaceId, days) => {
      const from = new Date(deps.clock.now() - days * 86_400_000);
      return database.workspaceReads(workspaceId, (tx) => recipeFigures(tx, from));
    },
  };
}

type Writes = 'create' | 'update' | 'remove' | 'restore' | 'import' | 'install' | 'saveVersion';

function writesOf(deps: Deps): Pick<RecipeService, Writes> {
  const within = <T>({ workspaceId, by }: RecipeScope, work: (saving: Saving) => Promise<T>) =>
    deps.database.workspace(workspaceId, (tx) => work({ tx, workspaceId, by }));
  return {
    create: (scope, source) =>
      within(scope, async (saving) => {
        const definition = await soundDefinition(deps, saving.tx, source);
        const { row } = await saveNew(deps, saving, { source, definition });
        return show(saving.tx, row);
      }),
    update: (scope, { ref, source, ifMatch }) =>
      within(scope, async (saving) => {
        const before = await lockAt(saving.tx, ref, ifMatch);
        const definition = await soundDefinition(deps, saving.tx, source);
        const { row } = await saveNext(deps, saving, { before, source, definition });
        return show(saving.tx, row);
      }),
    remove: (scope, ref) => within(scope, (saving) => removeRecipe(deps, saving, ref)),
    restore: (scope, change) => within(scope, (saving) => restore(deps, saving, change)),
    import: (scope, file) =>
      within(scope, async (saving) => ({ items: await importRecipes(deps, saving, file) })),
    install: (scope, slug) => within(scope, (saving) => installFeatured(deps, saving, slug)),
    saveVersion: (tx, { workspaceId, by, ...change }) =>
      saveVersion(deps, { tx, workspaceId, by }, change),
  };
}

async function list(tx: Tx, filter: Parameters<RecipeService['list']>[1]) {
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
}

async function diff(tx: Tx, ref: string, versions: { from: number; to?: number | undefined }) {
  const row = await mustFind(tx, ref);
  const left = await mustFindVersion(tx, row, versions.from);
  const right = await mustFindVersion(tx, row, versions.to);
  const json = (version: typeof left) => definitionOf(version) as unknown as JsonObject;
  return {
    from: left.version,
    to: right.version,
    changes: diffJson(json(left), json(right)),
    lines: diffLines(left.yaml, right.yaml),
  };
}

async function exportFile(
  tx: Tx,
  ref: string,
  { format, version }: { format: 'yaml' | 'json'; version?: number | undefined },
): Promise<RecipeFile> {
  const row = await mustFind(tx, ref);
  const found = await mustFindVersion(tx, row, version);
  const filename = `${row.slug}${version === undefined ? '' : `-v${version}`}.${format}`;
  return format === 'yaml'
    ? { filename, contentType: 'application/yaml; charset=utf-8', content: found.yaml }
    : {
        filename,
        contentType: 'application/json; charset=utf-8',
        content: `${JSON.stringify(definitionOf(found), null, 2)}\n`,
      };
}

async function restore(
  deps: Deps,
  saving: Saving,
  { ref, version, ifMatch }: { ref: string; version: number; ifMatch: string | undefined },
): Promise<Recipe> {
  const before = await lockAt(saving.tx, ref, ifMatch);
  const old = await mustFindVersion(saving.tx, before, version);
  const source = { yaml: old.yaml };
  const definition = await soundDefinition(deps, saving.tx, source);
  const note = `restored from version ${version}`;
  const { row } = await saveNext(deps, saving, { before, source, definition, note });
  return show(saving.tx, row);
}

async function saveVersion(
  deps: Deps,
  saving: Saving,
  { recipeId, baseVersion, definition: given, note }: Omit<SaveVersion, keyof RecipeScope>,
): Promise<{ version: number }> {
  const before = await mustFind(saving.tx, recipeId, { lock: true });
  if (baseVersion !== undefined && before.version !== baseVersion) {
    throw versionMismatch(before.slug, before.version);
  }
  const source = { definition: given };
  const definition = await soundDefinition(deps, saving.tx, source);
  const { row } = await saveNext(deps, saving, { before, source, definition, note });
  return { version: row.version };
}
