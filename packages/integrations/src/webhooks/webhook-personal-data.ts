import { createTableHolder } from '@automatos/database';
import type { PersonalDataHolder } from '@automatos/database';

const scope = 'workspace_id';

/** What outgoing webhooks keep about people: the events that were sent, or wait to be. What was sent is with its receiver. */
export function createWebhooksPersonalData(): PersonalDataHolder {
  return createTableHolder({
    name: 'integrations',
    tables: [
      {
        table: 'webhooks',
        category: 'Outgoing webhooks',
        key: ['id'],
        workspace: scope,
        texts: ['name', 'url', 'disabled_reason'],
        plain: ['events', 'recipe'],
      },
      {
        table: 'webhook_deliveries',
        category: 'Events sent to other systems',
        key: ['id'],
        workspace: scope,
        texts: ['error'],
        json: ['payload'],
        plain: ['webhook_id', 'event_id', 'event_type', 'status'],
      },
    ],
  });
}
