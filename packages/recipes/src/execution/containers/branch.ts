import { NO_USAGE } from '@automatos/contracts';
import { armName, OTHERWISE } from '../../definition/step-kinds.ts';
import type { StepOf } from '../../definition/step-kinds.ts';
import { evaluateCondition } from '../../references/evaluate-condition.ts';
import { scopeAt } from '../frame.ts';
import type { StepSite } from '../recipe-run.ts';
import { resultsByKey } from '../reuse.ts';
import { skipInside } from '../skip.ts';
import type { Progress, StepEnd } from '../step-end.ts';
import { emitStarted } from '../step-events.ts';
import { assertSound, containerScope, runSequence } from './sequence.ts';

/** Runs the steps of the first arm whose condition is true; those of the others are skipped. */
export async function runBranch(
  site: StepSite,
  step: StepOf<'branch'>,
  progress: Progress,
): Promise<StepEnd> {
  const { run, draft, frame, id } = site;
  const taken = armOf(site, step);
  progress.attempts = 1;
  await run.context.gate();
  emitStarted(site, 1);
  const children = run.graph.children(draft.stepId);
  const chosen = children.filter((child) => child.arm === taken);
  const others = children.filter((child) => child.arm !== taken);
  const reason =
    taken === null ? 'No condition of the branch is true.' : `The branch took "${taken}".`;
  skipInside(run, { draft, path: frame.path, reason }, others);
  const scope = containerScope(site);
  await runSequence(run, chosen, { ...frame, container: id, scope });
  assertSound(site, scope);
  const { value, main } = resultsByKey(chosen, frame.results);
  return {
    kind: 'done',
    usage: NO_USAGE,
    findings: [],
    value: { ...value, taken },
    main: { ...main, taken },
  };
}

function armOf(site: StepSite, step: StepOf<'branch'>): string | null {
  const scope = scopeAt(site);
  const index = step.branches.findIndex((arm) => evaluateCondition(arm.when, scope));
  const arm = step.branches[index];
  if (arm !== undefined) return armName(arm, index);
  return step.otherwise === undefined ? null : OTHERWISE;
}
