/** Where a new key belongs among those that are there, so that recipes written by forms read like those of people. */

const RECIPE = [
  'slug',
  'name',
  'description',
  'category',
  'tags',
  'output_type',
  'inputs',
  'execution',
  'budget',
  'quality_threshold',
  'schedule',
  'triggers',
  'steps',
  'outputs',
];
const STEP = [
  'step_id',
  'name',
  'type',
  'agent',
  'tool',
  'recipe',
  'version',
  'language',
  'output_key',
  'depends_on',
  'when',
  'for_each',
  'items',
  'as',
  'concurrency',
  'on_item_error',
  'min_succeeded_ratio',
  'max_items',
  'until',
  'max_iterations',
  'on_limit',
  'delay_ms',
  'for_ms',
  'event',
  'title',
  'format',
  'message',
  'fields',
  'approvers',
  'approval',
  'timeout_ms',
  'on_timeout',
  'on_reject',
  'retry',
  'on_error',
  'fallback',
  'budget',
  'quality_threshold',
  'tools',
  'inputs',
  'input',
  'prompt_template',
  'template',
  'source',
  'output_schema',
  'branches',
  'otherwise',
  'steps',
];
const ARM = ['name', 'when', 'steps'];
const PROPERTY = ['type', 'format', 'title', 'description', 'enum', 'items', 'default'];

function orderFor(keys: readonly string[], depth: number): readonly string[] {
  if (depth === 0) return RECIPE;
  if (keys.includes('step_id')) return STEP;
  if (keys.includes('steps')) return ARM;
  return keys.includes('type') ? PROPERTY : [];
}

/** Index at which `key` goes into a map with `keys`; at the end when nothing is known about it. */
export function rankedPlace(keys: readonly string[], key: string, depth: number): number {
  const order = orderFor(keys, depth);
  const rank = order.indexOf(key);
  if (rank === -1) return keys.length;
  const after = keys.findLastIndex((each) => {
    const other = order.indexOf(each);
    return other !== -1 && other < rank;
  });
  return after + 1;
}
