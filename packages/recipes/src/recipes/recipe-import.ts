import { slugSchema } from '@automatos/contracts';
import type { RecipeDefinition } from '@automatos/contracts';
import type { FieldError } from '@automatos/kernel';
import { readRecipe } from '../definition/parse-recipe.ts';
import type { RecipeDraft } from '../definition/parse-recipe.ts';
import { isDocument } from '../definition/source.ts';
import { namedIn, validateDraft } from '../validation/validate-recipe.ts';
import { gatherFacts } from './gather-facts.ts';
import { importConflict, importInvalid } from './recipe-errors.ts';
import type { BesideRecipes } from './recipe-facts.ts';
import { findRecipe } from './recipe-store.ts';
import type { RecipeRow } from './recipe-store.ts';
import { saveNew, saveNext } from './recipe-saving.ts';
import type { Saving, SavingDeps } from './recipe-saving.ts';
import { splitDocuments } from './split-documents.ts';
import type { YamlDocument } from './split-documents.ts';

/** Recipes in one file. */
const DOCUMENTS_MAX = 200;
/** Problems of one file that are reported. */
const PROBLEMS_MAX = 100;
const NOTE = 'imported';

export type OnConflict = 'new_version' | 'skip' | 'fail';

export interface Imported {
  slug: string;
  version: number;
  outcome: 'created' | 'updated' | 'unchanged' | 'skipped';
}

interface ReadDocument {
  /** 0-based. */
  index: number;
  document: YamlDocument;
  draft: RecipeDraft;
}

/**
 * Saves all recipes of a YAML file or, when one has a problem, none. Recipes of the file may name each other in any order.
 * Problems carry the number of their document and the line of the file.
 */
export async function importRecipes(
  deps: SavingDeps,
  saving: Saving,
  { yaml, onConflict }: { yaml: string; onConflict: OnConflict },
): Promise<Imported[]> {
  const documents = splitDocuments(yaml).map((document, index): ReadDocument => ({
    index,
    document,
    draft: readRecipe({ yaml: document.text }),
  }));
  if (documents.length === 0 || documents.length > DOCUMENTS_MAX) {
    const message =
      documents.length === 0
        ? 'holds no recipe'
        : `holds ${documents.length} recipes; at most ${DOCUMENTS_MAX} can be imported at once`;
    throw importInvalid([{ pointer: '/yaml', message }]);
  }
  const before = await existing(saving, documents);
  const definitions = await soundDefinitions(deps, saving, { documents, before, onConflict });
  if (onConflict === 'fail') assertNoConflict(definitions, before);
  const outcomes = new Map<string, Imported>();
  // In the order of the slugs, as they were locked.
  for (const { definition, document } of definitions
    .map((definition, index) => ({ definition, document: documents[index]?.document }))
    .toSorted((a, b) => (a.definition.slug < b.definition.slug ? -1 : 1))) {
    const source = { yaml: document?.text ?? '' };
    const { slug } = definition;
    const one = { definition, source, before: before.get(slug), onConflict };
    outcomes.set(slug, await importOne(deps, saving, one));
  }
  return definitions.flatMap(({ slug }) => outcomes.get(slug) ?? []);
}

async function importOne(
  deps: SavingDeps,
  saving: Saving,
  {
    definition,
    source,
    before,
    onConflict,
  }: {
    definition: RecipeDefinition;
    source: { yaml: string };
    before: RecipeRow | undefined;
    onConflict: OnConflict;
  },
): Promise<Imported> {
  const { slug } = definition;
  if (before === undefined) {
    await saveNew(deps, saving, { source, definition, note: NOTE });
    return { slug, version: 1, outcome: 'created' };
  }
  if (onConflict === 'skip') return { slug, version: before.version, outcome: 'skipped' };
  const { row, changed } = await saveNext(deps, saving, { before, source, definition, note: NOTE });
  return { slug, version: row.version, outcome: changed ? 'updated' : 'unchanged' };
}

/** Throws `recipes.import.invalid` with the problems of all documents. */
async function soundDefinitions(
  deps: SavingDeps,
  { tx }: Saving,
  {
    documents,
    before,
    onConflict,
  }: {
    documents: readonly ReadDocument[];
    before: ReadonlyMap<string, RecipeRow>;
    onConflict: OnConflict;
  },
): Promise<RecipeDefinition[]> {
  const problems: FieldError[] = repeatedSlugs(documents);
  const beside: BesideRecipes = new Map(
    documents.flatMap(({ draft: { definition } }) => {
      if (definition === null) return [];
      const row = before.get(definition.slug);
      if (row !== undefined && onConflict === 'skip') return [];
      return [[definition.slug, { definition, version: (row?.version ?? 0) + 1 }]];
    }),
  );
  const definitions: RecipeDefinition[] = [];
  for (const read of documents) {
    const facts = await gatherFacts(tx, deps.registry, { ...namedIn(read.draft), beside });
    const validation = validateDraft(read.draft, facts, deps.schemas);
    if (validation.definition !== null) definitions.push(validation.definition);
    problems.push(...validation.problems.map((problem) => inFile(read, problem)));
  }
  if (problems.length > 0) throw importInvalid(problems.slice(0, PROBLEMS_MAX));
  return definitions;
}

/** A problem of one document as one of the whole file. */
function inFile(
  { index, document }: Pick<ReadDocument, 'index' | 'document'>,
  problem: FieldError,
): FieldError {
  return {
    ...problem,
    pointer: `/documents/${index}${problem.pointer}`,
    message: `document ${index + 1}: ${problem.message}`,
    ...(problem.line === undefined ? {} : { line: problem.line + document.linesBefore }),
  };
}

function repeatedSlugs(documents: readonly ReadDocument[]): FieldError[] {
  const seen = new Map<string, number>();
  return documents.flatMap((read) => {
    const slug = slugOf(read);
    if (slug === null) return [];
    const first = seen.get(slug);
    if (first === undefined) {
      seen.set(slug, read.index);
      return [];
    }
    const message = `the slug "${slug}" stands in document ${first + 1} already`;
    return [inFile(read, problemAt(read, message))];
  });
}

function slugOf({ draft }: ReadDocument): string | null {
  const value = draft.source.value;
  return isDocument(value) && typeof value['slug'] === 'string' ? value['slug'] : null;
}

function problemAt({ draft }: ReadDocument, message: string): FieldError {
  return { pointer: '/slug', message, ...draft.source.locate(['slug']) };
}

/** Recipes of these slugs, held locked in one order, so that two imports never wait for each other. */
async function existing(
  { tx }: Saving,
  documents: readonly ReadDocument[],
): Promise<Map<string, RecipeRow>> {
  const slugs = documents.map(slugOf).filter((slug) => slug !== null);
  const found = new Map<string, RecipeRow>();
  for (const slug of new Set(slugs.toSorted())) {
    const row = slugSchema.safeParse(slug).success
      ? await findRecipe(tx, slug, { lock: true })
      : undefined;
    if (row !== undefined) found.set(slug, row);
  }
  return found;
}

function assertNoConflict(
  definitions: readonly RecipeDefinition[],
  before: ReadonlyMap<string, RecipeRow>,
): void {
  const problems = definitions.flatMap(({ slug }, index) =>
    before.has(slug)
      ? [{ pointer: `/documents/${index}/slug`, message: `"${slug}" is taken` }]
      : [],
  );
  if (problems.length > 0) throw importConflict(problems);
}
