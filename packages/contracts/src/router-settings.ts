import { z } from 'zod';

/** How the router orders candidates that stand side by side. */
export const ROUTING_STRATEGIES = [
  'priority',
  'round_robin',
  'weighted',
  'least_latency',
  'least_cost',
  'least_busy',
  'adaptive',
] as const;
export type RoutingStrategy = (typeof ROUTING_STRATEGIES)[number];

export const modelRefSchema = z.strictObject({
  provider: z.string().min(1).max(64),
  model: z.string().min(1).max(200),
});

/** A candidate of a chain. `weight` counts with the strategy `weighted` only. */
export const chainEntrySchema = z.strictObject({
  ...modelRefSchema.shape,
  weight: z.int().min(1).max(1000).default(1),
});
export type ChainEntry = z.infer<typeof chainEntrySchema>;

/** When a circuit opens and for how long; `failure_rate` is a share from 0 to 1 of the calls in the window. */
export const breakerSettingsSchema = z.strictObject({
  consecutive_failures: z.int().min(1).max(100).default(5),
  failure_rate: z.number().min(0.01).max(1).default(0.5),
  /** The rate counts only from this many calls in the window on. */
  min_calls: z.int().min(1).max(10_000).default(10),
  window_ms: z.int().min(1000).max(3_600_000).default(60_000),
  cooldown_ms: z.int().min(100).max(3_600_000).default(30_000),
  /** The cool-down doubles with each failed probe, up to this. */
  cooldown_max_ms: z.int().min(100).max(86_400_000).default(600_000),
});

/** Own limits towards a vendor; null = none but what the vendor's headers say. `model` null: all models of the provider together. */
export const vendorLimitSchema = z.strictObject({
  provider: z.string().min(1).max(64),
  model: z.string().min(1).max(200).nullable().default(null),
  requests_per_minute: z.int().min(1).max(1_000_000).nullable().default(null),
  tokens_per_minute: z.int().min(1).max(1_000_000_000).nullable().default(null),
  concurrency: z.int().min(1).max(10_000).nullable().default(null),
});
export type VendorLimit = z.infer<typeof vendorLimitSchema>;

export const callTimeoutsSchema = z.strictObject({
  connect_ms: z.int().min(10).max(600_000).default(10_000),
  first_token_ms: z.int().min(10).max(3_600_000).default(60_000),
  between_tokens_ms: z.int().min(10).max(3_600_000).default(60_000),
  total_ms: z.int().min(10).max(86_400_000).default(300_000),
});

/** `deterministic`: only calls that ask for temperature 0; `always`: every call that does not opt out. */
export const CACHE_MODES = ['off', 'deterministic', 'always'] as const;
export const cacheSettingsSchema = z.strictObject({
  mode: z.enum(CACHE_MODES).default('deterministic'),
  ttl_ms: z
    .int()
    .min(1000)
    .max(30 * 86_400_000)
    .default(3_600_000),
  /** Null: no semantic cache. It answers a question of the same meaning: similarity is a cosine from 0 to 1. */
  semantic: z
    .strictObject({
      similarity: z.number().min(0.5).max(1).default(0.97),
      embedding: modelRefSchema,
    })
    .nullable()
    .default(null),
});

/** How a workspace's model calls are routed; the platform's own settings have the same form. */
export const routerSettingsSchema = z.strictObject({
  strategy: z.enum(ROUTING_STRATEGIES).default('priority'),
  /** Candidates after the agent's own model and its fallbacks. */
  chain: z.array(chainEntrySchema).max(20).default([]),
  /** Lets a call end at the offline provider when every configured vendor failed. */
  allow_offline: z.boolean().default(false),
  breaker: breakerSettingsSchema.prefault({}),
  limits: z.array(vendorLimitSchema).max(100).default([]),
  /** Calls that wait for a free place or a refilled bucket, per provider and model, before the next candidate is taken. */
  queue: z
    .strictObject({
      max_waiting: z.int().min(0).max(10_000).default(100),
      max_wait_ms: z.int().min(0).max(600_000).default(10_000),
    })
    .prefault({}),
  timeouts: callTimeoutsSchema.prefault({}),
  cache: cacheSettingsSchema.prefault({}),
});
export type RouterSettings = z.infer<typeof routerSettingsSchema>;

export const CIRCUIT_STATES = ['closed', 'open', 'half_open'] as const;
export type CircuitState = (typeof CIRCUIT_STATES)[number];

/** `hit`: the same prompt was answered before; `semantic`: one of the same meaning; `shared`: answered by an equal call under way. */
export const CACHE_OUTCOMES = ['off', 'miss', 'hit', 'semantic', 'shared'] as const;

/** Why a candidate was passed over or what became of it, in the order of the attempts. */
export const callAttemptSchema = z.object({
  provider: z.string(),
  model: z.string(),
  outcome: z.enum([
    'answered',
    'failed',
    'circuit_open',
    'rate_limited',
    'over_budget',
    'not_configured',
    'not_capable',
  ]),
  code: z.string().nullable(),
  message: z.string().nullable(),
  /** Time that this attempt took; 0 when nothing was sent. */
  duration_ms: z.number(),
  /** Characters of an answer that began and was discarded. */
  discarded_chars: z.int(),
});
export type CallAttempt = z.infer<typeof callAttemptSchema>;

/** How an answer came about. */
export const callRouteSchema = z.object({
  strategy: z.enum(ROUTING_STRATEGIES),
  cache: z.enum(CACHE_OUTCOMES),
  attempts: z.array(callAttemptSchema),
  /** One sentence for people: why this candidate was first. */
  reason: z.string(),
});
export type CallRoute = z.infer<typeof callRouteSchema>;
