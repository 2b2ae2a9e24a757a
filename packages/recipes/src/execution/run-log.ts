import { NO_USAGE, addUsage } from '@automatos/contracts';
import type { Usage } from '@automatos/contracts';
import type { JsonValue } from '@automatos/kernel';
import type { StepOperation, ToolOperation } from '../quality/types.ts';

/** Results kept for the score of the run; one of thousands of steps is judged by the last of them. */
const RESULTS_MAX = 500;

/** What a step without steps inside left. */
export interface LeftResult {
  /** For people: its name or title. */
  name: string;
  type: string;
  tool: string | null;
  value: JsonValue;
}

/** What happened in a run, as its quality is measured by it. Built again by a replay. */
export interface RunLog {
  stepEnded(step: StepOperation, usage: Usage): void;
  toolCalled(call: ToolOperation): void;
  resultLeft(result: LeftResult): void;
  readonly steps: readonly StepOperation[];
  readonly toolCalls: readonly ToolOperation[];
  readonly results: readonly LeftResult[];
  readonly usage: Usage;
}

export function createRunLog(): RunLog {
  const steps: StepOperation[] = [];
  const toolCalls: ToolOperation[] = [];
  const results: LeftResult[] = [];
  let total: Usage = NO_USAGE;
  return {
    stepEnded(step, usage) {
      steps.push(step);
      total = addUsage(total, usage);
    },
    toolCalled: (call) => void toolCalls.push(call),
    resultLeft(result) {
      results.push(result);
      if (results.length > RESULTS_MAX) results.shift();
    },
    steps,
    toolCalls,
    results,
    get usage() {
      return total;
    },
  };
}
