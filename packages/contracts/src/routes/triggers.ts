import { z } from 'zod';
import {
  errorInfoSchema,
  idSchema,
  jsonObjectSchema,
  listOf,
  listQuerySchema,
  timeSchema,
} from '../common.ts';
import { route } from '../http.ts';
import { scheduleSpecSchema, timezoneSchema, triggerSpecSchema } from '../triggers.ts';

export const scheduleSchema = z.object({
  id: idSchema,
  recipe_id: idSchema,
  recipe_slug: z.string(),
  name: z.string(),
  spec: scheduleSpecSchema,
  /** `recipe`: stands in the recipe and is changed there. */
  source: z.enum(['recipe', 'api']),
  enabled: z.boolean(),
  next_due_at: timeSchema.nullable(),
  last_due_at: timeSchema.nullable(),
  last_outcome: z.string().nullable(),
  created_at: timeSchema,
  updated_at: timeSchema,
});
export type Schedule = z.infer<typeof scheduleSchema>;

export const scheduleFireSchema = z.object({
  due_at: timeSchema,
  fired_at: timeSchema,
  outcome: z.enum(['started', 'queued', 'skipped_overlap', 'skipped_misfire', 'failed']),
  run_id: idSchema.nullable(),
  error: errorInfoSchema.nullable(),
});

export const triggerSchema = z.object({
  id: idSchema,
  recipe_id: idSchema,
  recipe_slug: z.string(),
  spec: triggerSpecSchema,
  source: z.enum(['recipe', 'api']),
  enabled: z.boolean(),
  /** Where senders deliver; null for triggers by run events. */
  url: z.string().nullable(),
  secret_version: z.int(),
  created_at: timeSchema,
  updated_at: timeSchema,
});
export type Trigger = z.infer<typeof triggerSchema>;

export const triggerDeliverySchema = z.object({
  id: idSchema,
  delivery_id: z.string(),
  received_at: timeSchema,
  outcome: z.enum(['started', 'filtered', 'refused', 'failed']),
  run_id: idSchema.nullable(),
  error: errorInfoSchema.nullable(),
});

/** Events that an outgoing webhook may subscribe to; `*` at the end stands for all of an area. */
const eventPattern = z
  .string()
  .regex(/^(?:[a-z_]+\.)?(?:[a-z_]+|\*)$/, 'e.g. run.completed or run.*');
export const webhookSchema = z.object({
  id: idSchema,
  name: z.string(),
  url: z.string(),
  events: z.array(z.string()),
  /** Only of runs of this recipe. */
  recipe: z.string().nullable(),
  enabled: z.boolean(),
  /** Set when it was switched off because deliveries kept failing. */
  disabled_reason: z.string().nullable(),
  secret_version: z.int(),
  created_at: timeSchema,
  updated_at: timeSchema,
});
export type Webhook = z.infer<typeof webhookSchema>;

export const webhookDeliverySchema = z.object({
  id: idSchema,
  event_id: idSchema,
  event_type: z.string(),
  status: z.enum(['pending', 'delivered', 'dead']),
  attempts: z.int(),
  next_attempt_at: timeSchema.nullable(),
  response_status: z.int().nullable(),
  error: z.string().nullable(),
  created_at: timeSchema,
  delivered_at: timeSchema.nullable(),
});
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>;

const webhookBody = z.strictObject({
  name: z.string().min(1).max(120),
  url: z.url({ protocol: /^https?$/ }),
  events: z.array(eventPattern).min(1).max(50),
  recipe: z.string().min(1).max(64).nullable().default(null),
  enabled: z.boolean().default(true),
});
const secretOnce = { secret: z.string() };
const bySchedule = z.strictObject({ schedule_id: idSchema });
const byTrigger = z.strictObject({ trigger_id: idSchema });
const byWebhook = z.strictObject({ webhook_id: idSchema });
const ofRecipe = listQuerySchema.extend({ recipe: z.string().max(64).optional() });

