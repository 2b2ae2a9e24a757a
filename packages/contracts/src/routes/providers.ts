import { z } from 'zod';
import { workspaceBudgetInputSchema, workspaceBudgetSchema } from '../budgets.ts';
import {
  idSchema,
  jsonObjectSchema,
  listOf,
  listQuerySchema,
  timeSchema,
  usageSchema,
} from '../common.ts';
import { route } from '../http.ts';
import {
  CACHE_OUTCOMES,
  CIRCUIT_STATES,
  callRouteSchema,
  routerSettingsSchema,
} from '../router-settings.ts';

/** What was seen of a provider's model in the window; times in ms, rates from 0 to 1, null = no call to tell from. */
export const modelHealthSchema = z.object({
  provider: z.string(),
  model: z.string(),
  calls: z.int(),
  success_rate: z.number().nullable(),
  p50_ms: z.number().nullable(),
  p95_ms: z.number().nullable(),
  first_token_p50_ms: z.number().nullable(),
  tokens_per_second: z.number().nullable(),
  /** Known costs in the window; null when no call had one. */
  cost_micros: z.int().nullable(),
  in_flight: z.int(),
  last_error: z.object({ code: z.string(), message: z.string(), at: timeSchema }).nullable(),
});
export type ModelHealth = z.infer<typeof modelHealthSchema>;

export const circuitSchema = z.object({
  /** Opaque: provider, model and credential, the key itself not readable from it. */
  id: z.string(),
  provider: z.string(),
  model: z.string(),
  /** Last characters of the credential's fingerprint. */
  credential: z.string(),
  state: z.enum(CIRCUIT_STATES),
  reason: z.string().nullable(),
  opened_at: timeSchema.nullable(),
  /** When a probe is let through. */
  retry_at: timeSchema.nullable(),
  failures: z.int(),
});
export type Circuit = z.infer<typeof circuitSchema>;

export const vendorQuotaSchema = z.object({
  provider: z.string(),
  model: z.string().nullable(),
  kind: z.enum(['requests', 'tokens', 'concurrency']),
  /** `own`: set here; `vendor`: told by its answers. */
  source: z.enum(['own', 'vendor']),
  limit: z.number().nullable(),
  remaining: z.number().nullable(),
  resets_at: timeSchema.nullable(),
  waiting: z.int(),
});

/** A setting that has no effect, or another one than it seems to have. */
export const configurationFindingSchema = z.object({
  code: z.string(),
  severity: z.enum(['info', 'warning', 'error']),
  /** Where the setting stands, e.g. `router.chain[1]`, `budget:<id>`, `agent:<slug>.model`. */
  setting: z.string(),
  message: z.string(),
  remedy: z.string(),
});
export type ConfigurationFinding = z.infer<typeof configurationFindingSchema>;

export const modelPriceSchema = z.object({
  provider: z.string(),
  model: z.string(),
  /** Micro-dollars per million tokens; null = unknown, never 0. */
  input_micros: z.int().min(0).nullable(),
  output_micros: z.int().min(0).nullable(),
  cached_input_micros: z.int().min(0).nullable(),
  cache_write_micros: z.int().min(0).nullable(),
  source: z.enum(['package', 'operator', 'none']),
  version: z.string(),
});
const priceInput = z.strictObject({
  input_micros: z.int().min(0).max(10_000_000_000),
  output_micros: z.int().min(0).max(10_000_000_000),
  cached_input_micros: z.int().min(0).max(10_000_000_000).nullable().default(null),
  cache_write_micros: z.int().min(0).max(10_000_000_000).nullable().default(null),
});

