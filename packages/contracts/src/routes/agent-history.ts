import { z } from 'zod';
import { listOf, listQuerySchema } from '../common.ts';
import { route } from '../http.ts';
import { agentSchema, agentUpdateSchema, agentVersionSchema } from './agent-schemas.ts';
import { byAgent } from './agents.ts';
import { changeSchema, diffLineSchema } from './run-views.ts';

const byVersion = byAgent.extend({ version: z.coerce.number().int().min(1) });

/** Versions of agents, and agents as documents. */
export const agentHistoryRoutes = {
  versions: route({
    operationId: 'listAgentVersions',
    method: 'GET',
    path: '/api/agents/:agent_id/versions',
    tag: 'agents',
    permission: 'agents:read',
    summary: 'Versions, newest first',
    params: byAgent,
    query: listQuerySchema,
    response: listOf(agentVersionSchema),
  }),
  version: route({
    operationId: 'getAgentVersion',
    method: 'GET',
    path: '/api/agents/:agent_id/versions/:version',
    tag: 'agents',
    permission: 'agents:read',
    summary: 'One version as it was saved',
    params: byVersion,
    response: agentVersionSchema.extend({ definition: agentUpdateSchema }),
  }),
  diff: route({
    operationId: 'diffAgentVersions',
    method: 'GET',
    path: '/api/agents/:agent_id/versions/:version/diff',
    tag: 'agents',
    permission: 'agents:read',
    summary: 'What changed from one version to another',
    params: byVersion,
    /** Default: the current version. */
    query: z.strictObject({ to: z.coerce.number().int().min(1).optional() }),
    response: z.object({
      from: z.int(),
      to: z.int(),
      changes: z.array(changeSchema),
      lines: z.array(diffLineSchema),
    }),
  }),
  restore: route({
    operationId: 'restoreAgentVersion',
    method: 'POST',
    path: '/api/agents/:agent_id/versions/:version/restore',
    tag: 'agents',
    permission: 'agents:write',
    summary: 'Save an older version as the newest',
    params: byVersion,
    response: agentSchema,
    ifMatch: true,
  }),
  export: route({
    operationId: 'exportAgent',
    method: 'GET',
    path: '/api/agents/:agent_id/export',
    tag: 'agents',
    permission: 'agents:read',
    kind: 'bytes',
    summary: 'The agent with its persona as a YAML or JSON file; it holds no credentials',
    params: byAgent,
    query: z.strictObject({
      format: z.enum(['yaml', 'json']).default('yaml'),
      version: z.coerce.number().int().min(1).optional(),
    }),
  }),
  import: route({
    operationId: 'importAgents',
    method: 'POST',
    path: '/api/agents/import',
    tag: 'agents',
    permission: 'agents:write',
    summary: 'Save the agents of a YAML or JSON file (several documents allowed), all or none',
    body: z.strictObject({
      document: z.string().min(1).max(2_000_000),
      /** For a slug that is taken: another slug, a new version, nothing, or a refusal. */
      on_conflict: z.enum(['new_slug', 'new_version', 'skip', 'fail']).default('fail'),
    }),
    response: z.object({
      items: z.array(
        z.object({
          slug: z.string(),
          version: z.int(),
          outcome: z.enum(['created', 'updated', 'unchanged', 'skipped']),
          persona: z.enum(['none', 'created', 'kept', 'own_text']),
        }),
      ),
    }),
    status: 201,
  }),
};
