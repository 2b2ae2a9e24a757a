import { agentError } from '../agent-error.ts';
import type { TurnRequest } from './runtime-types.ts';

/** Throws `agents.agent.not_active` for an agent that takes no work. */
export function assertCanWork({ agent }: Pick<TurnRequest, 'agent'>): void {
  if (agent.status === 'active' || agent.status === 'busy') return;
  throw agentError('agents.agent.not_active', {
    kind: 'conflict',
    message: `Agent "${agent.slug}" is ${agent.status} and takes no work. Activate it on its page, or name another agent.`,
  });
}
