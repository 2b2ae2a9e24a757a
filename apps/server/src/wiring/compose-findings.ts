import type { AgentService } from '@automatos/agents';
import type { ConfigurationFinding } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { createConfigurationCheck, readBudgetFacts } from '@automatos/providers';
import type { AgentFact } from '@automatos/providers';
import { countLivingWorkers } from '@automatos/runs';
import type { Config } from '../config.ts';
import type { Work } from './compose-work.ts';
import { namedDefault } from './default-model.ts';

const PAGE = 100;

export type Findings = (workspaceId: WorkspaceId) => Promise<ConfigurationFinding[]>;

/** Joins what findings on the effective configuration are made of. */
export function composeFindings(deps: {
  config: Config;
  clock: Clock;
  database: Pick<Database, 'workspace' | 'system'>;
  work: Pick<Work, 'providers' | 'prices'>;
  agents: Pick<AgentService, 'list'>;
}): Findings {
  const { config, work } = deps;
  return createConfigurationCheck({
    providers: work.providers,
    prices: work.prices,
    namedDefault: namedDefault(config),
    agents: (workspaceId) => readAgents(deps.agents, workspaceId),
    budgets: (workspaceId) => readBudgetFacts(deps.database, workspaceId),
    processes: () => countLivingWorkers(deps.database),
    hasRedis: config.redisUrl !== undefined,
    clock: deps.clock,
  });
}

async function readAgents(
  agents: Pick<AgentService, 'list'>,
  workspaceId: WorkspaceId,
): Promise<AgentFact[]> {
  const facts: AgentFact[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await agents.list(
      { workspaceId, by: 'system', viewer: null },
      { limit: PAGE, ...(cursor ? { cursor } : {}) },
    );
    for (const { slug, model } of page.items) {
      const { provider, model: id } = model;
      facts.push({
        slug,
        model: provider === null || id === null ? null : { provider, model: id },
        fallbacks: model.fallbacks ?? [],
      });
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
  return facts;
}
