import { z } from 'zod';
import { listOf, listQuerySchema } from '../common.ts';
import { route } from '../http.ts';
import {
  agentDraftTestSchema,
  agentFeedbackSchema,
  agentMetricsSchema,
  agentRunSchema,
  agentTestSchema,
  agentUsageSchema,
  feedbackInputSchema,
} from './agent-schemas.ts';
import { byAgent } from './agents.ts';
import { runSchema } from './run-schemas.ts';

const overDays = z.strictObject({ days: z.coerce.number().int().min(1).max(90).default(30) });

/** What agents do, and how well. */
export const agentWorkRoutes = {
  execute: route({
    operationId: 'executeAgent',
    method: 'POST',
    path: '/api/agents/:agent_id/execute',
    tag: 'agents',
    permission: 'tasks:run',
    summary: 'Start a run of kind `agent`; its outputs are an agent report',
    params: byAgent,
    body: agentRunSchema,
    response: runSchema,
    status: 202,
  }),
  test: route({
    operationId: 'testAgent',
    method: 'POST',
    path: '/api/agents/:agent_id/test',
    tag: 'agents',
    permission: 'tasks:run',
    summary: 'Try an agent on a task, with changes that are not saved if given; nothing is changed',
    params: byAgent,
    body: agentTestSchema,
    response: runSchema,
    status: 202,
  }),
  testDraft: route({
    operationId: 'testAgentDraft',
    method: 'POST',
    path: '/api/agents/test',
    tag: 'agents',
    permission: 'tasks:run',
    summary: 'Try an agent that is not saved on a task; nothing is changed',
    body: agentDraftTestSchema,
    response: runSchema,
    status: 202,
  }),
  metrics: route({
    operationId: 'getAgentMetrics',
    method: 'GET',
    path: '/api/agents/:agent_id/metrics',
    tag: 'agents',
    permission: 'agents:read',
    summary: 'Runs, success, duration, quality, cost and feedback over the last days',
    params: byAgent,
    query: overDays,
    response: agentMetricsSchema,
  }),
  usage: route({
    operationId: 'getAgentUsage',
    method: 'GET',
    path: '/api/agents/:agent_id/usage',
    tag: 'agents',
    permission: 'agents:read',
    summary: 'Where an agent is used and which models it called',
    params: byAgent,
    query: overDays,
    response: agentUsageSchema,
  }),
  feedback: route({
    operationId: 'listAgentFeedback',
    method: 'GET',
    path: '/api/agents/:agent_id/feedback',
    tag: 'agents',
    permission: 'agents:read',
    summary: 'What people thought of its runs, newest first',
    params: byAgent,
    query: listQuerySchema,
    response: listOf(agentFeedbackSchema),
  }),
  rate: route({
    operationId: 'rateAgentRun',
    method: 'PUT',
    path: '/api/agents/:agent_id/feedback',
    tag: 'agents',
    permission: 'runs:control',
    summary: "Rate the agent's work in a run; once per person, again replaces",
    params: byAgent,
    body: feedbackInputSchema,
    response: agentFeedbackSchema,
  }),
};
