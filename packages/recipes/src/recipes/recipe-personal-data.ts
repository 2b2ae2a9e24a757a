import { createTableHolder } from '@automatos/database';
import type { PersonalDataHolder, PersonalTable } from '@automatos/database';
import { contentHash } from '@automatos/kernel/hash';

const RECIPES = 'Recipes, their versions, schedules and triggers';
const scope = 'workspace_id';

const TABLES: readonly PersonalTable[] = [
  {
    table: 'recipes',
    category: RECIPES,
    key: ['id'],
    workspace: scope,
    texts: ['name', 'description', 'category'],
    json: ['tags'],
    plain: ['slug', 'agents'],
  },
  {
    table: 'recipe_versions',
    category: RECIPES,
    key: ['recipe_id', 'version'],
    workspace: scope,
    people: ['created_by'],
    texts: ['yaml', 'note'],
    json: ['definition'],
    provided: { by: 'created_by', columns: ['version', 'yaml', 'note', 'created_at'] },
    plain: ['definition_hash'],
    derive: (row) => ({ definition_hash: contentHash(row['definition'] as never) }),
  },
  {
    table: 'recipe_suggestions',
    category: RECIPES,
    key: ['recipe_id', 'id'],
    workspace: scope,
    texts: ['title', 'verdict'],
    json: ['evidence', 'changes', 'diff', 'before', 'after'],
    plain: ['kind', 'step_id', 'status'],
  },
  { table: 'recipe_learning', category: RECIPES, key: ['recipe_id'], workspace: scope },
  {
    table: 'schedules',
    category: RECIPES,
    key: ['id'],
    workspace: scope,
    texts: ['name'],
    json: ['spec'],
    plain: ['recipe_id', 'source', 'last_outcome'],
  },
  {
    table: 'schedule_fires',
    category: RECIPES,
    key: ['schedule_id', 'due_at'],
    workspace: scope,
    json: ['error'],
    plain: ['outcome', 'run_id'],
  },
  {
    table: 'triggers',
    category: RECIPES,
    key: ['id'],
    workspace: scope,
    texts: ['name'],
    json: ['spec'],
    plain: ['recipe_id', 'type', 'source', 'watches'],
  },
  {
    table: 'trigger_deliveries',
    category: 'Deliveries of incoming webhooks',
    key: ['id'],
    workspace: scope,
    texts: ['delivery_id'],
    distinct: ['delivery_id'],
    json: ['error'],
    plain: ['trigger_id', 'outcome', 'run_id'],
  },
];

/** What recipes keep about people: who wrote which version, and names and addresses in their texts, e.g. of approvers. */
export function createRecipesPersonalData(): PersonalDataHolder {
  return createTableHolder({
    name: 'recipes',
    tables: TABLES,
  });
}
