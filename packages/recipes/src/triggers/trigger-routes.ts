import { bindRoutes, triggerRoutes } from '@automatos/contracts';
import type { BoundRoute } from '@automatos/contracts';
import type { ScheduleService } from '../schedules/schedule-service.ts';
import type { ReceiveWebhook } from './receive-webhook.ts';
import type { TriggerService } from './trigger-service.ts';

/** Handlers of `/api/schedules`, `/api/triggers` and `/api/hooks`. */
export function createTriggerRoutes({
  schedules,
  triggers,
  receive,
}: {
  schedules: ScheduleService;
  triggers: TriggerService;
  receive: ReceiveWebhook;
}): BoundRoute[] {
  return bindRoutes(triggerRoutes, {
    listSchedules: async ({ workspaceId, query }) => ({
      body: page(await schedules.list(workspaceId, query)),
    }),
    createSchedule: async ({ workspaceId, body }) => ({
      body: await schedules.create(workspaceId, body),
    }),
    updateSchedule: async ({ workspaceId, params, body }) => ({
      body: await schedules.update(workspaceId, params.schedule_id, body.spec),
    }),
    deleteSchedule: async ({ workspaceId, params }) => {
      await schedules.remove(workspaceId, params.schedule_id);
      return {};
    },
    scheduleFires: async ({ workspaceId, params, query }) => ({
      body: page(await schedules.fires(workspaceId, params.schedule_id, query)),
    }),
    previewSchedule: ({ body }) => Promise.resolve({ body: schedules.preview(body) }),
    listTriggers: async ({ workspaceId, query }) => ({
      body: page(await triggers.list(workspaceId, query)),
    }),
    createTrigger: async ({ workspaceId, body }) => ({
      body: await triggers.create(workspaceId, body),
    }),
    updateTrigger: async ({ workspaceId, params, body }) => ({
      body: await triggers.update(workspaceId, params.trigger_id, body.spec),
    }),
    deleteTrigger: async ({ workspaceId, params }) => {
      await triggers.remove(workspaceId, params.trigger_id);
      return {};
    },
    rotateTriggerSecret: async ({ workspaceId, params }) => ({
      body: await triggers.rotateSecret(workspaceId, params.trigger_id),
    }),
    triggerDeliveries: async ({ workspaceId, params, query }) => ({
      body: page(await triggers.deliveries(workspaceId, params.trigger_id, query)),
    }),
    receive: async ({ params, headers, rawBody }) => ({
      body: await receive({
        triggerId: params.trigger_id,
        headers,
        body: rawBody ?? new Uint8Array(),
      }),
    }),
  });
}

function page<Item>({ items, nextCursor }: { items: Item[]; nextCursor: string | null }) {
  return { items, next_cursor: nextCursor };
}
