import {
  agentStepSchema,
  documentStepSchema,
  parallelStepSchema,
  recipeDefinitionSchema,
  STEP_TYPES,
  stepIdSchema,
  toolStepSchema,
} from '@automatos/contracts';
import type { LeafStep, RecipeDefinition, RecipeStep, StepType } from '@automatos/contracts';
import { PlatformError } from '@automatos/kernel';
import type { FieldError, JsonObject, JsonValue } from '@automatos/kernel';
import { z } from 'zod';
import { toPointer } from './pointer.ts';
import type { Path } from './pointer.ts';
import { parseShape } from './shape-problems.ts';
import { isDocument, loadSource } from './source.ts';
import type { LoadedSource, RecipeSource } from './source.ts';
import { suggest } from './suggest.ts';

/** Types that the specification names and this version does not run. */
const LATER_TYPES = ['recipe', 'map', 'branch', 'loop', 'approval', 'wait', 'code'];
/** Bytes of one recipe document. */
const RECIPE_CHARACTERS_MAX = 1_000_000;

/** One step of a recipe that may still hold problems; `step` is null when its own fields are wrong. */
export interface DraftStep {
  path: Path;
  /** 1-based position in flattened declaration order: a group, then its steps. */
  index: number;
  stepId: string;
  outputKey: string;
  type: StepType | null;
  step: RecipeStep | null;
  parent: string | null;
  /** Undefined when the step names none, which differs from naming an empty list. */
  dependsOn: readonly string[] | undefined;
}

/** What could be read of a recipe, with every problem of its form. */
export interface RecipeDraft {
  /** Null while there are problems. */
  definition: RecipeDefinition | null;
  /** JSON schema of the inputs, null when it could not be read. */
  inputs: JsonObject | null;
  outputs: Record<string, string>;
  steps: DraftStep[];
  problems: FieldError[];
  source: LoadedSource;
}

const headSchema = recipeDefinitionSchema.omit({ steps: true }).extend({
  steps: z.array(z.unknown()).min(1).max(200),
});
const STEP_SCHEMAS = {
  agent: agentStepSchema,
  tool: toolStepSchema,
  document: documentStepSchema,
  parallel: parallelStepSchema.omit({ steps: true }).extend({
    steps: z.array(z.unknown()).min(1).max(50),
  }),
} as const;

/** Reads a recipe and reports all problems of its form at once; never throws. References and names are checked later. */
export function readRecipe(source: RecipeSource): RecipeDraft {
  const loaded = loadSource(source);
  const draft: RecipeDraft = {
    definition: null,
    inputs: null,
    outputs: {},
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
  const head = parseShape(headSchema, value, {
    path: [],
    source: loaded,
    problems: draft.problems,
    fields: Object.keys(headSchema.shape),
  });
  const steps = Array.isArray(value['steps']) ? value['steps'] : [];
  const parsed = steps.map((step, index) =>
    readStep(draft, step, { path: ['steps', index], parent: null }),
  );
  draft.inputs = head?.inputs ?? (isDocument(value['inputs']) ? value['inputs'] : null);
  draft.outputs = head?.outputs ?? {};
  if (head !== null && draft.problems.length === 0) {
    draft.definition = { ...head, steps: parsed as RecipeStep[] };
  }
  return draft;
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

/** Where a step stands. */
interface StepPlace {
  path: Path;
  parent: string | null;
}

function readStep(
  draft: RecipeDraft,
  value: JsonValue,
  { path, parent }: StepPlace,
): RecipeStep | null {
  const { source, problems } = draft;
  if (!isDocument(value)) {
    problems.push({
      pointer: toPointer(path),
      message: 'a step is an object with step_id',
      ...source.locate(path),
    });
    return null;
  }
  const type = stepType(draft, value['type'], { path, parent });
  const own: DraftStep = {
    path,
    index: draft.steps.length + 1,
    stepId: nameOf(value['step_id']) ?? '',
    outputKey: nameOf(value['output_key']) ?? nameOf(value['step_id']) ?? '',
    type,
    step: null,
    parent,
    dependsOn: Array.isArray(value['depends_on'])
      ? value['depends_on'].filter((id) => typeof id === 'string')
      : undefined,
  };
  draft.steps.push(own);
  if (type === null) return null;
  const schema = STEP_SCHEMAS[type];
  const shape = parseShape(schema, value, {
    path,
    source,
    problems,
    fields: Object.keys(schema.shape),
  });
  if (type !== 'parallel') {
    own.step = shape as LeafStep | null;
    return own.step;
  }
  const inner = Array.isArray(value['steps']) ? value['steps'] : [];
  const children = inner.map((step, index) =>
    readStep(draft, step, { path: [...path, 'steps', index], parent: own.stepId }),
  );
  if (shape === null) return null;
  // A group with a wrong step is still known as a group; the definition as a whole is refused anyway.
  own.step = { ...shape, steps: children.filter((step) => step !== null) } as RecipeStep;
  return own.step;
}

function nameOf(value: JsonValue | undefined): string | null {
  return stepIdSchema.safeParse(value).success ? (value as string) : null;
}

function stepType(
  draft: RecipeDraft,
  value: JsonValue | undefined,
  { path, parent }: StepPlace,
): StepType | null {
  const type = value ?? 'agent';
  const place = [...path, 'type'];
  const problem = (message: string, suggestion?: string | null) => {
    draft.problems.push({
      pointer: toPointer(place),
      message,
      ...draft.source.locate(place),
      ...(suggestion === null || suggestion === undefined ? {} : { suggestion }),
    });
    return null;
  };
  if (typeof type !== 'string') return problem(`must be one of ${STEP_TYPES.join(', ')}`);
  if (type === 'parallel' && parent !== null) {
    return problem('parallel groups do not nest; put the steps into one group');
  }
  if ((STEP_TYPES as readonly string[]).includes(type)) return type as StepType;
  if (LATER_TYPES.includes(type)) {
    const known = STEP_TYPES.join(', ');
    return problem(`step type "${type}" is not available yet; this version runs ${known}`);
  }
  const near = suggest(type, [...STEP_TYPES, ...LATER_TYPES]);
  return problem(
    `unknown step type "${type}"${near === null ? '' : `; did you mean "${near}"?`}`,
    near,
  );
}