export const llmCallSchema = z.object({
  id: idSchema,
  at: timeSchema,
  provider: z.string(),
  model: z.string(),
  kind: z.enum(['chat', 'embedding', 'rerank']),
  /** Who asked: a run, the OpenAI-compatible endpoint, a judge, a trial from the provider page. */
  source: z.enum(['run', 'api', 'judge', 'trial', 'platform']),
  run_id: idSchema.nullable(),
  agent: z.string().nullable(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cached_input_tokens: z.int(),
  cost_micros: z.int().nullable(),
  estimated: z.boolean(),
  cache: z.enum(CACHE_OUTCOMES),
  status: z.string(),
  duration_ms: z.int(),
});

const byModel = z.strictObject({ provider: z.string().max(64), model: z.string().max(200) });
const byBudget = z.strictObject({ budget_id: idSchema });
const versioned = z.object({ settings: routerSettingsSchema, version: z.int() });

export const providerRoutes = {
  providerHealth: route({
    operationId: 'getProviderHealth',
    method: 'GET',
    path: '/api/providers/health',
    tag: 'providers',
    permission: 'providers:read',
    summary:
      'Success, latency and cost per model as seen, circuits, and what is left of the vendors’ limits',
    query: z.strictObject({ window_minutes: z.coerce.number().int().min(1).max(1440).default(60) }),
    response: z.object({
      models: z.array(modelHealthSchema),
      circuits: z.array(circuitSchema),
      quotas: z.array(vendorQuotaSchema),
      cache: z.object({
        hits: z.int(),
        misses: z.int(),
        shared: z.int(),
        entries: z.int(),
        saved_micros: z.int(),
      }),
    }),
  }),
  closeCircuit: route({
    operationId: 'closeCircuit',
    method: 'POST',
    path: '/api/providers/circuits/:circuit_id/close',
    tag: 'providers',
    permission: 'providers:write',
    summary: 'Close a circuit by hand, e.g. after a top-up',
    params: z.strictObject({ circuit_id: z.string().max(200) }),
    response: circuitSchema,
  }),
  testProvider: route({
    operationId: 'testProvider',
    method: 'POST',
    path: '/api/providers/:provider/test',
    tag: 'providers',
    permission: 'providers:write',
    summary:
      'Ask the vendor for its list of models, or for one token where it has none: shows that key and address are right',
    params: z.strictObject({ provider: z.string().max(64) }),
    response: z.object({
      ok: z.boolean(),
      duration_ms: z.number(),
      detail: z.string(),
      code: z.string().nullable(),
      models: z.array(z.string()),
    }),
  }),
  getRouterSettings: route({
    operationId: 'getRouterSettings',
    method: 'GET',
    path: '/api/providers/router',
    tag: 'providers',
    permission: 'providers:read',
    summary: 'Chain, strategy, breaker, limits, time-outs and cache of the workspace',
    response: versioned,
  }),
  putRouterSettings: route({
    operationId: 'putRouterSettings',
    method: 'PUT',
    path: '/api/providers/router',
    tag: 'providers',
    permission: 'providers:write',
    summary: 'Replace the router settings of the workspace',
    ifMatch: true,
    body: routerSettingsSchema,
    response: versioned,
  }),
  configuration: route({
    operationId: 'getProviderConfiguration',
    method: 'GET',
    path: '/api/providers/configuration',
    tag: 'providers',
    permission: 'providers:read',
    summary: 'Settings without the effect they seem to have',
    response: z.object({ items: z.array(configurationFindingSchema), checked_at: timeSchema }),
  }),
  tryModel: route({
    operationId: 'tryModel',
    method: 'POST',
    path: '/api/providers/try',
    tag: 'providers',
    permission: 'models:call',
    summary: 'One call through the router: the answer, who gave it and why',
    rateLimitPerMinute: 30,
    body: z.strictObject({
      /** Both null: the default model. */
      provider: z.string().max(64).nullable().default(null),
      model: z.string().max(200).nullable().default(null),
      prompt: z.string().min(1).max(20_000),
      system: z.string().max(20_000).default(''),
      temperature: z.number().min(0).max(2).nullable().default(null),
      max_output_tokens: z.int().min(1).max(32_000).default(512),
      response_schema: jsonObjectSchema.nullable().default(null),
    }),
    response: z.object({
      text: z.string(),
      provider: z.string(),
      model: z.string(),
      offline: z.boolean(),
      finish_reason: z.string(),
      usage: usageSchema,
      duration_ms: z.number(),
      first_token_ms: z.number().nullable(),
      route: callRouteSchema,
    }),
  }),
  clearCache: route({
    operationId: 'clearLlmCache',
    method: 'DELETE',
    path: '/api/providers/cache',
    tag: 'providers',
    permission: 'providers:write',
    summary: 'Forget the kept answers of the workspace',
    response: z.object({ removed: z.int() }),
  }),
  listPrices: route({
    operationId: 'listModelPrices',
    method: 'GET',
    path: '/api/models/prices',
    tag: 'providers',
    permission: 'providers:read',
    summary: 'Prices in use and where they come from',
    response: z.object({ version: z.string(), items: z.array(modelPriceSchema) }),
  }),
  putPrice: route({
    operationId: 'putModelPrice',
    method: 'PUT',
    path: '/api/models/prices/:provider/:model',
    tag: 'providers',
    permission: 'providers:write',
    summary: 'Set an own price, e.g. of a contract or of a model without list price',
    params: byModel,
    body: priceInput,
    response: modelPriceSchema,
  }),
  deletePrice: route({
    operationId: 'deleteModelPrice',
    method: 'DELETE',
    path: '/api/models/prices/:provider/:model',
    tag: 'providers',
    permission: 'providers:write',
    summary: 'Go back to the list price',
    params: byModel,
    response: modelPriceSchema,
  }),
  refreshModels: route({
    operationId: 'refreshModels',
    method: 'POST',
    path: '/api/models/refresh',
    tag: 'providers',
    permission: 'providers:write',
    summary: 'Load a newer price package; the one in use stays when it cannot be read',
    body: z.strictObject({
      /** Null: the address of the settings. */
      url: z
        .url({ protocol: /^https?$/ })
        .nullable()
        .default(null),
    }),
    response: z.object({
      version: z.string(),
      added: z.int(),
      changed: z.int(),
      skipped: z.array(z.object({ model: z.string(), reason: z.string() })),
    }),
  }),
  listCalls: route({
    operationId: 'listLlmCalls',
    method: 'GET',
    path: '/api/llm-usage/calls',
    tag: 'providers',
    permission: 'usage:read',
    summary: 'Single model calls, newest first',
    query: listQuerySchema.extend({
      provider: z.string().max(64).optional(),
      agent: z.string().max(64).optional(),
      run_id: idSchema.optional(),
    }),
    response: listOf(llmCallSchema),
  }),
};

export const budgetRoutes = {
  listBudgets: route({
    operationId: 'listBudgets',
    method: 'GET',
    path: '/api/budgets',
    tag: 'budgets',
    permission: 'usage:read',
    summary: 'Budgets with what is spent and set aside',
    query: listQuerySchema,
    response: listOf(workspaceBudgetSchema),
  }),
  createBudget: route({
    operationId: 'createBudget',
    method: 'POST',
    path: '/api/budgets',
    tag: 'budgets',
    permission: 'budgets:write',
    summary: 'Add a limit that no model call passes',
    status: 201,
    body: workspaceBudgetInputSchema,
    response: workspaceBudgetSchema,
  }),
  getBudget: route({
    operationId: 'getBudget',
    method: 'GET',
    path: '/api/budgets/:budget_id',
    tag: 'budgets',
    permission: 'usage:read',
    summary: 'One budget',
    params: byBudget,
    response: workspaceBudgetSchema,
  }),
  updateBudget: route({
    operationId: 'updateBudget',
    method: 'PUT',
    path: '/api/budgets/:budget_id',
    tag: 'budgets',
    permission: 'budgets:write',
    summary: 'Change a budget; what was spent in the open window stays',
    ifMatch: true,
    params: byBudget,
    body: workspaceBudgetInputSchema,
    response: workspaceBudgetSchema,
  }),
  deleteBudget: route({
    operationId: 'deleteBudget',
    method: 'DELETE',
    path: '/api/budgets/:budget_id',
    tag: 'budgets',
    permission: 'budgets:write',
    summary: 'Remove a budget',
    params: byBudget,
    status: 204,
  }),
};
