import { z } from 'zod';
import { jsonObjectSchema, timeSchema } from './common.ts';

export const MISFIRE_POLICIES = ['skip', 'once', 'all'] as const;
export const OVERLAP_POLICIES = ['allow', 'skip', 'queue', 'cancel_previous'] as const;

const shared = {
  /** Tells several schedules of one recipe apart. */
  name: z.string().min(1).max(120).optional(),
  inputs: jsonObjectSchema.default({}),
  /** Times that passed while nothing ran: none of them, one for all, or each. */
  misfire: z.enum(MISFIRE_POLICIES).default('once'),
  /** When the run before is not over yet. */
  overlap: z.enum(OVERLAP_POLICIES).default('skip'),
  enabled: z.boolean().default(true),
};

/** IANA time zone, e.g. `Europe/Zurich`; checked by the scheduler. */
export const timezoneSchema = z.string().min(1).max(64);

/** When to start a recipe: exactly one of `cron`, `every_ms` and `at`. */
export const scheduleSpecSchema = z.union([
  z.strictObject({
    /** Five fields: minute hour day-of-month month day-of-week. */
    cron: z.string().min(1).max(200),
    timezone: timezoneSchema.default('UTC'),
    ...shared,
  }),
  z.strictObject({ every_ms: z.int().min(1_000).max(31_536_000_000), ...shared }),
  z.strictObject({ at: timeSchema, ...shared }),
]);
export type ScheduleSpec = z.infer<typeof scheduleSpecSchema>;

/** How a sender proves itself; the secret is given by us and shown once. */
export const SIGNATURE_SCHEMES = ['standard_webhooks', 'github', 'hmac_sha256', 'bearer'] as const;

/** Inputs of the run from what came in: references `{{body.…}}`, `{{headers.…}}`, `{{event.…}}` with filters. */
const mapped = { inputs: jsonObjectSchema.default({}) };

export const webhookTriggerSpecSchema = z.strictObject({
  type: z.literal('webhook'),
  name: z.string().min(1).max(120),
  signature: z.enum(SIGNATURE_SCHEMES).default('standard_webhooks'),
  /** Header of the `hmac_sha256` scheme that carries the hex digest of the raw body. */
  signature_header: z
    .string()
    .regex(/^[a-z0-9-]{1,60}$/i)
    .optional(),
  /** Header that names the delivery, for schemes that have none of their own; without one the body's hash does. */
  delivery_header: z
    .string()
    .regex(/^[a-z0-9-]{1,60}$/i)
    .optional(),
  /** Older deliveries are refused, ms. */
  replay_window_ms: z.int().min(1_000).max(86_400_000).default(300_000),
  /** Condition over `{{body.…}}` and `{{headers.…}}`; others are accepted and start nothing. */
  when: z.string().min(1).max(2_000).optional(),
  ...mapped,
  enabled: z.boolean().default(true),
});

export const runEventTriggerSpecSchema = z.strictObject({
  type: z.literal('run_event'),
  name: z.string().min(1).max(120),
  on: z
    .array(z.enum(['run.completed', 'run.failed', 'run.cancelled']))
    .min(1)
    .max(3),
  /** Slug of the recipe whose runs count; default all other recipes. */
  recipe: z.string().min(1).max(64).optional(),
  /** Condition over `{{event.…}}`. */
  when: z.string().min(1).max(2_000).optional(),
  ...mapped,
  enabled: z.boolean().default(true),
});

export const triggerSpecSchema = z.discriminatedUnion('type', [
  webhookTriggerSpecSchema,
  runEventTriggerSpecSchema,
]);
export type TriggerSpec = z.infer<typeof triggerSpecSchema>;
