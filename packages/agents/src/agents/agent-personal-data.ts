import { createTableHolder } from '@automatos/database';
import type { PersonalDataHolder } from '@automatos/database';

const AGENTS = 'Agents, their versions and personas';
const scope = 'workspace_id';

/** What agents keep about people: who changed them, and names and addresses in their texts. */
export function createAgentsPersonalData(): PersonalDataHolder {
  return createTableHolder({
    name: 'agents',
    tables: [
      {
        table: 'agents',
        category: AGENTS,
        key: ['id'],
        workspace: scope,
        people: ['created_by_id'],
        texts: ['name', 'category', 'description', 'instructions', 'persona_text'],
        json: ['tags', 'model', 'tools', 'capabilities', 'limits'],
        plain: ['slug', 'status', 'persona', 'priority', 'visibility', 'family'],
      },
      {
        table: 'agent_versions',
        category: AGENTS,
        key: ['agent_id', 'version'],
        workspace: scope,
        people: ['created_by'],
        json: ['definition'],
        texts: ['note'],
        provided: { by: 'created_by', columns: ['version', 'definition', 'created_at'] },
      },
      {
        table: 'agent_turns',
        category: AGENTS,
        key: ['run_id', 'step_id', 'agent_id'],
        workspace: scope,
        plain: ['status', 'error_code'],
      },
      {
        table: 'agent_feedback',
        category: AGENTS,
        key: ['id'],
        workspace: scope,
        people: ['by_id'],
        names: ['by_name'],
        texts: ['comment'],
        distinct: ['by_id'],
        plain: ['agent_id', 'run_id'],
        provided: { by: 'by_id', columns: ['run_id', 'rating', 'comment', 'created_at'] },
      },
      {
        table: 'personas',
        category: AGENTS,
        key: ['id'],
        workspace: scope,
        texts: ['name', 'category', 'description', 'prompt'],
        plain: ['slug'],
      },
    ],
  });
}
