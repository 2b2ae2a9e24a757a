import { agents, lookUpAgents, SHARED } from '@automatos/agents';
import type { Tx } from '@automatos/database';
import type { ToolRegistry } from '@automatos/tools';
import { checkScheduleSpec } from '../schedules/due-times.ts';
import type { NamedRefs, WorkspaceFacts } from '../validation/workspace-facts.ts';
import { readRecipeFacts } from './recipe-facts.ts';
import type { BesideRecipes } from './recipe-facts.ts';
import { listSlugs } from './recipe-store.ts';

/** Suggestions look at no more agents than this. */
const AGENT_NAMES_MAX = 500;

/** Reads what validation must know: the agents and recipes that the recipe names, and the tools there are. */
export async function gatherFacts(
  tx: Tx,
  registry: Pick<ToolRegistry, 'list' | 'get' | 'describe' | 'forGrants'>,
  named: NamedRefs & { beside?: BesideRecipes },
): Promise<WorkspaceFacts> {
  const found = await lookUpAgents(tx, named.agents);
  const names = await tx
    .select({ slug: agents.slug })
    .from(agents)
    .where(SHARED)
    .limit(AGENT_NAMES_MAX);
  return {
    agent(ref) {
      const agent = found.get(ref);
      if (agent === undefined) return null;
      const tools = registry.forGrants(agent.tools).map((tool) => tool.name);
      return { slug: agent.slug, status: agent.status, tools };
    },
    agentNames: names.map(({ slug }) => slug),
    tool: (name) => (registry.get(name) === undefined ? null : registry.describe(name)),
    toolNames: registry.list().map((tool) => tool.name),
    recipe: await readRecipeFacts(tx, named.recipes, named.beside),
    recipeNames: named.recipes.length === 0 ? [] : await recipeNames(tx, named.beside),
    checkSchedule: checkScheduleSpec,
  };
}

async function recipeNames(tx: Tx, beside: BesideRecipes = new Map()): Promise<string[]> {
  return [...new Set([...(await listSlugs(tx)), ...beside.keys()])];
}
