import type { Candidate } from '../candidate.ts';
import type { History } from '../history.ts';
import { RUNS_NEEDED } from '../intervals.ts';
import { removalCandidates, schemaCandidates, variantCandidates } from './contents.ts';
import type { FieldGaps } from './contents.ts';
import { retryCandidates, timeoutCandidates } from './limits.ts';
import { parallelismCandidates } from './parallelism.ts';

/** Everything that the runs speak for, surest first; nothing with too few runs. */
export function candidatesOf(
  history: History,
  given: { gaps: FieldGaps; onlyReads: (tool: string) => boolean },
): Candidate[] {
  if (history.runs.length < RUNS_NEEDED) return [];
  return [
    ...retryCandidates(history),
    ...timeoutCandidates(history),
    ...variantCandidates(history),
    ...schemaCandidates(history, given.gaps),
    ...parallelismCandidates(history),
    ...removalCandidates(history, given.onlyReads),
  ];
}
