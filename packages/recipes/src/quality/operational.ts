import { OPERATIONAL_DIMENSIONS, OPERATIONAL_WEIGHT, roundScore } from './dimensions.ts';
import type { OperationalDimension } from './dimensions.ts';
import type { Dimension } from './report.ts';
import type { RunOperation, StepOperation } from './types.ts';

type Measured = Dimension['evidence'][number];

/** The run as a piece of operation; a dimension without anything to measure has no score. */
export function operationalDimensions(operation: RunOperation): Dimension[] {
  const evidence: Record<OperationalDimension, Measured[]> = {
    completeness: [stepsDone(operation)],
    accuracy: [validAnswers(operation), toolsWithoutError(operation)],
    efficiency: [
      stepTimes(operation),
      runTime(operation),
      repeatedCalls(operation),
      tokens(operation),
    ],
    reliability: [firstAttempts(operation), recoveries(operation)],
    cost: [money(operation), tokenBudget(operation)],
  };
  return OPERATIONAL_DIMENSIONS.map((name) => {
    const scores = evidence[name].flatMap(({ score }) => (score === null ? [] : [score]));
    const score =
      scores.length === 0
        ? null
        : roundScore(scores.reduce((product, value) => product * value, 1));
    return { name, score, weight: OPERATIONAL_WEIGHT, evidence: evidence[name] };
  });
}

function measured(check: string, score: number | null, detail: string): Measured {
  return { check, score: score === null ? null : roundScore(score), detail };
}

/** Steps that were to be done: those that a condition left out are not. */
function due(steps: readonly StepOperation[]): StepOperation[] {
  return steps.filter(({ status }) => status !== 'skipped');
}

function stepsDone({ steps }: RunOperation): Measured {
  const wanted = due(steps);
  if (wanted.length === 0) return measured('steps_done', null, 'No step was to be done.');
  const done = wanted.filter(({ status }) => status === 'completed').length;
  return measured(
    'steps_done',
    done / wanted.length,
    `${done} of ${wanted.length} steps completed.`,
  );
}

const INVALID = /(?:_invalid|_unreadable|_mismatch|limit_reached|below_threshold)$/;

function validAnswers({ steps }: RunOperation): Measured {
  const attempts = steps.reduce((sum, step) => sum + step.attempts, 0);
  if (attempts === 0) return measured('valid_results', null, 'No step was attempted.');
  const invalid = steps
    .flatMap(({ errors }) => errors)
    .filter(({ code }) => INVALID.test(code)).length;
  return measured(
    'valid_results',
    1 - Math.min(invalid, attempts) / attempts,
    `${invalid} of ${attempts} attempts gave a result that did not pass its checks.`,
  );
}

function toolsWithoutError({ toolCalls }: RunOperation): Measured {
  if (toolCalls.length === 0) return measured('tool_calls', null, 'No tool was called.');
  const failed = toolCalls.filter(({ ok }) => !ok).length;
  return measured(
    'tool_calls',
    1 - failed / toolCalls.length,
    `${failed} of ${toolCalls.length} tool calls failed.`,
  );
}

/** Half of a limit is time well used; from there on a step comes near to being cut off. */
function usedLimit(share: number): number {
  return Math.min(1, Math.max(0, (1 - share) * 2));
}

function stepTimes({ steps }: RunOperation): Measured {
  const shares = steps.flatMap(({ stepId, durationMs, timeoutMs, attempts }) =>
    durationMs === null || timeoutMs === null || attempts === 0
      ? []
      : [{ stepId, share: durationMs / (timeoutMs * attempts) }],
  );
  const worst = shares.toSorted((a, b) => b.share - a.share)[0];
  if (worst === undefined) return measured('step_times', null, 'No step has a time limit.');
  const mean = shares.reduce((sum, { share }) => sum + usedLimit(share), 0) / shares.length;
  return measured(
    'step_times',
    mean,
    `Step "${worst.stepId}" used the most of its time limit: ${Math.round(worst.share * 100)} %.`,
  );
}

function runTime({ durationMs, totalTimeoutMs }: RunOperation): Measured {
  const share = durationMs / totalTimeoutMs;
  const detail = `${durationMs} ms, ${Math.round(share * 100)} % of the time limit.`;
  return measured('run_time', usedLimit(share), detail);
}

function repeatedCalls({ toolCalls }: RunOperation): Measured {
  const succeeded = toolCalls.filter(({ ok }) => ok);
  if (succeeded.length === 0) return measured('repeated_calls', null, 'No tool call succeeded.');
  const distinct = new Set(succeeded.map(({ tool, inputHash }) => `${tool} ${inputHash}`)).size;
  const repeated = succeeded.length - distinct;
  return measured(
    'repeated_calls',
    distinct / succeeded.length,
    `${repeated} of ${succeeded.length} tool calls repeat one with the same input.`,
  );
}

/** Without something to compare with, tokens are told but not scored. */
function tokens({ usage, steps }: RunOperation): Measured {
  const done = steps.filter(({ status }) => status === 'completed').length;
  const total = usage.input_tokens + usage.output_tokens;
  const each = done === 0 ? '' : `, ${Math.round(total / done)} per completed step`;
  return measured('tokens', null, `${total} tokens${each}.`);
}

function firstAttempts({ steps }: RunOperation): Measured {
  const tried = steps.filter(({ attempts }) => attempts > 0);
  if (tried.length === 0) return measured('first_attempts', null, 'No step was attempted.');
  const attempts = tried.reduce((sum, step) => sum + step.attempts, 0);
  const done = tried.filter(({ status }) => status === 'completed').length;
  return measured(
    'first_attempts',
    done / attempts,
    `${tried.length} steps took ${attempts} attempts; ${tried.length - done} of them did not complete.`,
  );
}

/** The run went on after each crash, but time was lost. */
function recoveries({ recoveries: count }: RunOperation): Measured {
  const detail =
    count === 0
      ? 'No process was lost.'
      : `Taken up again ${count} times after a process was lost.`;
  return measured('recoveries', 0.9 ** count, detail);
}

function money({ usage, budget }: RunOperation): Measured {
  const limit = budget?.maxCostMicros ?? null;
  if (limit === null) return measured('cost', null, 'No budget in money.');
  if (usage.cost_micros === null) return measured('cost', null, 'The price of a call is unknown.');
  return againstBudget('cost', usage.cost_micros, { limit, unit: 'micros' });
}

function tokenBudget({ usage, budget }: RunOperation): Measured {
  const limit = budget?.maxTokens ?? null;
  if (limit === null) return measured('token_budget', null, 'No budget in tokens.');
  const used = usage.input_tokens + usage.output_tokens;
  return againstBudget('token_budget', used, { limit, unit: 'tokens' });
}

/** Up to 80 % of a budget is as planned, all of it a half, more nothing. */
function againstBudget(
  check: string,
  used: number,
  { limit, unit }: { limit: number; unit: string },
): Measured {
  const share = limit === 0 ? (used === 0 ? 0 : Infinity) : used / limit;
  const score = share > 1 ? 0 : share <= 0.8 ? 1 : 1 - (share - 0.8) * 2.5;
  return measured(check, score, `${used} of ${limit} ${unit}.`);
}
