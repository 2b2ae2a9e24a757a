import type { DraftStep } from '../definition/parse-recipe.ts';
import type { StepGraph } from './step-graph.ts';

/**
 * Whether `step` may have left no result when `reader` (null = the outputs of the recipe) is rendered: it may fail under
 * `skip`, or be skipped itself. A step that names a failed one in `depends_on` is skipped with it, so it never reads the
 * gap.
 */
export function isSkippable(
  { steps, graph }: { steps: readonly DraftStep[]; graph: StepGraph },
  step: DraftStep,
  reader: DraftStep | null,
): boolean {
  const group = steps.find((candidate) => candidate.stepId === step.parent);
  if (group !== undefined) {
    if (step.step?.on_error === 'skip') return true;
    // The group is replaced as a whole; what its steps left by then is not all there.
    if (group.step?.on_error === 'continue_with') return true;
  }
  const first = group ?? step;
  if (reader !== null && graph.mode === 'graph') return false;
  if (first.step?.on_error === 'skip') return true;
  if (graph.mode === 'sequence') return false;
  return [...graph.ancestors(first.stepId)].some((id) => {
    const before = steps.find((candidate) => candidate.stepId === id);
    return before?.parent === null && before.step?.on_error === 'skip';
  });
}
