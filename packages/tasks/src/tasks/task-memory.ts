import { agents, lookUpAgents, resolveAgent, SHARED } from '@automatos/agents';
import type { Database, Tx } from '@automatos/database';
import type { Clock } from '@automatos/kernel';
import { and, inArray } from 'drizzle-orm';
import { agentHistories, recordQuality, recordUnits } from '../history/history-store.ts';
import { NO_RECORD } from '../selection/candidate.ts';
import type { Candidate } from '../selection/candidate.ts';
import type { TaskMemory } from '../pipeline/task-run.ts';
import { storeOutcome } from './task-store.ts';

/** Agents that are looked at for one task. */
const CANDIDATES_MAX = 200;

/** What tasks read of the workspace and leave there, in its database. */
export function createTaskMemory({
  database,
  clock,
}: {
  database: Pick<Database, 'workspace' | 'workspaceReads'>;
  clock: Clock;
}): TaskMemory {
  return {
    candidates: (workspaceId, only) =>
      database.workspaceReads(workspaceId, (tx) => readCandidates(tx, only)),
    resolve: (workspaceId, slug) =>
      database.workspaceReads(workspaceId, (tx) => resolveAgent(tx, slug)),
    recordUnits: (workspaceId, rows) =>
      database.workspace(workspaceId, (tx) => recordUnits(tx, rows)),
    recordQuality: (workspaceId, of) =>
      database.workspace(workspaceId, (tx) => recordQuality(tx, of)),
    storeOutcome: (workspaceId, taskId, outcome) =>
      database.workspace(workspaceId, (tx) =>
        storeOutcome(tx, taskId, { outcome, at: new Date(clock.now()) }),
      ),
  };
}

async function readCandidates(tx: Tx, only: readonly string[] | undefined): Promise<Candidate[]> {
  const refs = only ?? (await activeSlugs(tx));
  const found = [...(await lookUpAgents(tx, refs)).values()];
  const working = found.filter(({ status }) => status === 'active' || status === 'busy');
  const histories = await agentHistories(tx);
  return [...new Map(working.map((agent) => [agent.slug, agent])).values()]
    .toSorted((a, b) => (a.slug < b.slug ? -1 : 1))
    .map((agent) => ({
      agent,
      history: histories.get(agent.slug) ?? { byNeed: {}, all: NO_RECORD },
    }));
}

async function activeSlugs(tx: Tx): Promise<string[]> {
  const rows = await tx
    .select({ slug: agents.slug })
    .from(agents)
    .where(and(inArray(agents.status, ['active', 'busy']), SHARED))
    .orderBy(agents.slug)
    .limit(CANDIDATES_MAX);
  return rows.map(({ slug }) => slug);
}
