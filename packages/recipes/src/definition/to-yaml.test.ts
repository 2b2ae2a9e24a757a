import { recipeDefinitionSchema } from '@automatos/contracts';
import type { RecipeDefinition } from '@automatos/contracts';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recipeWith, STEPS } from '../validation/every-field.fixture.ts';
import { parseRecipe } from './parse-recipe.ts';
import { toYaml } from './to-yaml.ts';

const storable = (text: string) => text.isWellFormed() && !text.includes('\0');
const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter(storable);
const cut = (length: number) => text.map((one) => one.slice(0, length)).filter(storable);
const key = fc.stringMatching(/^[a-z][a-z0-9_]{0,6}$/);
const slug = fc.stringMatching(/^[a-z]{1,5}(-[a-z]{1,3})?$/);
const json = fc
  .jsonValue({ maxDepth: 2 })
  .filter((one) => storable(JSON.stringify(one)) && !JSON.stringify(one).includes('\\u0000'));
const free = fc.dictionary(key, json, { noNullPrototype: true, maxKeys: 3 });
const ms = fc.integer({ min: 1, max: 999_999 });
const ratio = fc.integer({ min: 0, max: 100 }).map((one) => one / 100);

/** A record of which every field may be left out. */
function maybe<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) {
  return fc.record(fields, { requiredKeys: [], noNullPrototype: true });
}
/** Fields that must be there, and others that may. */
function step(
  needed: Record<string, fc.Arbitrary<unknown>>,
  ...others: Record<string, fc.Arbitrary<unknown>>[]
): fc.Arbitrary<JsonObject> {
  const optional = Object.assign({}, ...others) as Record<string, fc.Arbitrary<unknown>>;
  const fields: Record<string, fc.Arbitrary<unknown>> = { step_id: key, ...needed, ...optional };
  const requiredKeys = ['step_id', ...Object.keys(needed)];
  return fc.record(fields, { requiredKeys, noNullPrototype: true }) as fc.Arbitrary<JsonObject>;
}

const budget = fc.record(
  {
    max_cost_micros: fc.nat(),
    max_tokens: ms,
    max_model_calls: fc.nat(),
    max_tool_calls: fc.nat(),
  },
  { requiredKeys: ['max_tokens'], noNullPrototype: true },
);
const asked = {
  approvers: maybe({
    roles: fc.subarray(['owner', 'admin', 'member', 'viewer']),
    users: fc.array(cut(20), { maxLength: 2 }),
  }),
  timeout_ms: ms,
  on_timeout: fc.constantFrom('fail', 'reject', 'approve'),
};
const mapped = {
  as: key,
  concurrency: fc.integer({ min: 1, max: 50 }),
  on_item_error: fc.constantFrom('stop', 'skip'),
  min_succeeded_ratio: ratio,
  max_items: fc.integer({ min: 1, max: 1000 }),
};
const base = {
  name: cut(20),
  output_key: key,
  depends_on: fc.array(key, { maxLength: 2 }),
  when: text,
  approval: fc.record(
    { message: text, ...asked },
    { requiredKeys: ['message'], noNullPrototype: true },
  ),
  on_error: fc.constantFrom('stop', 'skip', 'continue_with'),
  fallback: json,
};
const retry = maybe({
  max_attempts: fc.integer({ min: 1, max: 10 }),
  delay_ms: fc.nat({ max: 9999 }),
  factor: fc.integer({ min: 1, max: 10 }),
  delay_ms_max: fc.nat({ max: 9999 }),
});
const limits = { retry, timeout_ms: ms };
const repeated = {
  for_each: fc.oneof(
    text,
    fc.record({ items: text, ...mapped }, { requiredKeys: ['items'], noNullPrototype: true }),
  ),
};
const scored = { quality_threshold: ratio };
const schema = { output_schema: free };

const leaf = fc.oneof(
  step({ agent: cut(9), prompt_template: text }, base, limits, repeated, scored, schema, {
    type: fc.constant('agent'),
    budget,
    inputs: free,
    tools: fc.array(key, { maxLength: 2 }),
  }),
  step({ type: fc.constant('tool'), tool: key }, base, limits, repeated, schema, {
    budget,
    input: free,
  }),
  step(
    { type: fc.constant('document'), title: text, template: text },
    base,
    limits,
    repeated,
    scored,
    {
      format: fc.constantFrom('markdown', 'html', 'pdf', 'docx'),
    },
  ),
  step({ type: fc.constant('recipe'), recipe: cut(9) }, base, limits, repeated, schema, {
    budget,
    version: ms,
    inputs: free,
  }),
  step({ type: fc.constant('approval'), message: text }, base, asked, {
    title: cut(20),
    on_reject: fc.constantFrom('stop', 'continue'),
    fields: free,
  }),
  step({ type: fc.constant('wait') }, base, repeated, {
    for_ms: ms,
    until: cut(20),
    event: cut(20),
    timeout_ms: ms,
    on_timeout: fc.constantFrom('fail', 'continue'),
  }),
);
const around = { timeout_ms: ms, budget };
const { tree: anyStep } = fc.letrec<{ tree: JsonObject; container: JsonObject }>((tie) => {
  const steps = fc.array(tie('tree'), { minLength: 1, maxLength: 2 });
  return {
    tree: fc.oneof({ maxDepth: 3, depthIdentifier: 'steps' }, leaf, tie('container')),
    container: fc.oneof(
      step({ type: fc.constant('parallel'), steps }, base, around),
      step({ type: fc.constant('map'), items: text, steps }, base, around, mapped),
      step(
        {
          type: fc.constant('branch'),
          branches: fc.array(
            fc.record(
              { name: key, when: text, steps },
              { requiredKeys: ['when', 'steps'], noNullPrototype: true },
            ),
            { minLength: 1, maxLength: 2 },
          ),
        },
        base,
        around,
        { otherwise: steps },
      ),
      step(
        {
          type: fc.constant('loop'),
          until: text,
          max_iterations: fc.integer({ min: 1, max: 100 }),
          steps,
        },
        base,
        around,
        { on_limit: fc.constantFrom('stop', 'continue'), delay_ms: fc.nat({ max: 9999 }) },
      ),
    ),
  };
});

