import type { RecipeDefinition } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { contentHash } from '@automatos/kernel/hash';
import { flattenSteps } from '../definition/flatten.ts';
import { toYaml } from '../definition/to-yaml.ts';
import type { RecipeSource } from '../definition/source.ts';
import { hashOf } from './recipe-access.ts';
import { insertRecipe, insertVersion, updateRecipe } from './recipe-store.ts';
import type { RecipeRow, RecipeVersionRow } from './recipe-store.ts';

/** A sound definition and the text it is kept with. */
export interface Content {
  definition: RecipeDefinition;
  yaml: string;
}

/** A version to be written. */
interface NewVersion {
  content: Content;
  seeded: boolean;
  /** What made it when it is not an edit. */
  note?: string | undefined;
}

/** YAML is kept as it was sent, comments included; JSON gets its YAML form. */
export function contentOf(source: RecipeSource, definition: RecipeDefinition): Content {
  return { definition, yaml: 'yaml' in source ? source.yaml : toYaml(definition) };
}

/** Whether saving `content` would change anything: another text counts, so that changed comments are kept. */
export function isSame(current: RecipeVersionRow, content: Content, source: RecipeSource): boolean {
  if (hashOf(current) !== contentHash(content.definition)) return false;
  return !('yaml' in source) || source.yaml.trim() === current.yaml.trim();
}

/** Fields of the recipe row that follow from the definition. */
function headOf(definition: RecipeDefinition) {
  const steps = flattenSteps(definition);
  const agents = steps.flatMap(({ step }) =>
    step !== null && 'agent' in step ? [step.agent] : [],
  );
  return {
    slug: definition.slug,
    name: definition.name,
    description: definition.description,
    tags: definition.tags,
    category: definition.category ?? null,
    stepCount: steps.length,
    agents: [...new Set(agents)],
  };
}

export interface Author {
  workspaceId: WorkspaceId;
  by: string;
  at: Date;
}

/** Writes a new recipe with its first version; null when the slug is taken. */
export async function writeNew(
  tx: Tx,
  author: Author,
  { content, seeded, note }: NewVersion,
): Promise<{ row: RecipeRow; version: RecipeVersionRow } | null> {
  const row: RecipeRow = {
    id: newId(author.at.getTime()),
    workspaceId: author.workspaceId,
    ...headOf(content.definition),
    version: 1,
    seeded,
    seedVersion: seeded ? 1 : null,
    createdAt: author.at,
    updatedAt: author.at,
    deletedAt: null,
  };
  if (!(await insertRecipe(tx, row))) return null;
  return { row, version: await writeVersion(tx, author, { row, content, note }) };
}

/** Writes the next version of a recipe that the caller holds locked. */
export async function writeNext(
  tx: Tx,
  author: Author,
  { before, content, seeded, note }: NewVersion & { before: RecipeRow },
): Promise<{ row: RecipeRow; version: RecipeVersionRow }> {
  const next = before.version + 1;
  const row: RecipeRow = {
    ...before,
    ...headOf(content.definition),
    version: next,
    seedVersion: seeded ? next : before.seedVersion,
    updatedAt: author.at,
  };
  await updateRecipe(tx, row);
  return { row, version: await writeVersion(tx, author, { row, content, note }) };
}

async function writeVersion(
  tx: Tx,
  author: Author,
  { row, content, note }: Omit<NewVersion, 'seeded'> & { row: RecipeRow },
): Promise<RecipeVersionRow> {
  const version: RecipeVersionRow = {
    recipeId: row.id,
    version: row.version,
    workspaceId: row.workspaceId,
    definition: content.definition,
    yaml: content.yaml,
    definitionHash: contentHash(content.definition),
    createdBy: author.by,
    createdAt: author.at,
    note: note ?? null,
  };
  await insertVersion(tx, version);
  return version;
}
