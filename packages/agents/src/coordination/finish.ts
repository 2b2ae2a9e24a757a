import type { CoordinationResult, Disagreement, UnitOutcome } from './coordination-types.ts';
import type { Coordination } from './coordination.ts';
import { agentError } from '../agent-error.ts';
import { usageOf } from './work/merge.ts';

/**
 * The result of a pattern, its units in the order of the request. Throws `agents.coordination.nothing_done` when no unit could
 * be done: nothing done is no success with gaps.
 */
export function finishCoordination(
  { request, log }: Coordination,
  end: {
    outcomes: readonly UnitOutcome[];
    agreement: number | null;
    disagreements: Disagreement[];
  },
): CoordinationResult {
  const outcomes = request.units.map(
    ({ id }) => end.outcomes.find(({ unitId }) => unitId === id) as UnitOutcome,
  );
  if (outcomes.every(({ status }) => status !== 'completed')) {
    const told = outcomes
      .filter(({ status }) => status === 'failed')
      .map(({ unitId, error }) => `${unitId}: ${error?.message ?? 'failed'}`);
    throw agentError('agents.coordination.nothing_done', {
      kind: 'upstream-failed',
      retryable: outcomes.some(({ error }) => error?.retryable === true),
      message: `No unit of the work was done. ${told.slice(0, 5).join(' ')}`.slice(0, 2_000),
      details: { units: outcomes.map(({ unitId, agent, error }) => ({ unitId, agent, error })) },
    });
  }
  return {
    units: outcomes,
    decisions: log.all(),
    agreement: end.agreement,
    disagreements: end.disagreements,
    usage: usageOf(outcomes),
  };
}
