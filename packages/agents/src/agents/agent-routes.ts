import { agentHistoryRoutes, agentRoutes, agentWorkRoutes, bindRoutes } from '@automatos/contracts';
import type { Agent, BoundRoute, Call, Handlers } from '@automatos/contracts';
import type { AgentHistory } from '../history/agent-history.ts';
import type { AgentWork, WorkScope } from '../work/agent-work.ts';
import { agentEtag } from './agent-etag.ts';
import type { AgentService } from './agent-service.ts';
import { scopeOf } from './agent-viewer.ts';

export interface AgentRoutesDeps {
  agents: AgentService;
  history: AgentHistory;
  work: AgentWork;
}

/** Handlers of `/api/agents`. */
export function createAgentRoutes({ agents, history, work }: AgentRoutesDeps): BoundRoute[] {
  return [
    ...bindRoutes(agentRoutes, { ...readHandlers(agents, work), ...writeHandlers(agents) }),
    ...bindRoutes(agentHistoryRoutes, historyHandlers(history)),
    ...bindRoutes(agentWorkRoutes, workHandlers(work)),
  ];
}

type Roster = Handlers<typeof agentRoutes>;
type Reads = 'list' | 'types' | 'presets' | 'stats' | 'get' | 'tools';

function readHandlers(agents: AgentService, work: AgentWork): Pick<Roster, Reads> {
  return {
    list: async (call) => {
      const { items, nextCursor, total } = await agents.list(scopeOf(call), call.query);
      return { body: { items, next_cursor: nextCursor, total } };
    },
    types: async (call) => ({ body: { items: await agents.types(scopeOf(call)) } }),
    presets: () => Promise.resolve({ body: { items: agents.presets() } }),
    stats: async (call) => ({ body: await work.stats(scopeOf(call), call.query.days) }),
    get: async (call) => shown(await agents.get(scopeOf(call), call.params.agent_id)),
    tools: async (call) => ({
      body: { items: await agents.tools(scopeOf(call), call.params.agent_id) },
    }),
  };
}

function writeHandlers(agents: AgentService): Omit<Roster, Reads> {
  return {
    bulk: async (call) => {
      const items = await agents.bulk(scopeOf(call), call.body);
      return { body: { items, changed: items.filter(({ ok }) => ok).length } };
    },
    create: async (call) => shown(await agents.create(scopeOf(call), call.body)),
    update: async (call) =>
      shown(await agents.update(scopeOf(call), { ...changeOf(call), definition: call.body })),
    patch: async (call) =>
      shown(await agents.patch(scopeOf(call), { ...changeOf(call), patch: call.body })),
    setTools: async (call) =>
      shown(await agents.setTools(scopeOf(call), { ...changeOf(call), tools: call.body.items })),
    setStatus: async (call) =>
      shown(await agents.setStatus(scopeOf(call), call.params.agent_id, call.body.status)),
    clone: async (call) =>
      shown(await agents.clone(scopeOf(call), call.params.agent_id, call.body.name)),
    remove: async (call) => {
      await agents.remove(scopeOf(call), call.params.agent_id);
      return {};
    },
  };
}

function historyHandlers(history: AgentHistory): Handlers<typeof agentHistoryRoutes> {
  return {
    versions: async (call) => {
      const { items, nextCursor } = await history.versions(
        scopeOf(call),
        call.params.agent_id,
        call.query,
      );
      return { body: { items, next_cursor: nextCursor } };
    },
    version: async (call) => ({
      body: await history.version(scopeOf(call), call.params.agent_id, call.params.version),
    }),
    diff: async (call) => ({
      body: await history.diff(scopeOf(call), call.params.agent_id, {
        from: call.params.version,
        to: call.query.to,
      }),
    }),
    restore: async (call) =>
      shown(
        await history.restore(scopeOf(call), { ...changeOf(call), version: call.params.version }),
      ),
    export: async (call) => ({
      bytes: await history.export(scopeOf(call), call.params.agent_id, call.query),
    }),
    import: async (call) => ({
      body: {
        items: await history.import(scopeOf(call), {
          document: call.body.document,
          onConflict: call.body.on_conflict,
        }),
      },
    }),
  };
}

function workHandlers(work: AgentWork): Handlers<typeof agentWorkRoutes> {
  return {
    execute: async (call) => ({
      body: await work.execute(workScopeOf(call), call.params.agent_id, call.body),
    }),
    test: async (call) => ({
      body: await work.test(workScopeOf(call), call.params.agent_id, call.body),
    }),
    testDraft: async (call) => ({ body: await work.testDraft(workScopeOf(call), call.body) }),
    metrics: async (call) => ({
      body: await work.metrics(scopeOf(call), call.params.agent_id, call.query.days),
    }),
    usage: async (call) => ({
      body: await work.usage(scopeOf(call), call.params.agent_id, call.query.days),
    }),
    feedback: async (call) => {
      const { items, nextCursor } = await work.feedback(
        scopeOf(call),
        call.params.agent_id,
        call.query,
      );
      return { body: { items, next_cursor: nextCursor } };
    },
    rate: async (call) => ({
      body: await work.rate(workScopeOf(call), call.params.agent_id, call.body),
    }),
  };
}

type Asked = Pick<Call, 'workspaceId' | 'principal' | 'headers'>;

function workScopeOf(call: Asked): WorkScope {
  const { principal, headers } = call;
  return {
    ...scopeOf(call),
    actor:
      principal === null
        ? { kind: 'system', id: 'system', name: 'system' }
        : { kind: principal.kind, id: principal.id, name: principal.name },
    idempotencyKey: headers['idempotency-key'],
  };
}

function changeOf({ params, headers }: { params: { agent_id: string } } & Pick<Call, 'headers'>) {
  return { ref: params.agent_id, ifMatch: headers['if-match'] };
}

function shown(agent: Agent) {
  return { body: agent, etag: agentEtag(agent) };
}
