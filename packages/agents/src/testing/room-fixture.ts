import type { BoundRoute, Principal, Reply, Run } from '@automatos/contracts';
import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { newId } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { resolveRef } from '@automatos/providers';
import type { StartRun } from '@automatos/runs';
import { createToolRegistry } from '@automatos/tools';
import { createAgentRoutes } from '../agents/agent-routes.ts';
import { createAgentService } from '../agents/agent-service.ts';
import type { WritingDeps } from '../agents/agent-writing.ts';
import { createAgentHistory } from '../history/agent-history.ts';
import { createAgentWork } from '../work/agent-work.ts';
import type { AgentWorkDeps } from '../work/agent-work.ts';
import { createPatternRoutes } from '../patterns/pattern-routes.ts';
import { createPatternService } from '../patterns/pattern-service.ts';
import { createPersonaRoutes } from '../personas/persona-routes.ts';
import { createPersonaService } from '../personas/persona-service.ts';
import type { WorkspaceEvent } from '../workspace-events.ts';

/** Parts of a request that a test states; bodies go through the contract's schema as at the edge. */
export interface TestCall {
  params?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  headers?: Record<string, string>;
  workspaceId?: WorkspaceId;
  /** Default: Ada, an owner. */
  as?: Pick<Principal, 'id' | 'name' | 'role'>;
}

export interface RoomFixture {
  test: TestDatabase;
  /** Events that the rooms stored, oldest first. */
  events: WorkspaceEvent[];
  /** Recipes that use an agent, by its slug. */
  usage: Map<string, string[]>;
  /** Runs that were asked for; the engine has its own tests. */
  started: StartRun[];
  call<Body>(operationId: string, call?: TestCall): Promise<Reply<Body>>;
  close(): Promise<void>;
}

/** Services and routes on a real database, the real tool registry and the real catalogue. */
export async function createRoomFixture(): Promise<RoomFixture> {
  const test = await createTestDatabase();
  const { database } = test;
  const events: WorkspaceEvent[] = [];
  const usage = new Map<string, string[]>();
  let nowMs = Date.parse('2026-11-21T12:00:00Z');
  const clock = { now: () => (nowMs += 1_000) };
  const started: StartRun[] = [];
  const deps: WritingDeps = {
    database,
    clock,
    registry: createToolRegistry(),
    providers: { resolve: (ref) => resolveRef(ref) },
    agentUsage: (_tx, _workspaceId, agent) =>
      Promise.resolve({ recipes: usage.get(agent.slug) ?? [], patterns: [], tasks: [] }),
    emitWorkspaceEvent: (_tx, _workspaceId, event) => {
      events.push(event);
      return Promise.resolve();
    },
  };
  const runs: AgentWorkDeps['runs'] = {
    start(_workspaceId, request) {
      started.push(request);
      return Promise.resolve({ id: newId<'run'>() } as Partial<Run> as Run);
    },
  };
  const personas = createPersonaService({ database, clock });
  const routes = [
    ...createAgentRoutes({
      agents: createAgentService(deps),
      history: createAgentHistory(deps),
      work: createAgentWork({ ...deps, runs }),
    }),
    ...createPatternRoutes({ patterns: createPatternService({ database, clock }) }),
    ...createPersonaRoutes({ personas }),
  ];
  return {
    test,
    events,
    usage,
    started,
    call: (operationId, call = {}) =>
      callRoute(routes, operationId, { workspaceId: test.workspaceId, ...call }) as Promise<
        Reply<never>
      >,
    close: () => test.close(),
  };
}

function callRoute(
  routes: BoundRoute[],
  operationId: string,
  call: TestCall & { workspaceId: WorkspaceId },
): Promise<Reply<unknown>> {
  const bound = routes.find((route) => route.spec.operationId === operationId);
  if (bound === undefined) throw new Error(`no route ${operationId}`);
  const { spec } = bound;
  const principal: Principal = {
    kind: 'user',
    ...(call.as ?? { id: 'u1', name: 'Ada', role: 'owner' }),
    permissions: new Set(),
  };
  return bound.handle({
    params: spec.params?.parse(call.params ?? {}) as undefined,
    query: spec.query?.parse(call.query ?? {}) as undefined,
    body: spec.body?.parse(call.body ?? {}) as undefined,
    principal,
    rawBody: undefined,
    workspaceId: call.workspaceId,
    sessionId: undefined,
    requestId: 'r1',
    signal: new AbortController().signal,
    headers: call.headers ?? {},
    remoteAddress: '127.0.0.1',
  });
}
