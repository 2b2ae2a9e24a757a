import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { StepOf } from '../../definition/step-kinds.ts';
import { renderValue } from '../../references/render.ts';
import { scopeAt } from '../frame.ts';
import { assertOutput } from './attempt.ts';
import type { AttemptResult, AttemptSite } from './attempt.ts';
import { useTool } from './tool.ts';

const RUN_CODE = 'run_code';

/**
 * Runs the program of the step by the tool that agents run code with, under the same limits. References are read in `input`
 * only: text of a stranger never becomes part of a program.
 */
export async function attemptCode(site: AttemptSite, step: StepOf<'code'>): Promise<AttemptResult> {
  const { run, id } = site;
  const { language, source } = step;
  const inputs = renderValue(step.input, scopeAt(site)) as JsonObject;
  const called = {
    tool: RUN_CODE,
    ...(step.timeout_ms === undefined ? {} : { timeout_ms: step.timeout_ms }),
  };
  const { outcome } = await useTool(site, called, { language, source, input: inputs });
  const { value: output, log } = outcome.output as { value: JsonValue; log: string };
  if (step.output_schema !== undefined) {
    assertOutput(run, id, { schema: step.output_schema, value: output, retryable: false });
  }
  const value: JsonObject = { output, log };
  return { value, main: output, name: step.name ?? id, request: source, inputs };
}
