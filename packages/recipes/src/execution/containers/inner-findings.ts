import type { Finding } from '@automatos/contracts';
import type { DraftStep } from '../../definition/draft-step.ts';
import type { Frame, RecipeRun } from '../recipe-run.ts';

/** Findings of the steps inside a map or loop that one round left, in the order written. */
export function findingsInside(run: RecipeRun, draft: DraftStep, frame: Frame): Finding[] {
  return run.graph
    .descendants(draft.stepId)
    .flatMap(({ stepId }) => frame.findings.get(stepId) ?? []);
}
