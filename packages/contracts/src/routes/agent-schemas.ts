import { z } from 'zod';
import { agentTaskSchema } from '../agent-report.ts';
import { errorInfoSchema, idSchema, slugSchema, timeSchema } from '../common.ts';
import { prioritySchema } from '../recipe.ts';
import { modelRefSchema } from '../router-settings.ts';

export const AGENT_STATUSES = ['draft', 'active', 'busy', 'paused', 'error', 'retired'] as const;
/** Families of presets over the specialists (spec 03). */
export const AGENT_FAMILIES = ['strategy', 'execution', 'security', 'analysis'] as const;
/** Who finds an agent: everyone in the workspace, or who made it and the workspace's administrators. */
export const AGENT_VISIBILITIES = ['workspace', 'creator'] as const;

export const toolGrantSchema = z.strictObject({
  tool: z.string().max(100),
  level: z
    .union([
      z.enum(['full', 'read_only']),
      z.strictObject({ actions: z.array(z.string()).max(50) }),
    ])
    .default('full'),
});
export type ToolGrant = z.infer<typeof toolGrantSchema>;

const model = {
  /** Null: the platform's default provider and model. */
  provider: z.string().max(64).nullable(),
  model: z.string().max(200).nullable(),
  temperature: z.number().min(0).max(2),
  max_tokens: z.int().min(1).max(1_000_000),
  top_p: z.number().min(0).max(1),
  frequency_penalty: z.number().min(-2).max(2),
  presence_penalty: z.number().min(-2).max(2),
  /** Models to go on with, in this order, when the first cannot answer now. */
  fallbacks: z.array(modelRefSchema).max(10),
};
export const modelConfigSchema = z.strictObject({
  provider: model.provider.default(null),
  model: model.model.default(null),
  temperature: model.temperature.default(0.7),
  max_tokens: model.max_tokens.default(2000),
  top_p: model.top_p.default(1),
  frequency_penalty: model.frequency_penalty.default(0),
  presence_penalty: model.presence_penalty.default(0),
  fallbacks: model.fallbacks.default([]),
});
export type ModelConfig = z.infer<typeof modelConfigSchema>;

const limits = {
  max_iterations: z.int().min(1).max(200),
  max_tool_calls: z.int().min(0).max(1000),
  max_total_tokens: z.int().min(1).max(100_000_000),
  /** Money per turn; null = no limit. */
  max_cost_micros: z.int().min(0).nullable(),
  max_duration_ms: z.int().min(1000).max(86_400_000),
};
export const agentLimitsSchema = z.strictObject({
  max_iterations: limits.max_iterations.default(25),
  max_tool_calls: limits.max_tool_calls.default(100),
  max_total_tokens: limits.max_total_tokens.default(500_000),
  max_cost_micros: limits.max_cost_micros.default(null),
  max_duration_ms: limits.max_duration_ms.default(300_000),
});

const plain = {
  name: z.string().trim().min(1).max(120),
  category: z.string().trim().min(1).max(60),
  description: z.string().max(5000),
  tags: z.array(z.string().max(40)).max(20),
  /** Slug of a persona. */
  persona: z.string().max(64).nullable(),
  /** A persona of the agent's own, in place of `persona`. */
  persona_text: z.string().max(20_000),
  /** Instructions beside the persona's. */
  instructions: z.string().max(50_000),
  tools: z.array(toolGrantSchema).max(200),
  capabilities: z.array(z.string().max(60)).max(50),
  /** Turns at once; further ones wait. The workspace's limit for the agent, when it has one, counts instead. */
  concurrency_limit: z.int().min(1).max(1000),
  /** Of runs of the agent among the waiting ones, unless a run says otherwise. */
  priority: prioritySchema,
  visibility: z.enum(AGENT_VISIBILITIES),
  /** Family whose preset it was made from. */
  family: z.enum(AGENT_FAMILIES).nullable(),
};

