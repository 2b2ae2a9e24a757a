import { createTableHolder } from '@automatos/database';
import type { PersonalDataHolder, PersonalTable } from '@automatos/database';

const TASKS = 'Tasks: goals, what they are about, and how they ended';
const scope = 'workspace_id';

const TABLES: readonly PersonalTable[] = [
  {
    table: 'tasks',
    category: TASKS,
    key: ['id'],
    workspace: scope,
    texts: ['goal', 'target', 'summary'],
    json: ['parameters'],
    plain: ['agents', 'pattern', 'budget', 'retry_of', 'outcome', 'agents_used', 'estimate'],
  },
  {
    table: 'task_units',
    category: TASKS,
    key: ['run_id', 'unit_id', 'attempt'],
    workspace: scope,
    plain: ['need', 'agent', 'status', 'error_code'],
  },
];

/** What tasks keep about people: what their goals say. Who submitted one stands in its run. */
export function createTasksPersonalData(): PersonalDataHolder {
  return createTableHolder({ name: 'tasks', tables: TABLES });
}
