import type { RecipeRun, StepSite } from './recipe-run.ts';
import { instanceId } from './frame.ts';
import type { DraftStep } from '../definition/draft-step.ts';
import { repeats } from './repeats.ts';
import { emitSkipped } from './step-events.ts';

/** Tells that a step, and what stands inside it, is not done. */
export function skipStep(site: StepSite, reason: string): void {
  const { run, draft, frame } = site;
  emitSkipped(site, reason);
  skipInside(run, { draft, path: frame.path, reason });
}

/**
 * Tells of the steps inside a container that are not done. Inside maps and loops nothing was announced, so there is
 * nothing to take back.
 */
export function skipInside(
  run: RecipeRun,
  { draft, path, reason }: { draft: DraftStep; path: readonly number[]; reason: string },
  children = run.graph.children(draft.stepId),
): void {
  if (path.length > 0 || repeats(draft)) return;
  for (const child of children) {
    emitSkipped({ run, id: instanceId(child.stepId, path) }, reason);
    skipInside(run, { draft: child, path, reason });
  }
}
