import type { ToolSpec } from '@automatos/providers';
import type { ToolGrant } from '@automatos/tools';
import { agentError } from '../agent-error.ts';
import type { AgentRuntimeDeps, TurnRequest } from './runtime-types.ts';

/** Throws `agents.agent.not_active` for an agent that takes no work. */
export function assertCanWork({ agent }: Pick<TurnRequest, 'agent'>): void {
  if (agent.status === 'active' || agent.status === 'busy') return;
  throw agentError('agents.agent.not_active', {
    kind: 'conflict',
    message: `Agent "${agent.slug}" is ${agent.status} and takes no work. Activate it on its page, or name another agent.`,
  });
}

/**
 * The tools a turn offers: those of the agent, narrowed to what the request names. The grants are narrowed too, so that the
 * executor refuses what was not offered. Throws `agents.tool.not_granted` for a name that the agent does not have.
 */
export function offeredTools(
  registry: AgentRuntimeDeps['registry'],
  request: TurnRequest,
): { specs: ToolSpec[]; grants: ToolGrant[] } {
  const all: ToolGrant[] = request.agent.tools.map(({ tool, level }) => ({ tool, level }));
  const wanted = request.toolNames;
  const available = registry.forGrants(all).map((tool) => tool.name);
  const missing = (wanted ?? []).filter((name) => !available.includes(name));
  if (missing.length > 0) {
    throw agentError('agents.tool.not_granted', {
      kind: 'invalid-input',
      message: `Step "${request.stepId}" wants ${missing.map((name) => `"${name}"`).join(', ')}, which agent "${request.agent.slug}" does not have. Give the agent the tool, or take it out of the step's tools. The agent has: ${available.join(', ') || 'none'}.`,
    });
  }
  const names = available.filter((name) => wanted === undefined || wanted.includes(name));
  const specs = names.map((name) => {
    const { description, input_schema } = registry.describe(name);
    return { name, description, inputSchema: input_schema };
  });
  return { specs, grants: all.filter((grant) => names.includes(grant.tool)) };
}
