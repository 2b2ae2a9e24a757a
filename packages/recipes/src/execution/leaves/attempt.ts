import type { JsonObject, JsonValue } from '@automatos/kernel';
import { PlatformError } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import type { StepResult } from '../../references/render.ts';
import type { UsageTally } from '../budget/usage-tally.ts';
import type { RecipeRun, StepSite } from '../recipe-run.ts';
import type { Progress } from '../step-end.ts';

/** Where one attempt of a step runs. */
export interface AttemptSite extends StepSite {
  /** Guarded: its calls end with the step. */
  context: RunContext;
  attempt: number;
  /** What was wrong with the last answer, for the prompt of a repair. */
  defects: readonly string[];
  tally: UsageTally;
  progress: Progress;
}

/** What an attempt gave, and what its quality is measured against. */
export interface AttemptResult extends StepResult {
  /** Shown in evidence. */
  name: string;
  /** What was asked for. */
  request: string;
  inputs: JsonObject;
}

export function assertOutput(
  run: RecipeRun,
  stepId: string,
  output: { schema: JsonObject; value: JsonValue; retryable: boolean },
): void {
  const errors = run.schemas.compile(output.schema)(output.value);
  const first = errors[0];
  if (first === undefined) return;
  throw new PlatformError({
    code: 'recipes.step.output_invalid',
    kind: 'upstream-failed',
    message: `The output of step "${stepId}" does not fit its output_schema: ${first.pointer} ${first.message}.`,
    errors,
    // A model may do better the next time, a tool gives the same again.
    retryable: output.retryable,
  });
}