const agentFields = {
  ...plain,
  description: plain.description.default(''),
  tags: plain.tags.default([]),
  persona: plain.persona.default(null),
  persona_text: plain.persona_text.default(''),
  instructions: plain.instructions.default(''),
  model: modelConfigSchema.prefault({}),
  tools: plain.tools.default([]),
  capabilities: plain.capabilities.default([]),
  limits: agentLimitsSchema.prefault({}),
  concurrency_limit: plain.concurrency_limit.default(5),
  priority: plain.priority.default('normal'),
  visibility: plain.visibility.default('workspace'),
  family: plain.family.default(null),
};

export const agentInputSchema = z.strictObject({ slug: slugSchema.optional(), ...agentFields });
export const agentUpdateSchema = z.strictObject(agentFields);
export type AgentInput = z.infer<typeof agentInputSchema>;
/** Only what is given changes; `model` and `limits` are changed field by field, lists as a whole. */
export const agentPatchSchema = z
  .strictObject({
    ...plain,
    model: z.strictObject(model).partial(),
    limits: z.strictObject(limits).partial(),
  })
  .partial();
export type AgentPatch = z.infer<typeof agentPatchSchema>;

export const agentSchema = z.object({
  id: idSchema,
  slug: z.string(),
  /** `busy` while an active agent has a turn under way. */
  status: z.enum(AGENT_STATUSES),
  version: z.int(),
  /** Came with the product. */
  seeded: z.boolean(),
  created_at: timeSchema,
  updated_at: timeSchema,
  ...agentFields,
});
export type Agent = z.infer<typeof agentSchema>;

