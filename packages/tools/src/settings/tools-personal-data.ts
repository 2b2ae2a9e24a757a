import { createTableHolder } from '@automatos/database';
import type { PersonalDataHolder } from '@automatos/database';

const scope = 'workspace_id';
const SETTINGS = 'Settings of tools, and how their calls ended';

/** What tools keep about people: only the notes of agents can hold something. */
export function createToolsPersonalData(): PersonalDataHolder {
  return createTableHolder({
    name: 'tools',
    tables: [
      {
        table: 'tool_notes',
        category: 'Notes that agents made during a run',
        key: ['run_id', 'key'],
        workspace: scope,
        texts: ['text'],
        plain: [],
      },
      {
        table: 'tool_settings',
        category: SETTINGS,
        key: ['tool'],
        workspace: scope,
        plain: ['approval'],
      },
      { table: 'tool_rate_windows', category: SETTINGS, key: ['tool'], workspace: scope },
      {
        table: 'tool_environments',
        category: SETTINGS,
        key: ['workspace_id'],
        workspace: scope,
        plain: ['network_hosts', 'command_secrets'],
      },
      { table: 'tool_records', category: SETTINGS, key: ['tool'], workspace: scope },
    ],
  });
}
