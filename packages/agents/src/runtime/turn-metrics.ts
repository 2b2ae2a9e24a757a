import { isPlatformError } from '@automatos/kernel';
import type { Agent } from '@automatos/contracts';
import type { Metrics } from '@automatos/kernel';
import { agentLabels } from './agent-labels.ts';
import type { TurnLimit } from './runtime-types.ts';

/** Turns that the success rate looks back on. */
const WINDOW = 100;

export interface TurnEnd {
  status: 'success' | 'error' | 'limit_reached' | 'cancelled';
  limit?: TurnLimit;
  elapsedMs: number;
}

/** Counts ended turns; the success rate is that of this process and leaves cancelled turns out. */
export function createTurnMetrics(metrics: Metrics): (agent: Agent, end: TurnEnd) => void {
  const recent = new Map<string, boolean[]>();
  return (agent, end) => {
    const labels = agentLabels(agent);
    const { agent_id } = labels;
    metrics.count('amas_agent_executions_total', { ...labels, status: end.status });
    metrics.observe('amas_agent_duration_seconds', { agent_id }, end.elapsedMs / 1000);
    if (end.limit !== undefined)
      metrics.count('amas_agent_limit_reached_total', { agent_id, limit: end.limit });
    if (end.status === 'cancelled') return;
    const window = [...(recent.get(agent_id) ?? []), end.status === 'success'].slice(-WINDOW);
    recent.set(agent_id, window);
    metrics.set(
      'amas_agent_success_rate',
      { agent_id },
      window.filter(Boolean).length / window.length,
    );
  };
}

export function endOfError(error: unknown, cancelled: boolean): 'error' | 'cancelled' {
  return cancelled || (isPlatformError(error) && error.kind === 'cancelled')
    ? 'cancelled'
    : 'error';
}
