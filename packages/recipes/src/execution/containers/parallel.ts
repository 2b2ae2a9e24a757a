import { NO_USAGE } from '@automatos/contracts';
import type { RunContext } from '@automatos/runs';
import type { DraftStep } from '../../definition/draft-step.ts';
import { instanceId } from '../frame.ts';
import type { StepSite } from '../recipe-run.ts';
import { resultsByKey } from '../reuse.ts';
import type { Progress, StepEnd } from '../step-end.ts';
import { emitStarted } from '../step-events.ts';
import { assertSound, containerScope, settle } from './sequence.ts';

/** Runs the steps of a group side by side; its result holds theirs by output key. */
export async function runParallel(site: StepSite, progress: Progress): Promise<StepEnd> {
  const { run, draft, frame, id } = site;
  progress.attempts = 1;
  await run.context.gate();
  emitStarted(site, 1);
  const scope = containerScope(site);
  const children = run.graph.children(draft.stepId);
  const inLane = await lanes(site, children);
  await Promise.all(
    children.map((child, index) =>
      settle(scope, instanceId(child.stepId, frame.path), () =>
        inLane(index, (context) =>
          run.walk.step(run, child, { ...frame, container: id, context, scope }),
        ),
      ),
    ),
  );
  assertSound(site, scope);
  return {
    kind: 'done',
    usage: NO_USAGE,
    // Kept under the names of the steps inside.
    findings: [],
    ...resultsByKey(children, frame.results),
  };
}

type InLane = <T>(index: number, body: (context: RunContext) => Promise<T>) => Promise<T>;

/** Groups of the first level use the lanes of their steps' places; deeper ones, of which there may be many, ask for lanes. */
async function lanes(
  { run, draft, frame, id }: StepSite,
  children: readonly DraftStep[],
): Promise<InLane> {
  if (draft.parent === null) {
    return (index, body) => run.context.lane(children[index]?.index ?? 0, body);
  }
  const forks = await frame.context.fork(`parallel:${id}`, children.length);
  return (index, body) => body(forks[index] as RunContext);
}
