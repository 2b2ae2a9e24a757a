import type { RecipeDefinition } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import type { Actor } from '@automatos/runs';
import type { ToolRegistry } from '@automatos/tools';
import { readRecipe, recipeInvalid } from '../definition/parse-recipe.ts';
import type { RecipeSource } from '../definition/source.ts';
import type { SchemaCompiler } from '../validation/schema-compiler.ts';
import { namedIn, validateDraft } from '../validation/validate-recipe.ts';
import type { Validation } from '../validation/validate-recipe.ts';
import { gatherFacts } from './gather-facts.ts';
import { mustFind, mustFindVersion } from './recipe-access.ts';
import { slugFixed, slugTaken, versionMismatch, versionRequired } from './recipe-errors.ts';
import type { EmitRecipeEvent, SyncFromDefinition } from './recipe-events.ts';
import { updateRecipe } from './recipe-store.ts';
import type { RecipeRow, RecipeVersionRow } from './recipe-store.ts';
import { contentOf, isSame, writeNew, writeNext } from './recipe-writing.ts';

export interface SavingDeps {
  registry: Pick<ToolRegistry, 'list' | 'get' | 'describe' | 'forGrants'>;
  clock: Pick<Clock, 'now'>;
  schemas: SchemaCompiler;
  emit: EmitRecipeEvent;
  syncFromDefinition: SyncFromDefinition;
}

/** The transaction of a change and on whose behalf it is made. */
export interface Saving {
  tx: Tx;
  workspaceId: WorkspaceId;
  by: Actor;
}

export interface Saved {
  row: RecipeRow;
  version: RecipeVersionRow;
  /** False when the content was there already and nothing was written. */
  changed: boolean;
}

/** All problems at once; `beside` are recipes that are not saved yet but will be with this one. */
export async function validateSource(
  deps: Pick<SavingDeps, 'registry' | 'schemas'>,
  tx: Tx,
  source: RecipeSource,
): Promise<Validation> {
  const draft = readRecipe(source);
  const facts = await gatherFacts(tx, deps.registry, namedIn(draft));
  return validateDraft(draft, facts, deps.schemas);
}

/** Throws `recipes.definition.invalid` with all problems. */
export async function soundDefinition(
  deps: Pick<SavingDeps, 'registry' | 'schemas'>,
  tx: Tx,
  source: RecipeSource,
): Promise<RecipeDefinition> {
  const { definition, problems } = await validateSource(deps, tx, source);
  if (definition === null) throw recipeInvalid(problems);
  return definition;
}

/** Writes a checked definition as a new recipe; `recipes.recipe.slug_taken` when there is one of this slug. */
export async function saveNew(
  deps: SavingDeps,
  saving: Saving,
  {
    source,
    definition,
    seeded = false,
    note,
  }: {
    source: RecipeSource;
    definition: RecipeDefinition;
    seeded?: boolean;
    note?: string | undefined;
  },
): Promise<Saved> {
  const content = contentOf(source, definition);
  const written = await writeNew(saving.tx, authorOf(deps, saving), { content, seeded, note });
  if (written === null) throw slugTaken(definition.slug);
  const { id, slug, name } = written.row;
  await announce(deps, saving, {
    row: written.row,
    definition,
    event: { type: 'recipe.created', subject: id, data: { slug, name } },
  });
  return { ...written, changed: true };
}

/** Writes a checked definition as the next version of a recipe that is held locked; the same content makes none. */
export async function saveNext(
  deps: SavingDeps,
  saving: Saving,
  {
    before,
    source,
    definition,
    note,
  }: {
    before: RecipeRow;
    source: RecipeSource;
    definition: RecipeDefinition;
    note?: string | undefined;
  },
): Promise<Saved> {
  if (definition.slug !== before.slug) throw slugFixed(before.slug, definition.slug);
  const content = contentOf(source, definition);
  const current = await mustFindVersion(saving.tx, before);
  if (isSame(current, content, source)) return { row: before, version: current, changed: false };
  const author = authorOf(deps, saving);
  const written = await writeNext(saving.tx, author, { before, content, seeded: false, note });
  const { id, slug, version } = written.row;
  await announce(deps, saving, {
    row: written.row,
    definition,
    event: { type: 'recipe.updated', subject: id, data: { slug, version } },
  });
  return { ...written, changed: true };
}

/** Deletes a recipe; its versions and runs stay, its schedules and triggers end. */
export async function removeRecipe(deps: SavingDeps, saving: Saving, ref: string): Promise<void> {
  const row = await mustFind(saving.tx, ref, { lock: true });
  await updateRecipe(saving.tx, { ...row, deletedAt: new Date(deps.clock.now()) });
  await announce(deps, saving, {
    row,
    definition: null,
    event: { type: 'recipe.deleted', subject: row.id, data: { slug: row.slug } },
  });
}

/** The recipe held locked, if it still has the version that was read. */
export async function lockAt(tx: Tx, ref: string, ifMatch: string | undefined): Promise<RecipeRow> {
  const row = await mustFind(tx, ref, { lock: true });
  assertVersion(row, ifMatch);
  return row;
}

/** `If-Match` names the version, bare or as ETag, or is `*`. */
function assertVersion(row: RecipeRow, ifMatch: string | undefined): void {
  if (ifMatch === undefined) throw versionRequired();
  const given = ifMatch.split(',').map((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', ''));
  if (given.some((tag) => tag === '*' || tag === String(row.version))) return;
  throw versionMismatch(row.slug, row.version);
}

function authorOf({ clock }: Pick<SavingDeps, 'clock'>, { workspaceId, by }: Saving) {
  return { workspaceId, by: by.name, at: new Date(clock.now()) };
}

async function announce(
  { emit, syncFromDefinition }: SavingDeps,
  { tx, workspaceId, by }: Saving,
  {
    row: { id, slug },
    definition,
    event,
  }: {
    row: RecipeRow;
    definition: RecipeDefinition | null;
    event: Parameters<EmitRecipeEvent>[2];
  },
): Promise<void> {
  await syncFromDefinition(tx, { workspaceId, recipe: { id, slug }, definition, by });
  await emit(tx, workspaceId, event);
}