const startedBy = {
  inputs: free,
  misfire: fc.constantFrom('skip', 'once', 'all'),
  overlap: fc.constantFrom('allow', 'skip', 'queue', 'cancel_previous'),
  enabled: fc.boolean(),
};
const schedule = fc.oneof(
  fc.record(
    { cron: cut(20), timezone: cut(20), ...startedBy },
    { requiredKeys: ['cron'], noNullPrototype: true },
  ),
  fc.record(
    { every_ms: fc.integer({ min: 1000, max: 99_999 }), name: cut(9), ...startedBy },
    { requiredKeys: ['every_ms'], noNullPrototype: true },
  ),
  fc.record(
    { at: fc.constant('2030-01-01T00:00:00Z'), ...startedBy },
    { requiredKeys: ['at'], noNullPrototype: true },
  ),
);
const trigger = fc.oneof(
  fc.record(
    {
      type: fc.constant('webhook'),
      name: cut(9),
      signature: fc.constantFrom('standard_webhooks', 'github', 'hmac_sha256', 'bearer'),
      signature_header: key.map((one) => one.replaceAll('_', '-')),
      delivery_header: key.map((one) => one.replaceAll('_', '-')),
      replay_window_ms: fc.integer({ min: 1000, max: 99_999 }),
      when: text,
      inputs: free,
      enabled: fc.boolean(),
    },
    { requiredKeys: ['type', 'name'], noNullPrototype: true },
  ),
  fc.record(
    {
      type: fc.constant('run_event'),
      name: cut(9),
      on: fc.subarray(['run.completed', 'run.failed', 'run.cancelled'], { minLength: 1 }),
      recipe: cut(9),
      when: text,
      inputs: free,
      enabled: fc.boolean(),
    },
    { requiredKeys: ['type', 'name', 'on'], noNullPrototype: true },
  ),
);
const definition = fc.record(
  {
    slug,
    name: cut(20),
    description: text,
    tags: fc.array(cut(5), { maxLength: 3 }),
    category: cut(9),
    output_type: fc.constantFrom('report', 'code', 'operations', 'documentation', 'analysis'),
    inputs: free,
    outputs: fc.dictionary(key, text, { maxKeys: 3, noNullPrototype: true }),
    steps: fc.array(anyStep, { minLength: 1, maxLength: 3 }),
    execution: maybe({
      mode: fc.constantFrom('auto', 'sequential', 'parallel'),
      max_retries: fc.nat({ max: 9 }),
      retry_delay_ms: fc.nat({ max: 9999 }),
      timeout_per_step_ms: ms,
      total_timeout_ms: ms,
      parallel_limit: fc.integer({ min: 1, max: 50 }),
      max_repairs: fc.nat({ max: 5 }),
      auto_learning: fc.boolean(),
      priority: fc.constantFrom('low', 'normal', 'high'),
      max_concurrent_runs: fc.integer({ min: 1, max: 1000 }),
    }),
    budget,
    quality_threshold: ratio,
    schedule: fc.oneof(schedule, fc.array(schedule, { minLength: 1, maxLength: 2 })),
    triggers: fc.array(trigger, { maxLength: 2 }),
  },
  { requiredKeys: ['slug', 'name', 'steps'], noNullPrototype: true },
);

describe('YAML and JSON forms', () => {
  it('go round without loss, whatever the fields', () => {
    fc.assert(
      fc.property(definition, (source) => {
        const first: RecipeDefinition = parseRecipe({ definition: source });
        expect(parseRecipe({ yaml: toYaml(first) })).toEqual(first);
      }),
      { numRuns: 60 },
    );
  });

  it.each(Object.keys(STEPS))('keep every field of a step of type %s', (type) => {
    const recipe = recipeWith(STEPS[type] ?? {});
    const first = parseRecipe({ definition: recipe });
    expect(first).toEqual(recipeDefinitionSchema.parse(recipe));
    expect(parseRecipe({ yaml: toYaml(first) })).toEqual(first);
  });

  it('leave defaults out, and begin a step with its name', () => {
    const {
      schedule: _schedule,
      triggers: _triggers,
      ...recipe
    } = recipeWith({
      step_id: 'own',
      steps: [{ prompt_template: 'Look.\n  Deeper.\n', agent: 'a', step_id: 'in' }],
      items: '{{inputs.list}}',
      type: 'map',
      approval: { message: 'Go?' },
    } satisfies JsonObject as JsonObject);
    const yaml = toYaml(parseRecipe({ definition: { ...recipe, execution: {} as JsonValue } }));
    expect(yaml).toContain(
      '  - step_id: own\n    type: map\n    approval:\n      message: Go?\n    items: "{{inputs.list}}"\n    steps:\n      - step_id: in\n        agent: a\n        prompt_template: |\n          Look.\n            Deeper.\n',
    );
    expect(yaml).not.toContain('execution');
  });
});
