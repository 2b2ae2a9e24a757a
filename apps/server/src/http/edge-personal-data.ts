import { createTableHolder } from '@automatos/database';
import type { PersonalDataHolder } from '@automatos/database';

/** What the edge and the database's own tables keep about people: answers kept for repeated requests, and messages under way. */
export function createEdgePersonalData(): PersonalDataHolder {
  return createTableHolder({
    name: 'server',
    tables: [
      {
        table: 'idempotency_keys',
        category: 'Answers kept for repeated requests, for a day',
        key: ['workspace_id', 'key'],
        workspace: 'workspace_id',
        erase: 'delete',
        texts: ['key'],
        json: ['answer'],
        plain: ['fingerprint'],
      },
      {
        table: 'outbox',
        category: 'Messages between parts of the product',
        key: ['id'],
        workspace: 'workspace_id',
        texts: ['key', 'last_error'],
        distinct: ['key'],
        json: ['payload'],
        plain: ['topic'],
      },
      {
        table: 'instance',
        category: 'The installation',
        key: ['only_row'],
        workspace: null,
        plain: ['secret_fingerprint'],
      },
      {
        table: 'schema_migrations',
        category: 'The installation',
        key: ['version'],
        workspace: null,
        plain: ['checksum'],
      },
    ],
  });
}
