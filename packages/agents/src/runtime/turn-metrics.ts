import type { Agent } from '@automatos/contracts';
import { isPlatformError } from '@automatos/kernel';
import type { Metrics } from '@automatos/kernel';
import { agentLabels } from './agent-labels.ts';
import type { TurnLimit } from './runtime-types.ts';

export interface TurnEnd {
  status: 'success' | 'error' | 'limit_reached' | 'cancelled';
  limit?: TurnLimit;
  /** Working time in ms. */
  elapsedMs: number;
}

/** Counts one ended turn. */
export function countTurn(metrics: Metrics, agent: Agent, end: TurnEnd): void {
  const labels = agentLabels(agent);
  const { agent_id } = labels;
  metrics.count('amas_agent_executions_total', { ...labels, status: end.status });
  metrics.observe('amas_agent_duration_seconds', { agent_id }, end.elapsedMs / 1000);
  if (end.limit === undefined) return;
  metrics.count('amas_agent_limit_reached_total', { agent_id, limit: end.limit });
}

/** How a turn that threw is counted. */
export function endOfError(error: unknown, cancelled: boolean): 'error' | 'cancelled' {
  const stopped = cancelled || (isPlatformError(error) && error.kind === 'cancelled');
  return stopped ? 'cancelled' : 'error';
}
