import { recipeDefinitionSchema } from '@automatos/contracts';
import type { RecipeDefinition, RecipeStep } from '@automatos/contracts';
import { PlatformError } from '@automatos/kernel';
import type { FieldError, JsonObject, JsonValue } from '@automatos/kernel';
import { z } from 'zod';
import type { DraftStep } from './draft-step.ts';
import { readStep } from './read-step.ts';
import { parseShape } from './shape-problems.ts';
import { isDocument, loadSource } from './source.ts';
import type { LoadedSource, RecipeSource } from './source.ts';

export type { DraftStep } from './draft-step.ts';

/** Characters of one recipe document as JSON. */
const RECIPE_CHARACTERS_MAX = 1_000_000;
/** Steps of one recipe, those inside containers included. */
const STEPS_MAX = 1_000;

/** What could be read of a recipe, with every problem of its form. */
export interface RecipeDraft {
  /** Null while there are problems. */
  definition: RecipeDefinition | null;
  /** JSON schema of the inputs, null when it could not be read. */
  inputs: JsonObject | null;
  outputs: Record<string, string>;
  /** Everything but the steps; null when one of its fields is wrong. */
  head: RecipeHead | null;
  steps: DraftStep[];
  problems: FieldError[];
  source: LoadedSource;
}

const headSchema = recipeDefinitionSchema.omit({ steps: true }).extend({
  steps: z.array(z.unknown()).min(1).max(200),
});
export type RecipeHead = Omit<RecipeDefinition, 'steps'>;

/** Reads a recipe and reports all problems of its form at once; never throws. References and names are checked later. */
export function readRecipe(source: RecipeSource): RecipeDraft {
  const loaded = loadSource(source);
  const draft: RecipeDraft = {
    definition: null,
    inputs: null,
    outputs: {},
    head: null,
    steps: [],
    problems: [...loaded.problems],
    source: loaded,
  };
  if (draft.problems.length > 0) return draft;
  const value = loaded.value;
  if (!isDocument(value)) {
    draft.problems.push({
      pointer: '',
      message: 'a recipe is an object with slug, name and steps',
      ...loaded.locate([]),
    });
    return draft;
  }
  if (JSON.stringify(value).length > RECIPE_CHARACTERS_MAX) {
    const message = `a recipe holds at most ${RECIPE_CHARACTERS_MAX} characters as JSON`;
    draft.problems.push({ pointer: '', message });
    return draft;
  }
  return readDocument(draft, value);
}

function readDocument(draft: RecipeDraft, value: JsonObject): RecipeDraft {
  const { source, problems } = draft;
  const problem = (name: string, message: string) =>
    problems.push({ pointer: `/${name}`, message, ...source.locate([name], { key: true }) });
  const { version, ...fields } = value;
  if (version !== undefined) problem('version', '"version" is set by saving; leave it out');
  const head = parseShape(headSchema, fields, { path: [], source, problems });
  const steps = Array.isArray(value['steps']) ? value['steps'] : [];
  const parsed = steps.map((step, index) =>
    readStep(draft, step, { path: ['steps', index], parent: null, arm: null, container: null }),
  );
  const count = draft.steps.length;
  if (count > STEPS_MAX) {
    const message = `a recipe holds at most ${STEPS_MAX} steps, those inside others included; this one has ${count}`;
    problem('steps', message);
  }
  draft.inputs = head?.inputs ?? (isDocument(value['inputs']) ? value['inputs'] : null);
  draft.outputs = head?.outputs ?? textsOf(value['outputs']);
  if (head === null) return draft;
  const { steps: _steps, ...rest } = head;
  draft.head = rest;
  if (problems.length === 0) draft.definition = { ...head, steps: parsed as RecipeStep[] };
  return draft;
}

/** What can be read of the outputs while something else is wrong. */
function textsOf(value: JsonValue | undefined): Record<string, string> {
  if (!isDocument(value)) return {};
  const texts = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts);
}

/**
 * Returns the definition, or throws `recipes.definition.invalid` with every problem of its form: JSON pointer and, for
 * YAML, line and column.
 */
export function parseRecipe(source: RecipeSource): RecipeDefinition {
  const draft = readRecipe(source);
  if (draft.definition === null) throw recipeInvalid(draft.problems);
  return draft.definition;
}

export function recipeInvalid(problems: FieldError[]): PlatformError {
  const first = problems[0];
  const place = first?.line === undefined ? (first?.pointer ?? '') : `line ${first.line}`;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return new PlatformError({
    code: 'recipes.definition.invalid',
    kind: 'invalid-input',
    message: `The recipe cannot be used: ${place === '' ? '' : `${place}: `}${first?.message ?? ''}${more}`,
    errors: problems,
  });
}
