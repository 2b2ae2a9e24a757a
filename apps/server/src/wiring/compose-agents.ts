import {
  createAgentHistory,
  createAgentRoutes,
  createAgentService,
  createAgentWork,
} from '@automatos/agents';
import type { AgentService, WritingDeps } from '@automatos/agents';
import type { BoundRoute } from '@automatos/contracts';
import { recipesUsingAgent } from '@automatos/recipes';
import { tasksUsingAgent } from '@automatos/tasks';
import type { BaseDeps } from './base-deps.ts';
import type { Work } from './compose-work.ts';

/** Joins the rooms of agents with what names agents elsewhere. */
export function composeAgents({
  database,
  clock,
  work,
}: Pick<BaseDeps, 'database' | 'clock'> & {
  work: Pick<Work, 'registry' | 'providers' | 'runs'>;
}): { agents: AgentService; routes: BoundRoute[] } {
  const { registry, providers, runs } = work;
  const deps: WritingDeps = {
    database,
    clock,
    registry,
    providers,
    agentUsage: async (tx, _workspaceId, agent) => ({
      recipes: await recipesUsingAgent(tx, agent),
      patterns: [],
      tasks: await tasksUsingAgent(tx, agent),
    }),
    emitWorkspaceEvent: (tx, workspaceId, event) =>
      runs.appendWorkspaceEvent(tx, workspaceId, { ...event, data: { ...event.data } }),
  };
  const agents = createAgentService(deps);
  const routes = createAgentRoutes({
    agents,
    history: createAgentHistory(deps),
    work: createAgentWork({ ...deps, runs }),
  });
  return { agents, routes };
}
