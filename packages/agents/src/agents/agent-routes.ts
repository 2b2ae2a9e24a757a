import { agentRoutes, bindRoutes } from '@automatos/contracts';
import type { Agent, BoundRoute, Call } from '@automatos/contracts';
import { agentEtag } from './agent-etag.ts';
import type { AgentService, Scope } from './agent-service.ts';

/** Handlers of `/api/agents`. */
export function createAgentRoutes({ agents }: { agents: AgentService }): BoundRoute[] {
  const {
    presets: _presets,
    stats: _stats,
    bulk: _bulk,
    patch: _patch,
    tools: _tools,
    setTools: _setTools,
    ...own
  } = agentRoutes;
  return bindRoutes(own, {
    list: async ({ workspaceId, query }) => {
      const { items, nextCursor, total } = await agents.list(workspaceId, query);
      return { body: { items, next_cursor: nextCursor, total } };
    },
    types: async ({ workspaceId }) => ({ body: { items: await agents.types(workspaceId) } }),
    create: async (call) => shown(await agents.create(scopeOf(call), call.body)),
    get: async ({ workspaceId, params }) => shown(await agents.get(workspaceId, params.agent_id)),
    update: async (call) =>
      shown(
        await agents.update(scopeOf(call), {
          ref: call.params.agent_id,
          ifMatch: call.headers['if-match'],
          definition: call.body,
        }),
      ),
    setStatus: async (call) =>
      shown(await agents.setStatus(scopeOf(call), call.params.agent_id, call.body.status)),
    clone: async (call) =>
      shown(await agents.clone(scopeOf(call), call.params.agent_id, call.body.name)),
    remove: async (call) => {
      await agents.remove(scopeOf(call), call.params.agent_id);
      return {};
    },
  });
}

function scopeOf({ workspaceId, principal }: Pick<Call, 'workspaceId' | 'principal'>): Scope {
  return { workspaceId, by: principal?.name ?? 'system' };
}

function shown(agent: Agent) {
  return { body: agent, etag: agentEtag(agent) };
}
