import { z } from 'zod';
import { idSchema, listOf, listQuerySchema, slugSchema, timeSchema } from '../common.ts';
import { route } from '../http.ts';
import { modelRefSchema } from '../router-settings.ts';

export const AGENT_STATUSES = ['draft', 'active', 'busy', 'paused', 'error', 'retired'] as const;

export const toolGrantSchema = z.strictObject({
  tool: z.string().max(100),
  level: z
    .union([
      z.enum(['full', 'read_only']),
      z.strictObject({ actions: z.array(z.string()).max(50) }),
    ])
    .default('full'),
});

export const modelConfigSchema = z.strictObject({
  /** Null: the platform's default provider and model. */
  provider: z.string().max(64).nullable().default(null),
  model: z.string().max(200).nullable().default(null),
  temperature: z.number().min(0).max(2).default(0.7),
  max_tokens: z.int().min(1).max(1_000_000).default(2000),
  top_p: z.number().min(0).max(1).default(1),
  frequency_penalty: z.number().min(-2).max(2).default(0),
  presence_penalty: z.number().min(-2).max(2).default(0),
  /** Models to go on with, in this order, when the first cannot answer now. */
  fallbacks: z.array(modelRefSchema).max(10).default([]),
});
export type ModelConfig = z.infer<typeof modelConfigSchema>;

export const agentLimitsSchema = z.strictObject({
  max_iterations: z.int().min(1).max(200).default(25),
  max_tool_calls: z.int().min(0).max(1000).default(100),
  max_total_tokens: z.int().min(1).max(100_000_000).default(500_000),
  /** Money per turn; null = no limit. */
  max_cost_micros: z.int().min(0).nullable().default(null),
  max_duration_ms: z.int().min(1000).max(86_400_000).default(300_000),
});

const agentFields = {
  name: z.string().trim().min(1).max(120),
  category: z.string().trim().min(1).max(60),
  description: z.string().max(5000).default(''),
  tags: z.array(z.string().max(40)).max(20).default([]),
  persona: z.string().max(64).nullable().default(null),
  /** Instructions beside the persona's. */
  instructions: z.string().max(50_000).default(''),
  model: modelConfigSchema.prefault({}),
  tools: z.array(toolGrantSchema).max(200).default([]),
  capabilities: z.array(z.string().max(60)).max(50).default([]),
  limits: agentLimitsSchema.prefault({}),
};

export const agentInputSchema = z.strictObject({ slug: slugSchema.optional(), ...agentFields });
export const agentUpdateSchema = z.strictObject(agentFields);
export type AgentInput = z.infer<typeof agentInputSchema>;

export const agentSchema = z.object({
  id: idSchema,
  slug: z.string(),
  status: z.enum(AGENT_STATUSES),
  version: z.int(),
  /** Came with the product. */
  seeded: z.boolean(),
  created_at: timeSchema,
  updated_at: timeSchema,
  ...agentFields,
});
export type Agent = z.infer<typeof agentSchema>;

export const personaSchema = z.object({
  id: idSchema,
  slug: z.string(),
  name: z.string(),
  category: z.string(),
  description: z.string(),
  prompt: z.string(),
  /** Predefined ones are read-only; clone them to change them. */
  predefined: z.boolean(),
  created_at: timeSchema,
  updated_at: timeSchema,
});
export type Persona = z.infer<typeof personaSchema>;
const personaInput = z.strictObject({
  slug: slugSchema.optional(),
  name: z.string().trim().min(1).max(120),
  category: z.string().trim().min(1).max(60),
  description: z.string().max(2000).default(''),
  prompt: z.string().min(1).max(50_000),
});

const byAgent = z.strictObject({ agent_id: z.string().max(64) });
const byPersona = z.strictObject({ persona_id: z.string().max(64) });

