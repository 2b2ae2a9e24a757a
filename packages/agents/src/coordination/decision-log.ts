import type { PatternKind } from '@automatos/contracts';
import type { RunContext } from '@automatos/runs';
import type { CoordinationRequest, Decision } from './coordination-types.ts';

/** Longest list of candidates that an event carries; the result has all of them. */
const EVENT_CANDIDATES_MAX = 20;

export interface DecisionLog {
  /**
   * Keeps a decision and tells it. `place` says where it stands among the others, whatever is done side by side; it must be
   * unique within the work and the same on a replay.
   */
  decide(place: readonly (string | number)[], decision: Decision): void;
  /** All of them, by place. */
  all(): Decision[];
}

export function createDecisionLog(
  context: Pick<RunContext, 'emit'>,
  request: Pick<CoordinationRequest, 'stepId' | 'attempt'>,
  pattern: PatternKind,
): DecisionLog {
  const kept: { place: readonly (string | number)[]; decision: Decision }[] = [];
  return {
    decide(place, decision) {
      kept.push({ place, decision });
      context.emit({
        type: 'decision.made',
        key: `decision:${request.stepId}/${request.attempt}/${place.join('/')}`,
        stepId: request.stepId,
        data: {
          ...decision,
          pattern,
          candidates: decision.candidates.slice(0, EVENT_CANDIDATES_MAX),
        },
      });
    },
    all: () =>
      kept.toSorted((a, b) => comparePlaces(a.place, b.place)).map(({ decision }) => decision),
  };
}

function comparePlaces(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (const [index, part] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (part === other) continue;
    if (typeof part === 'number' && typeof other === 'number') return part - other;
    return String(part) < String(other) ? -1 : 1;
  }
  return a.length - b.length;
}
