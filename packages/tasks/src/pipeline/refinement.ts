import type { Budget, QualityReport } from '@automatos/contracts';
import type { Usage } from '@automatos/contracts';
import { cutText } from '@automatos/kernel';
import type { Assignment } from '../selection/select-agents.ts';
import { FIT_MIN } from '../selection/select-agents.ts';
import type { StageSite } from './stage.ts';
import type { UnitResult } from './task-run.ts';

/** What results without a threshold of their own are held against. */
export const QUALITY_AIM = 0.6;

/** Whether a result goes back to the selection of agents, and what is to be different then. */
export interface Refinement {
  again: boolean;
  reason: string;
  /** Units to be done again. */
  unitIds: string[];
  /** Agents that did a unit and shall do it again only when nobody else suits. */
  avoid: Record<string, string[]>;
  /** What was wrong, for the agents. */
  defects: string[];
}

export interface RefinementInput {
  report: Pick<QualityReport, 'score'>;
  problems: readonly string[];
  threshold: number | undefined;
  attempt: number;
  maxRefinements: number;
  results: readonly UnitResult[];
  assignments: readonly Assignment[];
  budget: Budget | undefined;
  /** Of the whole task so far, and of this attempt alone. */
  spent: Usage;
  lastAttempt: Usage;
}

/**
 * Sends a result back when units failed that somebody else suits for, or when its quality is below the threshold; never more
 * often than asked for, never when what an attempt took is more than the budget has left, and never when nothing could differ.
 */
export function decideRefinement(input: RefinementInput): Refinement {
  const { report, results, attempt, maxRefinements } = input;
  const aim = input.threshold ?? QUALITY_AIM;
  const poor = report.score !== null && report.score < aim;
  const retriable = results.filter((result) => isRetriable(result, input.assignments));
  if (!poor && retriable.length === 0) return stop(settled(report.score, aim));
  const state = { poor, score: report.score, aim, failed: retriable };
  if (attempt > maxRefinements) {
    return stop(
      `${trouble(state)}, and ${maxRefinements === 0 ? 'no refinement was asked for' : `all ${maxRefinements} refinements were made`}.`,
    );
  }
  const short = budgetShort(input);
  if (short !== null) return stop(`${trouble(state)}, but ${short}.`);
  // Those left out because one failed come again with it.
  const failed = results.filter(({ status }) => status !== 'completed');
  const again = retriable.length > 0 ? failed : results;
  if (retriable.length === 0 && !canDiffer(results, input.assignments)) {
    return stop(
      `${trouble(state)}, but without a model and without other agents the same would come out again.`,
    );
  }
  return {
    again: true,
    reason: `${trouble(state)}; sent back to the selection of agents.`,
    unitIds: again.map(({ unitId }) => unitId),
    avoid: Object.fromEntries(
      again.flatMap(({ unitId, agent }) => (agent === null ? [] : [[unitId, [agent]]])),
    ),
    defects: poor ? [...input.problems] : [],
  };
}

const stop = (reason: string): Refinement => ({
  again: false,
  reason,
  unitIds: [],
  avoid: {},
  defects: [],
});

function settled(score: number | null, aim: number): string {
  return score === null
    ? 'The quality could not be measured, so there is nothing to improve on.'
    : `The quality of ${score.toFixed(2)} reaches ${aim}.`;
}

interface Trouble {
  poor: boolean;
  score: number | null;
  aim: number;
  /** Units that failed and may do better. */
  failed: readonly UnitResult[];
}

function trouble({ poor, score, aim, failed }: Trouble): string {
  const parts = [
    ...(poor ? [`the quality of ${(score ?? 0).toFixed(2)} is below ${aim}`] : []),
    ...(failed.length > 0
      ? [`${failed.map(({ title }) => `"${title}"`).join(', ')} failed and others suit it`]
      : []),
  ];
  const text = parts.join(', and ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Failed by its agent while another one suits, or by something that may pass. */
function isRetriable(result: UnitResult, assignments: readonly Assignment[]): boolean {
  if (result.status !== 'failed' || result.agent === null) return false;
  return othersFor(result, assignments).length > 0 || result.error?.retryable === true;
}

function othersFor({ unitId, agent }: UnitResult, assignments: readonly Assignment[]) {
  const candidates = assignments.find(({ unit_id: id }) => id === unitId)?.candidates ?? [];
  return candidates.filter(({ name, score }) => name !== agent && score >= FIT_MIN / 2);
}

/** Tells what was decided. */
export function tellRefinement(
  { context, stage, attempt }: StageSite,
  { unitIds, reason }: Refinement,
): void {
  context.emit({
    type: 'decision.made',
    key: `decision:refinement:${attempt}`,
    stepId: stage,
    data: {
      decision: 'refinement',
      subject: `attempt ${attempt}`,
      chosen: unitIds,
      reason: cutText(reason, 1_000),
    },
  });
}

/** Offline agents give the same answer to the same question; a model does not. */
function canDiffer(results: readonly UnitResult[], assignments: readonly Assignment[]): boolean {
  return results.some(
    (result) =>
      result.status === 'completed' &&
      (!result.offline || othersFor(result, assignments).length > 0),
  );
}

/** Why another attempt like the last one would not fit in the budget; null when it does. */
function budgetShort({ budget, spent, lastAttempt }: RefinementInput): string | null {
  if (budget === undefined) return null;
  const bounds: [number | undefined, number, number | null, string][] = [
    [
      budget.max_tokens,
      spent.input_tokens + spent.output_tokens,
      lastAttempt.input_tokens + lastAttempt.output_tokens,
      'tokens',
    ],
    [budget.max_cost_micros, spent.cost_micros ?? 0, lastAttempt.cost_micros, 'micro-dollars'],
    [budget.max_model_calls, spent.model_calls, lastAttempt.model_calls, 'model calls'],
    [budget.max_tool_calls, spent.tool_calls, lastAttempt.tool_calls, 'tool calls'],
  ];
  for (const [max, used, needed, unit] of bounds) {
    if (max === undefined || needed === null) continue;
    const left = max - used;
    if (needed > left)
      return `the budget leaves ${Math.max(0, left)} ${unit} of the ${needed} that an attempt took`;
  }
  return null;
}
