import type { DraftStep } from '../../definition/draft-step.ts';
import { siteOf } from '../frame.ts';
import type { Frame, RecipeRun } from '../recipe-run.ts';
import { skipStep } from '../skip.ts';
import { nameStep, runSequence, settle } from './sequence.ts';

/**
 * Runs all steps in the order of the graph. Throws the error of the step that ended the run.
 *
 * Steps that may run side by side each have their own lane, numbered by their place in the document, so that a replay
 * finds their calls whatever the order they end in. A sequence runs on the run's own line.
 */
export async function runTopLevel(run: RecipeRun, frame: Frame): Promise<void> {
  if (run.graph.mode === 'sequence') await runSequence(run, run.graph.top, frame);
  else await runGraph(run, frame);
  const { failure } = frame.scope;
  if (failure !== null) throw nameStep(run, failure);
}

async function runGraph(run: RecipeRun, frame: Frame): Promise<void> {
  const ends = new Map<string, Promise<void>>();
  const byId = new Map(run.graph.top.map((step) => [step.stepId, step]));
  const endOf = (step: DraftStep): Promise<void> => {
    const under = ends.get(step.stepId);
    if (under !== undefined) return under;
    const before = run.graph.dependencies(step.stepId).flatMap((id) => {
      const found = byId.get(id);
      return found === undefined ? [] : [endOf(found)];
    });
    const end = Promise.all(before).then(() =>
      settle(frame.scope, step.stepId, () => runNode(run, step, frame)),
    );
    ends.set(step.stepId, end);
    return end;
  };
  await Promise.all(run.graph.top.map(endOf));
}

async function runNode(run: RecipeRun, step: DraftStep, frame: Frame): Promise<void> {
  const gone = run.graph.dependencies(step.stepId).find((id) => run.gone.has(id));
  if (gone !== undefined && frame.scope.failure === null) {
    run.gone.add(step.stepId);
    const reason = `It depends on "${gone}", which left no result.`;
    return skipStep(siteOf(run, step, frame), reason);
  }
  await run.context.lane(step.index, (context) => run.walk.step(run, step, { ...frame, context }));
}
