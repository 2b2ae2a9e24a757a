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
        texts: ['name', 'category', 'description', 'instructions'],
        json: ['tags', 'model', 'tools', 'capabilities', 'limits'],
        plain: ['slug', 'status', 'persona'],
      },
      {
        table: 'agent_versions',
        category: AGENTS,
        key: ['agent_id', 'version'],
        workspace: scope,
        people: ['created_by'],
        json: ['definition'],
        provided: { by: 'created_by', columns: ['version', 'definition', 'created_at'] },
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
