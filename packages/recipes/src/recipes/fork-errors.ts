import type { Run } from '@automatos/contracts';
import { PlatformError } from '@automatos/kernel';
import { suggest } from '../definition/suggest.ts';

export function notARecipe(run: Run): PlatformError {
  return new PlatformError({
    code: 'recipes.fork.not_a_recipe',
    kind: 'conflict',
    message: `Run ${run.id} is of kind "${run.kind}"; only runs of recipes can be retried and forked.`,
  });
}

export function runActive(run: Run): PlatformError {
  return new PlatformError({
    code: 'recipes.fork.run_active',
    kind: 'conflict',
    message: `Run ${run.id} is ${run.status}. Wait for its end or cancel it, or fork it from a step.`,
  });
}

export function nothingLeft(run: Run): PlatformError {
  const reason =
    run.status === 'completed'
      ? 'is completed'
      : `${run.status === 'failed' ? 'failed' : 'was cancelled'} after its last step: ${run.error?.message ?? 'no step is left'}`;
  return new PlatformError({
    code: 'recipes.fork.nothing_left',
    kind: 'conflict',
    message: `Run ${run.id} ${reason}${/[.!?]$/.test(reason) ? '' : '.'} A retry would do nothing; fork it from the step whose result should change.`,
  });
}

export function planUnreadable(run: Run, cause: PlatformError): PlatformError {
  return new PlatformError({
    code: 'recipes.plan.unreadable',
    kind: 'conflict',
    message: `The plan of run ${run.id} was written by another version and cannot be carried out. Start the recipe again.`,
    cause,
  });
}

export function stepUnknown(
  stepId: string,
  { top, outer }: { top: readonly string[]; outer: string | null },
): PlatformError {
  const near = outer ?? suggest(stepId, top);
  const reason =
    outer === null
      ? `The recipe has no step "${stepId}".${near === null ? '' : ` Did you mean "${near}"?`}`
      : `The step "${stepId}" stands inside "${outer}"; fork from "${outer}".`;
  return new PlatformError({
    code: 'recipes.fork.step_unknown',
    kind: 'invalid-input',
    message: reason,
    errors: [
      {
        pointer: '/from_step',
        message: `must be one of ${top.slice(0, 20).join(', ')}`,
        ...(near === null ? {} : { suggestion: near }),
      },
    ],
  });
}

export function stepNotReached(stepId: string, missing: string): PlatformError {
  return new PlatformError({
    code: 'recipes.fork.step_not_reached',
    kind: 'conflict',
    message: `The step "${missing}" before "${stepId}" has no result yet. Fork from "${missing}" or an earlier step.`,
    errors: [{ pointer: '/from_step', message: `needs "${missing}"`, suggestion: missing }],
  });
}

export function stepsDiffer({
  fromStep,
  version,
  ran,
  wanted,
}: {
  fromStep: string;
  version: number;
  /** Id, type and container of the first step that differs. */
  ran: string | undefined;
  wanted: string | undefined;
}): PlatformError {
  const shown = (step: string | undefined) =>
    step === undefined ? 'no further step' : `"${step}"`;
  return new PlatformError({
    code: 'recipes.fork.steps_differ',
    kind: 'conflict',
    message: `The steps before "${fromStep}" are others in version ${version}: it has ${shown(wanted)} where the run has ${shown(ran)}. Fork from an earlier step, or with version "same".`,
    errors: [{ pointer: '/version', message: 'the steps before from_step must be the same' }],
  });
}

export function modelUnknown(cause: PlatformError): PlatformError {
  const [field] = cause.errors ?? [];
  return new PlatformError({
    code: 'recipes.fork.model_unknown',
    kind: 'invalid-input',
    message: cause.message,
    errors: [
      {
        pointer: `/model${field?.pointer ?? ''}`,
        message: field?.message ?? cause.message,
        ...(field?.suggestion === undefined ? {} : { suggestion: field.suggestion }),
      },
    ],
    cause,
  });
}