export const triggerRoutes = {
  listSchedules: route({
    operationId: 'listSchedules',
    method: 'GET',
    path: '/api/schedules',
    tag: 'triggers',
    permission: 'recipes:read',
    summary: 'Schedules by their next due time',
    query: ofRecipe,
    response: listOf(scheduleSchema),
  }),
  createSchedule: route({
    operationId: 'createSchedule',
    method: 'POST',
    path: '/api/schedules',
    tag: 'triggers',
    permission: 'recipes:write',
    summary: 'Start a recipe by the clock',
    body: z.strictObject({ recipe: z.string().min(1).max(64), spec: scheduleSpecSchema }),
    response: scheduleSchema,
    status: 201,
  }),
  updateSchedule: route({
    operationId: 'updateSchedule',
    method: 'PUT',
    path: '/api/schedules/:schedule_id',
    tag: 'triggers',
    permission: 'recipes:write',
    summary: 'Change a schedule; 409 when it stands in the recipe',
    params: bySchedule,
    body: z.strictObject({ spec: scheduleSpecSchema }),
    response: scheduleSchema,
  }),
  deleteSchedule: route({
    operationId: 'deleteSchedule',
    method: 'DELETE',
    path: '/api/schedules/:schedule_id',
    tag: 'triggers',
    permission: 'recipes:write',
    summary: 'Delete a schedule; its runs stay',
    params: bySchedule,
    status: 204,
  }),
  scheduleFires: route({
    operationId: 'listScheduleFires',
    method: 'GET',
    path: '/api/schedules/:schedule_id/fires',
    tag: 'triggers',
    permission: 'recipes:read',
    summary: 'Due times and what came of them, newest first',
    params: bySchedule,
    query: listQuerySchema,
    response: listOf(scheduleFireSchema),
  }),
  previewSchedule: route({
    operationId: 'previewSchedule',
    method: 'POST',
    path: '/api/schedules/preview',
    tag: 'triggers',
    permission: 'recipes:read',
    summary: 'The next due times of a schedule, without saving it',
    body: z.strictObject({
      spec: scheduleSpecSchema,
      count: z.int().min(1).max(50).default(5),
      from: timeSchema.optional(),
    }),
    response: z.object({
      items: z.array(z.object({ due_at: timeSchema, local: z.string() })),
      timezone: timezoneSchema,
    }),
  }),
  listTriggers: route({
    operationId: 'listTriggers',
    method: 'GET',
    path: '/api/triggers',
    tag: 'triggers',
    permission: 'recipes:read',
    summary: 'Triggers by name',
    query: ofRecipe,
    response: listOf(triggerSchema),
  }),
  createTrigger: route({
    operationId: 'createTrigger',
    secretAnswer: true,
    method: 'POST',
    path: '/api/triggers',
    tag: 'triggers',
    permission: 'recipes:write',
    summary: 'Start a recipe by a webhook or by the end of another run; the secret is shown once',
    body: z.strictObject({ recipe: z.string().min(1).max(64), spec: triggerSpecSchema }),
    response: triggerSchema.extend({ secret: z.string().nullable() }),
    status: 201,
  }),
  updateTrigger: route({
    operationId: 'updateTrigger',
    method: 'PUT',
    path: '/api/triggers/:trigger_id',
    tag: 'triggers',
    permission: 'recipes:write',
    summary: 'Change a trigger; 409 when it stands in the recipe',
    params: byTrigger,
    body: z.strictObject({ spec: triggerSpecSchema }),
    response: triggerSchema,
  }),
  deleteTrigger: route({
    operationId: 'deleteTrigger',
    method: 'DELETE',
    path: '/api/triggers/:trigger_id',
    tag: 'triggers',
    permission: 'recipes:write',
    summary: 'Delete a trigger',
    params: byTrigger,
    status: 204,
  }),
  rotateTriggerSecret: route({
    operationId: 'rotateTriggerSecret',
    secretAnswer: true,
    method: 'POST',
    path: '/api/triggers/:trigger_id/rotate-secret',
    tag: 'triggers',
    permission: 'recipes:write',
    summary: 'A new secret; the old one stops working',
    params: byTrigger,
    response: triggerSchema.extend(secretOnce),
  }),
  triggerDeliveries: route({
    operationId: 'listTriggerDeliveries',
    method: 'GET',
    path: '/api/triggers/:trigger_id/deliveries',
    tag: 'triggers',
    permission: 'recipes:read',
    summary: 'What came in and what was done with it, newest first',
    params: byTrigger,
    query: listQuerySchema,
    response: listOf(triggerDeliverySchema),
  }),
  receive: route({
    operationId: 'receiveWebhook',
    method: 'POST',
    path: '/api/hooks/:trigger_id',
    tag: 'triggers',
    permission: 'public',
    summary: 'Delivery of a signed webhook; a repeated delivery answers as the first',
    params: byTrigger,
    rawBody: true,
    response: z.object({
      outcome: z.enum(['started', 'filtered', 'duplicate']),
      run_id: idSchema.nullable(),
    }),
    status: 202,
    rateLimitPerMinute: 600,
  }),
};

