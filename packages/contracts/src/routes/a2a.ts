import { z } from 'zod';
import { jsonObjectSchema } from '../common.ts';
import { route } from '../http.ts';

const byAgent = z.strictObject({ agent_id: z.string().max(64) });

/** Agents for other agents: the Agent2Agent protocol 1.0, JSON-RPC binding. */
export const a2aRoutes = {
  cards: route({
    operationId: 'listAgentCards',
    method: 'GET',
    path: '/a2a',
    tag: 'a2a',
    permission: 'agents:read',
    summary: 'Cards of all active agents',
    response: z.object({ items: z.array(jsonObjectSchema) }),
  }),
  card: route({
    operationId: 'getAgentCard',
    method: 'GET',
    path: '/a2a/:agent_id/.well-known/agent-card.json',
    tag: 'a2a',
    permission: 'agents:read',
    summary: 'Card of one agent: what it can do, where and how it is asked',
    params: byAgent,
    response: jsonObjectSchema,
  }),
  exchange: route({
    operationId: 'askAgent',
    method: 'POST',
    path: '/a2a/:agent_id',
    tag: 'a2a',
    permission: 'tasks:run',
    kind: 'stream',
    summary: 'One JSON-RPC request to an agent: send a message, stream, look at a task, cancel it',
    params: byAgent,
    body: z.strictObject({
      jsonrpc: z.literal('2.0'),
      id: z.union([z.string().max(200), z.int()]),
      method: z.string().max(100),
      params: jsonObjectSchema.optional(),
    }),
  }),
};
