import { bindRoutes, webhookRoutes } from '@automatos/contracts';
import type { BoundRoute } from '@automatos/contracts';
import type { WebhookService } from './webhook-service.ts';

/** Handlers of `/api/webhooks`. */
export function createWebhookRoutes({ webhooks }: { webhooks: WebhookService }): BoundRoute[] {
  return bindRoutes(webhookRoutes, {
    list: async ({ workspaceId, query }) => ({
      body: page(await webhooks.list(workspaceId, query)),
    }),
    create: async ({ workspaceId, body }) => ({ body: await webhooks.create(workspaceId, body) }),
    update: async ({ workspaceId, params, body }) => ({
      body: await webhooks.update(workspaceId, params.webhook_id, body),
    }),
    remove: async ({ workspaceId, params }) => {
      await webhooks.remove(workspaceId, params.webhook_id);
      return {};
    },
    rotateSecret: async ({ workspaceId, params }) => ({
      body: await webhooks.rotateSecret(workspaceId, params.webhook_id),
    }),
    test: async ({ workspaceId, params }) => ({
      body: await webhooks.test(workspaceId, params.webhook_id),
    }),
    deliveries: async ({ workspaceId, params, query }) => ({
      body: page(await webhooks.deliveries(workspaceId, params.webhook_id, query)),
    }),
    replay: async ({ workspaceId, params }) => ({
      body: await webhooks.replay(workspaceId, params.webhook_id, params.delivery_id),
    }),
  });
}

function page<Item>({ items, nextCursor }: { items: Item[]; nextCursor: string | null }) {
  return { items, next_cursor: nextCursor };
}
