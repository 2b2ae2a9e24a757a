import { agents, lookUpAgents } from '@automatos/agents';
import type { Tx } from '@automatos/database';
import type { ToolRegistry } from '@automatos/tools';
import type { NamedRefs, WorkspaceFacts } from '../validation/workspace-facts.ts';

/** Suggestions look at no more agents than this. */
const AGENT_NAMES_MAX = 500;

/** Reads what validation must know: the agents that the recipe names, and the tools there are. */
export async function gatherFacts(
  tx: Tx,
  registry: Pick<ToolRegistry, 'list' | 'get' | 'describe' | 'forGrants'>,
  refs: NamedRefs,
): Promise<WorkspaceFacts> {
  const found = await lookUpAgents(tx, refs.agents);
  const named = await tx.select({ slug: agents.slug }).from(agents).limit(AGENT_NAMES_MAX);
  return {
    agent(ref) {
      const agent = found.get(ref);
      if (agent === undefined) return null;
      const tools = registry.forGrants(agent.tools).map((tool) => tool.name);
      return { slug: agent.slug, status: agent.status, tools };
    },
    agentNames: named.map(({ slug }) => slug),
    tool: (name) => (registry.get(name) === undefined ? null : registry.describe(name)),
    toolNames: registry.list().map((tool) => tool.name),
    recipe: () => null,
    recipeNames: [],
  };
}
