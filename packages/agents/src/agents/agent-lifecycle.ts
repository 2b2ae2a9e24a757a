import type { Agent } from '@automatos/contracts';
import { agentError } from '../agent-error.ts';

export type AgentStatus = Agent['status'];
/** Statuses that a person may ask for; the others follow from work. */
export type WantedStatus = 'active' | 'paused' | 'retired';

/** draft → active ⇄ paused → retired. What a working or failed agent may be set to is that of an active one, plus a restart. */
const MOVES: Record<AgentStatus, readonly WantedStatus[]> = {
  draft: ['active'],
  active: ['paused'],
  busy: ['paused'],
  paused: ['active', 'retired'],
  error: ['active', 'paused'],
  retired: [],
};

export function movesFrom(status: AgentStatus): readonly WantedStatus[] {
  return MOVES[status];
}

/** Throws `agents.agent.status_not_allowed`, naming the moves there are. */
export function assertMove(agent: Pick<Agent, 'slug' | 'status'>, to: WantedStatus): void {
  const moves = movesFrom(agent.status);
  if (moves.includes(to)) return;
  const way =
    moves.length === 0
      ? 'It cannot be moved any more; clone it instead.'
      : `From there it can become ${moves.join(' or ')}.`;
  throw agentError('agents.agent.status_not_allowed', {
    kind: 'conflict',
    message: `Agent "${agent.slug}" is ${agent.status} and cannot become ${to}. ${way}`,
    details: { status: agent.status, allowed: [...moves] },
  });
}
