import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { Path } from '../definition/pointer.ts';

const DEPENDENT = { depends_on: ['first'] };
const BASE = {
  name: 'A step',
  output_key: 'result',
  ...DEPENDENT,
  when: '{{inputs.quick}}',
  on_error: 'continue_with',
  fallback: { text: 'none' },
};
const RETRY = { max_attempts: 3, delay_ms: 10, factor: 1.5, delay_ms_max: 100 };
const BUDGET = {
  max_cost_micros: 100,
  max_tokens: 1000,
  max_model_calls: 5,
  max_tool_calls: 5,
};
const ASKED = {
  message: 'Go on with {{inputs.path}}?',
  approvers: { roles: ['admin'], users: ['a@example.org'] },
  timeout_ms: 1000,
  on_timeout: 'reject',
};
const REPEATED = {
  items: '{{inputs.list}}',
  as: 'file',
  concurrency: 2,
  on_item_error: 'skip',
  min_succeeded_ratio: 0.5,
  max_items: 10,
};
const LEAF = { ...BASE, approval: ASKED, retry: RETRY, timeout_ms: 1000, for_each: REPEATED };
const CONTAINER = { ...BASE, approval: ASKED, timeout_ms: 1000, budget: BUDGET };
const INNER = [{ step_id: 'inner', type: 'tool', tool: 'lint' }];
const SCHEMA = { type: 'object', properties: { ok: { type: 'boolean' } } };

/** One sound step of each type with every field that it may have. */
export const STEPS: Record<string, JsonObject> = {
  agent: {
    step_id: 'own',
    type: 'agent',
    ...LEAF,
    budget: BUDGET,
    quality_threshold: 0.5,
    agent: 'security',
    prompt_template: 'Look at {{file}}.',
    inputs: { file: '{{file}}' },
    tools: ['scan'],
    output_schema: SCHEMA,
  },
  tool: {
    step_id: 'own',
    type: 'tool',
    ...LEAF,
    budget: BUDGET,
    tool: 'scan',
    input: { path: '{{file}}' },
    output_schema: SCHEMA,
  },
  code: {
    step_id: 'own',
    type: 'code',
    ...LEAF,
    language: 'python',
    source: 'def main(input):\n    return {"ok": "{{no reference}}" in input}',
    input: { path: '{{file}}' },
    output_schema: SCHEMA,
  },
  document: {
    step_id: 'own',
    type: 'document',
    ...LEAF,
    quality_threshold: 0.5,
    title: 'On {{file}}',
    format: 'pdf',
    template: '# {{file}}',
  },
  recipe: {
    step_id: 'own',
    type: 'recipe',
    ...LEAF,
    budget: BUDGET,
    recipe: 'audit',
    version: 3,
    inputs: { path: '{{file}}' },
    output_schema: SCHEMA,
  },
  approval: {
    step_id: 'own',
    type: 'approval',
    ...BASE,
    ...ASKED,
    title: 'Release',
    on_reject: 'continue',
    fields: SCHEMA,
  },
  wait: {
    step_id: 'own',
    type: 'wait',
    ...BASE,
    approval: ASKED,
    for_each: REPEATED,
    event: 'released-{{file}}',
    timeout_ms: 1000,
    on_timeout: 'continue',
  },
  parallel: { step_id: 'own', type: 'parallel', ...CONTAINER, steps: INNER },
  map: { step_id: 'own', type: 'map', ...CONTAINER, ...REPEATED, steps: INNER },
  branch: {
    step_id: 'own',
    type: 'branch',
    ...CONTAINER,
    branches: [{ name: 'quick', when: '{{inputs.quick}}', steps: INNER }],
    otherwise: [{ step_id: 'other', type: 'tool', tool: 'lint' }],
  },
  loop: {
    step_id: 'own',
    type: 'loop',
    ...CONTAINER,
    until: '{{loop.iteration}} >= 2',
    max_iterations: 3,
    on_limit: 'continue',
    delay_ms: 10,
    steps: INNER,
  },
};

