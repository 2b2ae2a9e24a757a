import { createTableHolder } from '@automatos/database';
import type { PersonalDataHolder } from '@automatos/database';

const PATTERNS = 'Patterns of coordination and their versions';
const BOARDS = 'Blackboards of runs';
const scope = 'workspace_id';

/** What coordination keeps about people: who changed patterns, and names and addresses in texts and on boards. */
export function createCoordinationPersonalData(): PersonalDataHolder {
  return createTableHolder({
    name: 'coordination',
    tables: [
      {
        table: 'patterns',
        category: PATTERNS,
        key: ['id'],
        workspace: scope,
        texts: ['name', 'description'],
        json: ['settings'],
        plain: ['slug', 'kind'],
      },
      {
        table: 'pattern_versions',
        category: PATTERNS,
        key: ['pattern_id', 'version'],
        workspace: scope,
        people: ['created_by'],
        json: ['definition'],
        provided: { by: 'created_by', columns: ['version', 'definition', 'created_at'] },
      },
      {
        table: 'blackboard_notes',
        category: BOARDS,
        key: ['run_id', 'key', 'version'],
        workspace: scope,
        json: ['value'],
        plain: ['author', 'write_key'],
      },
      {
        table: 'blackboard_messages',
        category: BOARDS,
        key: ['run_id', 'seq'],
        workspace: scope,
        texts: ['recipient', 'body'],
        plain: ['sender', 'channel', 'write_key'],
      },
      {
        table: 'blackboard_subscriptions',
        category: BOARDS,
        key: ['run_id', 'agent', 'topic'],
        workspace: scope,
        plain: [],
      },
    ],
  });
}