export const agentStatsSchema = z.object({
  total: z.int(),
  by_status: z.record(z.enum(AGENT_STATUSES), z.int()),
  by_category: z.array(z.object({ category: z.string(), count: z.int() })),
  /** Turns under way now. */
  working: z.int(),
  days: z.int(),
  /** Turns that began in these days. */
  turns: z.int(),
  success_rate: z.number().nullable(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  /** Null when the price of one call is unknown. */
  cost_micros: z.int().nullable(),
  /** Agents with the most turns in these days. */
  busiest: z.array(
    z.object({
      agent_id: idSchema,
      slug: z.string(),
      name: z.string(),
      turns: z.int(),
      success_rate: z.number().nullable(),
    }),
  ),
});
export type AgentStats = z.infer<typeof agentStatsSchema>;

const figures = {
  turns: z.int(),
  completed: z.int(),
  failed: z.int(),
  /** Ended by a limit before the answer was whole; counts as no success. */
  limit_reached: z.int(),
  cancelled: z.int(),
  /** Completed of those that ended other than by cancelling; null without one. */
  success_rate: z.number().nullable(),
  duration_ms_mean: z.int().nullable(),
  duration_ms_p95: z.int().nullable(),
  quality_mean: z.number().nullable(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost_micros: z.int().nullable(),
};
export const agentMetricsSchema = z.object({
  agent_id: idSchema,
  slug: z.string(),
  from: timeSchema,
  to: timeSchema,
  ...figures,
  /** Runs that the turns belong to. */
  runs: z.int(),
  /** Turns under way now. */
  working: z.int(),
  /** Of the last 100 that ended, whenever they were. */
  last_100: z.object({ turns: z.int(), success_rate: z.number().nullable() }),
  quality_rated: z.int(),
  model_calls: z.int(),
  tool_calls: z.int(),
  tool_failures: z.int(),
  findings: z.int(),
  /** Share of its places (`concurrency_limit`) that was taken over the time since its first turn in the period, 0–1. */
  utilisation: z.number().min(0).max(1).nullable(),
  feedback: z.object({
    count: z.int(),
    /** Mean of 1–5. */
    mean: z.number().nullable(),
    /** 4 and 5. */
    up: z.int(),
    /** 1 and 2. */
    down: z.int(),
  }),
  last_turn_at: timeSchema.nullable(),
  by_day: z.array(z.object({ day: z.iso.date(), ...figures })),
});
export type AgentMetrics = z.infer<typeof agentMetricsSchema>;

/** What an agent is used by, and what it used. */
export const agentUsageSchema = z.object({
  agent_id: idSchema,
  slug: z.string(),
  used_by: z.object({
    recipes: z.array(z.string()),
    patterns: z.array(z.string()),
    tasks: z.array(z.string()),
  }),
  /** Runs in which it works now. */
  working_in: z.array(idSchema),
  days: z.int(),
  by_model: z.array(
    z.object({
      provider: z.string(),
      model: z.string(),
      calls: z.int(),
      input_tokens: z.int(),
      output_tokens: z.int(),
      cost_micros: z.int().nullable(),
      offline: z.boolean(),
    }),
  ),
});
export type AgentUsage = z.infer<typeof agentUsageSchema>;

export const feedbackInputSchema = z.strictObject({
  run_id: idSchema,
  /** 1 (useless) – 5 (excellent); `up` counts as 5 and `down` as 1. */
  rating: z.union([z.int().min(1).max(5), z.enum(['up', 'down'])]),
  comment: z.string().trim().max(2000).default(''),
});
export const agentFeedbackSchema = z.object({
  run_id: idSchema,
  rating: z.int(),
  comment: z.string(),
  by: z.string(),
  created_at: timeSchema,
  updated_at: timeSchema,
});
export type AgentFeedback = z.infer<typeof agentFeedbackSchema>;

export const agentVersionSchema = z.object({
  version: z.int(),
  created_at: timeSchema,
  created_by: z.string(),
  /** What made it when it was not an edit, e.g. `restored from version 2`. */
  note: z.string().nullable(),
});
export type AgentVersion = z.infer<typeof agentVersionSchema>;

export const agentToolSchema = z.object({
  ...toolGrantSchema.shape,
  description: z.string(),
  /** What it may do at all, e.g. `fs.read`. */
  capabilities: z.array(z.string()),
  read_only: z.boolean(),
  /** Its actions, which a grant may narrow to; empty for tools without. */
  actions: z.array(z.string()),
  /** False: the tool is gone from this installation, and the grant does nothing. */
  available: z.boolean(),
});
export type AgentTool = z.infer<typeof agentToolSchema>;

export const BULK_ACTIONS = ['activate', 'pause', 'retire', 'delete', 'tag', 'untag'] as const;
export const agentBulkSchema = z.strictObject({
  action: z.enum(BULK_ACTIONS),
  /** Ids or slugs. */
  agents: z.array(z.string().max(64)).min(1).max(100),
  /** For `tag` and `untag`. */
  tags: plain.tags.optional(),
});
export type AgentBulk = z.infer<typeof agentBulkSchema>;
export const agentBulkResultSchema = z.object({
  /** As given. */
  agent: z.string(),
  ok: z.boolean(),
  status: z.enum(AGENT_STATUSES).nullable(),
  error: errorInfoSchema.nullable(),
});
export type AgentBulkResult = z.infer<typeof agentBulkResultSchema>;

/** A starting point for the wizard; `definition` can be sent as it is to create an agent. */
export const agentPresetSchema = z.object({
  family: z.enum(AGENT_FAMILIES),
  name: z.string(),
  description: z.string(),
  /** Slugs of the specialists whose tools and task types it joins. */
  specialists: z.array(z.string()),
  definition: agentInputSchema,
});
export type AgentPreset = z.infer<typeof agentPresetSchema>;

export const agentRunSchema = agentTaskSchema.extend({
  title: z.string().max(200).optional(),
  /** Default: the agent's. */
  priority: prioritySchema.optional(),
  /** The model is replaced by the offline provider, and tools that change something are refused. */
  dry_run: z.boolean().default(false),
});
export type AgentRunRequest = z.infer<typeof agentRunSchema>;

const trial = {
  task: agentTaskSchema.prefault({}),
  /** `offline` answers without a language model and costs nothing; `own` asks the agent's model. */
  model: z.enum(['offline', 'own']).default('offline'),
};
/** A test of what is stored, or of a changed definition that is not saved. */
export const agentTestSchema = z.strictObject({
  ...trial,
  definition: agentUpdateSchema.optional(),
});
export const agentDraftTestSchema = z.strictObject({ ...trial, definition: agentInputSchema });
export type AgentTestRequest = z.infer<typeof agentTestSchema>;
