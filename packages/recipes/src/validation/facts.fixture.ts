import type { FieldError, JsonObject } from '@automatos/kernel';
import { readRecipe } from '../definition/parse-recipe.ts';
import { createSchemaCompiler } from './schema-compiler.ts';
import { validateDraft } from './validate-recipe.ts';
import type { RecipeFacts, WorkspaceFacts } from './workspace-facts.ts';

/** Schema of an object without further fields. */
export const object = (properties: JsonObject, required: string[] = []): JsonObject => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

const TOOLS: Record<string, { input_schema: JsonObject; output_schema: JsonObject }> = {
  scan: {
    input_schema: object({ path: { type: 'string' }, depth: { type: 'integer', maximum: 9 } }, [
      'path',
    ]),
    output_schema: object({
      files: { type: 'integer' },
      level: { type: 'string', enum: ['low', 'high'] },
      items: { type: 'array', items: object({ name: { type: 'string' } }) },
    }),
  },
  lint: { input_schema: object({}), output_schema: {} },
};
const AGENTS: Record<string, { slug: string; status: 'active' | 'paused'; tools: string[] }> = {
  security: { slug: 'security', status: 'active', tools: ['scan'] },
  resting: { slug: 'resting', status: 'paused', tools: [] },
};
const RECIPES: Record<string, RecipeFacts> = {
  audit: {
    slug: 'audit',
    version: 3,
    inputs: object({ path: { type: 'string' }, depth: { type: 'integer', default: 1 } }, [
      'path',
      'depth',
    ]),
    outputKeys: ['report', 'score'],
    uses: ['inner'],
  },
  circle: { slug: 'circle', version: 1, inputs: {}, outputKeys: [], uses: ['inner', 'test'] },
};

function named<T>(table: Record<string, T>, name: string): T | null {
  return Object.hasOwn(table, name) ? (table[name] ?? null) : null;
}

/** A workspace with two agents, two tools and two recipes; `13 * * * *` is a cron that never comes. */
export const FACTS: WorkspaceFacts = {
  agent: (ref) => named(AGENTS, ref),
  agentNames: Object.keys(AGENTS),
  tool: (name) => named(TOOLS, name),
  toolNames: Object.keys(TOOLS),
  recipe: (ref, version) => {
    const found = named(RECIPES, ref);
    return version !== undefined && version !== found?.version ? null : found;
  },
  recipeNames: Object.keys(RECIPES),
  checkSchedule: (spec) =>
    'cron' in spec && spec.cron === 'never'
      ? [{ pointer: '/cron', message: 'names a date that never comes' }]
      : [],
};

const SCHEMAS = createSchemaCompiler();

/** All problems of a recipe in YAML. */
export function problemsOf(yaml: string): FieldError[] {
  return validateDraft(readRecipe({ yaml }), FACTS, SCHEMAS).problems;
}

/** All problems of a recipe as JSON. */
export function problemsOfJson(definition: unknown): FieldError[] {
  return validateDraft(readRecipe({ definition }), FACTS, SCHEMAS).problems;
}

/** First lines of a recipe `test` with the inputs `path`, `note` (may be missing), `depth` (default 3), `quick`, `list`. */
export const HEAD = `slug: test
name: Test
inputs:
  type: object
  properties: { path: { type: string }, note: { type: string }, depth: { type: integer, default: 3 }, quick: { type: boolean, default: false }, list: { type: array, items: { type: string }, default: [] } }
  required: [path]
`;

/** One problem per line as `line:column message (suggestion)`; lines count from the first after {@link HEAD}. */
export function shown(yaml: string): string[] {
  const head = HEAD.split('\n').length - 1;
  return problemsOf(HEAD + yaml).map(({ line, column, message, suggestion }) => {
    const near = suggestion === undefined || message.includes(suggestion) ? '' : ` (${suggestion})`;
    return `${(line ?? 0) - head}:${column ?? 0} ${message}${near}`;
  });
}