/** `agent_id` is an id or a slug. */
export const agentRoutes = {
  list: route({
    operationId: 'listAgents',
    method: 'GET',
    path: '/api/agents',
    tag: 'agents',
    permission: 'agents:read',
    summary: 'Agents, newest first',
    query: listQuerySchema.extend({
      search: z.string().max(100).optional(),
      category: z.string().max(60).optional(),
      status: z.enum(AGENT_STATUSES).optional(),
    }),
    response: listOf(agentSchema),
  }),
  types: route({
    operationId: 'listAgentTypes',
    method: 'GET',
    path: '/api/agents/types',
    tag: 'agents',
    permission: 'agents:read',
    summary: 'Categories in use with counts',
    response: z.object({ items: z.array(z.object({ category: z.string(), count: z.int() })) }),
  }),
  create: route({
    operationId: 'createAgent',
    method: 'POST',
    path: '/api/agents',
    tag: 'agents',
    permission: 'agents:write',
    summary: 'Create an agent',
    body: agentInputSchema,
    response: agentSchema,
    status: 201,
  }),
  get: route({
    operationId: 'getAgent',
    method: 'GET',
    path: '/api/agents/:agent_id',
    tag: 'agents',
    permission: 'agents:read',
    summary: 'One agent',
    params: byAgent,
    response: agentSchema,
  }),
  update: route({
    operationId: 'updateAgent',
    method: 'PUT',
    path: '/api/agents/:agent_id',
    tag: 'agents',
    permission: 'agents:write',
    summary: 'Replace an agent; makes a new version',
    params: byAgent,
    body: agentUpdateSchema,
    response: agentSchema,
    ifMatch: true,
  }),
  setStatus: route({
    operationId: 'setAgentStatus',
    method: 'POST',
    path: '/api/agents/:agent_id/status',
    tag: 'agents',
    permission: 'agents:write',
    summary: 'Activate, pause or retire',
    params: byAgent,
    body: z.strictObject({ status: z.enum(['active', 'paused', 'retired']) }),
    response: agentSchema,
  }),
  clone: route({
    operationId: 'cloneAgent',
    method: 'POST',
    path: '/api/agents/:agent_id/clone',
    tag: 'agents',
    permission: 'agents:write',
    summary: 'Copy an agent as a draft',
    params: byAgent,
    body: z.strictObject({ name: z.string().trim().min(1).max(120).optional() }),
    response: agentSchema,
    status: 201,
  }),
  remove: route({
    operationId: 'deleteAgent',
    method: 'DELETE',
    path: '/api/agents/:agent_id',
    tag: 'agents',
    permission: 'agents:write',
    summary: 'Delete an agent that no recipe uses',
    params: byAgent,
    status: 204,
  }),
};

export const personaRoutes = {
  list: route({
    operationId: 'listPersonas',
    method: 'GET',
    path: '/api/personas',
    tag: 'personas',
    permission: 'personas:read',
    summary: 'Personas',
    query: listQuerySchema.extend({ category: z.string().max(60).optional() }),
    response: listOf(personaSchema),
  }),
  create: route({
    operationId: 'createPersona',
    method: 'POST',
    path: '/api/personas',
    tag: 'personas',
    permission: 'personas:write',
    summary: 'Create a persona',
    body: personaInput,
    response: personaSchema,
    status: 201,
  }),
  get: route({
    operationId: 'getPersona',
    method: 'GET',
    path: '/api/personas/:persona_id',
    tag: 'personas',
    permission: 'personas:read',
    summary: 'One persona',
    params: byPersona,
    response: personaSchema,
  }),
  update: route({
    operationId: 'updatePersona',
    method: 'PUT',
    path: '/api/personas/:persona_id',
    tag: 'personas',
    permission: 'personas:write',
    summary: 'Replace an own persona',
    params: byPersona,
    body: personaInput.omit({ slug: true }),
    response: personaSchema,
  }),
  clone: route({
    operationId: 'clonePersona',
    method: 'POST',
    path: '/api/personas/:persona_id/clone',
    tag: 'personas',
    permission: 'personas:write',
    summary: 'Copy a persona to change it',
    params: byPersona,
    body: z.strictObject({ name: z.string().trim().min(1).max(120).optional() }),
    response: personaSchema,
    status: 201,
  }),
  remove: route({
    operationId: 'deletePersona',
    method: 'DELETE',
    path: '/api/personas/:persona_id',
    tag: 'personas',
    permission: 'personas:write',
    summary: 'Delete an own persona that no agent uses',
    params: byPersona,
    status: 204,
  }),
};