export const webhookRoutes = {
  list: route({
    operationId: 'listWebhooks',
    method: 'GET',
    path: '/api/webhooks',
    tag: 'webhooks',
    permission: 'webhooks:read',
    summary: 'Outgoing webhooks by name',
    query: listQuerySchema,
    response: listOf(webhookSchema),
  }),
  create: route({
    operationId: 'createWebhook',
    secretAnswer: true,
    method: 'POST',
    path: '/api/webhooks',
    tag: 'webhooks',
    permission: 'webhooks:write',
    summary: 'Send events to an address, signed (Standard Webhooks); the secret is shown once',
    body: webhookBody,
    response: webhookSchema.extend(secretOnce),
    status: 201,
  }),
  update: route({
    operationId: 'updateWebhook',
    method: 'PUT',
    path: '/api/webhooks/:webhook_id',
    tag: 'webhooks',
    permission: 'webhooks:write',
    summary: 'Change an outgoing webhook',
    params: byWebhook,
    body: webhookBody,
    response: webhookSchema,
  }),
  remove: route({
    operationId: 'deleteWebhook',
    method: 'DELETE',
    path: '/api/webhooks/:webhook_id',
    tag: 'webhooks',
    permission: 'webhooks:write',
    summary: 'Delete an outgoing webhook with its deliveries',
    params: byWebhook,
    status: 204,
  }),
  rotateSecret: route({
    operationId: 'rotateWebhookSecret',
    secretAnswer: true,
    method: 'POST',
    path: '/api/webhooks/:webhook_id/rotate-secret',
    tag: 'webhooks',
    permission: 'webhooks:write',
    summary: 'A new secret; deliveries carry both signatures for 24 h',
    params: byWebhook,
    response: webhookSchema.extend(secretOnce),
  }),
  test: route({
    operationId: 'testWebhook',
    method: 'POST',
    path: '/api/webhooks/:webhook_id/test',
    tag: 'webhooks',
    permission: 'webhooks:write',
    summary: 'Send a test event now and tell what came back',
    params: byWebhook,
    response: z.object({
      delivered: z.boolean(),
      response_status: z.int().nullable(),
      duration_ms: z.int(),
      error: z.string().nullable(),
    }),
  }),
  deliveries: route({
    operationId: 'listWebhookDeliveries',
    method: 'GET',
    path: '/api/webhooks/:webhook_id/deliveries',
    tag: 'webhooks',
    permission: 'webhooks:read',
    summary: 'Deliveries, newest first',
    params: byWebhook,
    query: listQuerySchema.extend({ status: z.enum(['pending', 'delivered', 'dead']).optional() }),
    response: listOf(webhookDeliverySchema.extend({ payload: jsonObjectSchema })),
  }),
  replay: route({
    operationId: 'replayWebhookDelivery',
    method: 'POST',
    path: '/api/webhooks/:webhook_id/deliveries/:delivery_id/replay',
    tag: 'webhooks',
    permission: 'webhooks:write',
    summary: 'Send a delivery again',
    params: byWebhook.extend({ delivery_id: idSchema }),
    response: webhookDeliverySchema,
  }),
};
