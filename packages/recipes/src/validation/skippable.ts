import type { DraftStep } from '../definition/draft-step.ts';
import type { StepGraph } from './step-graph.ts';

/**
 * Why `step` may have left no result when `reader` (null = the outputs of the recipe) is rendered; null when it surely has
 * one. `between` are the containers around the step that are not around the reader, the innermost first.
 *
 * A step that its own `when` skips, or whose arm is not taken, has ended without a result: what comes after it runs. A step
 * of the first level that failed under `skip` takes along what names it in `depends_on`, which so never reads the gap.
 */
export function whyMissing(
  {
    draft: { steps },
    graph,
    reader,
  }: { draft: { steps: readonly DraftStep[] }; graph: StepGraph; reader: DraftStep | null },
  step: DraftStep,
  between: readonly DraftStep[],
): string | null {
  const chain = [step, ...between];
  for (const one of chain) {
    const outside = between.some(({ stepId }) => stepId === one.parent);
    const reason = ownReason(one, { isStep: one === step, outside });
    if (reason !== null) return reason;
    const carried = one.parent === null && graph.mode === 'graph' && reader !== null;
    if (one.step?.on_error === 'skip' && !carried) return `"${one.stepId}" may fail and be skipped`;
  }
  const first = chain.at(-1);
  if (first === undefined || reader !== null || graph.mode === 'sequence') return null;
  const cause = [...graph.ancestors(first.stepId)].find((id) => {
    const before = steps.find((candidate) => candidate.stepId === id);
    return before?.parent === null && before.step?.on_error === 'skip';
  });
  return cause === undefined ? null : `it is skipped when "${cause}" fails`;
}

/** `outside`: the reader does not stand in the same container. */
function ownReason(
  one: DraftStep,
  { isStep, outside }: { isStep: boolean; outside: boolean },
): string | null {
  if (one.step?.when !== undefined) return `"${one.stepId}" has a condition`;
  if (outside && one.container === 'branch')
    return `its arm of "${one.parent ?? ''}" need not be taken`;
  // A container is replaced as a whole; what its steps left by then is not all there.
  if (!isStep && one.step?.on_error === 'continue_with') {
    return `"${one.stepId}" may fail and be replaced`;
  }
  return null;
}