const TRIGGERS: JsonObject[] = [
  {
    type: 'webhook',
    name: 'push',
    signature: 'hmac_sha256',
    signature_header: 'x-signature',
    delivery_header: 'x-delivery',
    replay_window_ms: 60_000,
    when: "{{body.action}} == 'opened'",
    inputs: { path: '{{body.path}}', quick: true, list: '{{body.files}}' },
    enabled: false,
  },
  {
    type: 'run_event',
    name: 'after audit',
    on: ['run.completed'],
    recipe: 'audit',
    when: "{{event.data.status}} != 'x'",
    inputs: { path: '{{event.subject}}', quick: false, list: [] },
    enabled: false,
  },
];

/** A sound recipe around a step, with every field of its own. */
export function recipeWith(step: JsonObject): JsonObject {
  return {
    slug: 'test',
    name: 'Test',
    description: 'All fields.',
    tags: ['a'],
    category: 'checks',
    output_type: 'code',
    inputs: {
      type: 'object',
      properties: {
        path: { type: 'string' },
        quick: { type: 'boolean' },
        list: { type: 'array', items: { type: 'string' } },
      },
      required: ['path', 'quick', 'list'],
    },
    outputs: { total: '{{steps.first.findings_total}}' },
    steps: [{ step_id: 'first', type: 'tool', tool: 'lint' }, step],
    execution: {
      mode: 'auto',
      max_retries: 1,
      retry_delay_ms: 5,
      timeout_per_step_ms: 1000,
      total_timeout_ms: 5000,
      parallel_limit: 2,
      max_repairs: 2,
      auto_learning: true,
      priority: 'high',
      max_concurrent_runs: 4,
    },
    budget: BUDGET,
    quality_threshold: 0.7,
    schedule: [
      { cron: '0 8 * * *', timezone: 'Europe/Zurich', ...started('morning') },
      { every_ms: 60_000, ...started('often') },
      { at: '2030-01-01T00:00:00.000Z', ...started('once') },
    ],
    triggers: TRIGGERS,
  };
}

function started(name: string): JsonObject {
  return {
    name,
    inputs: { path: 'src', quick: true, list: [] },
    misfire: 'skip',
    overlap: 'queue',
    enabled: false,
  };
}

/** Fields that hold free JSON: their own fields are not the recipe's. */
const FREE = ['inputs', 'input', 'outputs', 'fallback', 'output_schema', 'fields'];

/** Paths of all fields inside a value, those of free JSON left out. */
export function fieldPaths(value: JsonValue, path: Path = []): Path[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => fieldPaths(item, [...path, index]));
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const own = [...path, name];
    return [own, ...(FREE.includes(name) ? [] : fieldPaths(inner, own))];
  });
}

/** A value that the field of this name refuses; undefined for what takes everything. */
export function badValue(name: string): JsonValue | undefined {
  if (name === 'fallback') return undefined;
  if (BOUNDED.has(name)) return -1;
  return Object.hasOwn(BAD, name) ? BAD[name] : 7;
}

const BAD: Record<string, JsonValue> = {
  slug: 'Not A Slug',
  step_id: '1a',
  output_key: 'a b',
  as: 'a b',
  when: '{{inputs.quick}} &&',
  until: '{{inputs.quick}} &&',
  on_error: 'ignore',
  format: 'xml',
  language: 'ruby',
  source: '',
  prompt_template: '{{inputs.pth}}',
  message: '{{inputs.pth}}',
  title: '{{inputs.pth}}',
  template: '{{inputs.pth}}',
  event: '{{inputs.pth}}',
  items: 'src',
  agent: 'nobody',
  tool: 'nothing',
  recipe: 'unknown',
  version: 2,
  roles: ['king'],
  users: [''],
  tools: ['nothing'],
  on: ['run.started'],
  cron: 'never',
  at: 'tomorrow',
  signature_header: 'x y',
  delivery_header: 'x y',
  type: 'nothing',
};
const BOUNDED = new Set([
  'max_attempts',
  'delay_ms',
  'factor',
  'delay_ms_max',
  'max_cost_micros',
  'max_tokens',
  'max_model_calls',
  'max_tool_calls',
  'timeout_ms',
  'concurrency',
  'min_succeeded_ratio',
  'max_items',
  'max_iterations',
  'quality_threshold',
  'max_retries',
  'retry_delay_ms',
  'timeout_per_step_ms',
  'total_timeout_ms',
  'parallel_limit',
  'max_repairs',
  'max_concurrent_runs',
  'every_ms',
  'replay_window_ms',
]);
