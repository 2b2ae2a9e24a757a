import { z } from 'zod';
import { jsonObjectSchema, listOf, listQuerySchema, timeSchema } from '../common.ts';
import { route } from '../http.ts';

export const toolSchema = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  group: z.string(),
  capabilities: z.array(z.enum(['read', 'write', 'destructive', 'network', 'code', 'money'])),
  idempotent: z.boolean(),
  timeout_ms: z.int(),
  input_schema: jsonObjectSchema,
  output_schema: jsonObjectSchema,
});

export const modelSchema = z.object({
  provider: z.string(),
  id: z.string(),
  name: z.string(),
  context_window: z.int().nullable(),
  output_limit: z.int().nullable(),
  /** Micro-dollars per million tokens; null = unknown, never 0. */
  price: z.object({
    input_micros: z.int().nullable(),
    output_micros: z.int().nullable(),
    cached_input_micros: z.int().nullable(),
  }),
  capabilities: z.array(z.string()),
  status: z.string(),
  usable: z.boolean(),
});

export const providerSchema = z.object({
  id: z.string(),
  name: z.string(),
  wire: z.string(),
  status: z.string(),
  /** How far it was proven: `contract-fake` over the wire against a local server, `documented` not tried. */
  evidence: z.string(),
  usable: z.boolean(),
  configured: z.boolean(),
  is_default: z.boolean(),
  /** Why it cannot be used now, or what to set. */
  note: z.string().nullable(),
  env: z.array(z.string()),
  base_url: z.string().nullable(),
  models: z.int(),
  capabilities: z.array(z.string()),
});

export const usageBucketSchema = z.object({
  key: z.string(),
  /** With `split`: which model, agent, provider or source of that day. */
  split: z.string().optional(),
  calls: z.int(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost_micros: z.int().nullable(),
  unpriced_calls: z.int(),
});

export const componentHealthSchema = z.object({
  name: z.string(),
  status: z.enum(['healthy', 'warning', 'critical']),
  detail: z.string(),
  latency_ms: z.number().nullable(),
});

export const platformRoutes = {
  listTools: route({
    operationId: 'listTools',
    method: 'GET',
    path: '/api/tools',
    tag: 'tools',
    permission: 'tools:read',
    summary: 'Tools an agent may be given',
    query: listQuerySchema.extend({
      search: z.string().max(100).optional(),
      group: z.string().max(60).optional(),
    }),
    response: listOf(toolSchema),
  }),
  getTool: route({
    operationId: 'getTool',
    method: 'GET',
    path: '/api/tools/:tool',
    tag: 'tools',
    permission: 'tools:read',
    summary: 'One tool with its schemas',
    params: z.strictObject({ tool: z.string().max(100) }),
    response: toolSchema,
  }),
  listProviders: route({
    operationId: 'listProviders',
    method: 'GET',
    path: '/api/providers',
    tag: 'providers',
    permission: 'providers:read',
    summary: 'Model vendors, whether configured, and how far proven',
    response: z.object({ items: z.array(providerSchema) }),
  }),
  listModels: route({
    operationId: 'listModels',
    method: 'GET',
    path: '/api/models',
    tag: 'providers',
    permission: 'providers:read',
    summary: 'Models with limits and prices',
    query: listQuerySchema.extend({ provider: z.string().max(64).optional() }),
    response: listOf(modelSchema),
  }),
  usage: route({
    operationId: 'getLlmUsage',
    method: 'GET',
    path: '/api/llm-usage',
    tag: 'providers',
    permission: 'usage:read',
    summary: 'Calls, tokens and cost by day, model or agent',
    query: z.strictObject({
      by: z.enum(['day', 'model', 'agent', 'provider', 'run', 'source']).default('day'),
      days: z.coerce.number().int().min(1).max(366).default(30),
      /** With `by=day`: each day once per value of it. */
      split: z.enum(['model', 'agent', 'provider', 'source']).optional(),
    }),
    response: z.object({ items: z.array(usageBucketSchema), total: usageBucketSchema }),
  }),
  systemHealth: route({
    operationId: 'getSystemHealth',
    method: 'GET',
    path: '/api/system/health',
    tag: 'system',
    permission: 'system:read',
    summary: 'Health of this process and what it depends on',
    response: z.object({
      status: z.enum(['healthy', 'warning', 'critical']),
      version: z.string(),
      started_at: timeSchema,
      uptime_ms: z.int(),
      components: z.array(componentHealthSchema),
      process: z.object({
        memory_bytes: z.int(),
        cpu_percent: z.number(),
        event_loop_lag_ms: z.number(),
      }),
      runs: z.object({
        queued: z.int(),
        running: z.int(),
        paused: z.int(),
        completed_24h: z.int(),
        failed_24h: z.int(),
      }),
      /** What the operator should know about the effective configuration. */
      notes: z.array(z.string()),
    }),
  }),
  invariants: route({
    operationId: 'getInvariants',
    method: 'GET',
    path: '/api/system/invariants',
    tag: 'system',
    permission: 'system:read',
    summary: 'What must hold of every run, counted now over all processes; each count should be 0',
    response: z.object({
      holds: z.boolean(),
      invariants: z.array(
        z.object({
          name: z.string(),
          description: z.string(),
          violations: z.int(),
          /** Up to ten ids of runs of the caller's workspace. */
          examples: z.array(z.string()),
        }),
      ),
      /** Processes that execute runs, with the age of their last sign of life. */
      workers: z.array(
        z.object({ executor: z.string(), alive: z.boolean(), beat_age_ms: z.int(), runs: z.int() }),
      ),
      checked_at: timeSchema,
    }),
  }),
  endpoints: route({
    operationId: 'getEndpointHealth',
    method: 'GET',
    path: '/api/health/endpoints',
    tag: 'system',
    permission: 'system:read',
    summary: 'Per endpoint: calls, error rate, latency',
    response: z.object({
      items: z.array(
        z.object({
          method: z.string(),
          endpoint: z.string(),
          calls: z.int(),
          errors: z.int(),
          error_rate: z.number(),
          mean_ms: z.number(),
          p95_ms: z.number(),
        }),
      ),
    }),
  }),
  health: route({
    operationId: 'getHealth',
    method: 'GET',
    path: '/health',
    tag: 'system',
    permission: 'public',
    summary: 'The process lives',
    response: z.object({ status: z.literal('ok'), version: z.string() }),
  }),
  ready: route({
    operationId: 'getReady',
    method: 'GET',
    path: '/ready',
    tag: 'system',
    permission: 'public',
    summary: 'Each dependency; 503 when one is missing',
    response: z.object({
      ready: z.boolean(),
      checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
    }),
  }),
  metrics: route({
    operationId: 'getMetrics',
    method: 'GET',
    path: '/metrics',
    tag: 'system',
    permission: 'public',
    kind: 'bytes',
    summary: 'Prometheus exposition',
  }),
};
