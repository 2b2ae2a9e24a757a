import type { Decision, Disagreement } from '@automatos/agents';
import type { Usage } from '@automatos/contracts';
import { cutText } from '@automatos/kernel';
import { executeCoordinated } from '../execution/coordinated.ts';
import { executeDirectly } from '../execution/direct.ts';
import { notDone } from '../execution/do-unit.ts';
import { taskError } from '../task-error.ts';
import { keepUnits } from './learning-stage.ts';
import { decideRefinement, tellRefinement } from './refinement.ts';
import type { Refinement } from './refinement.ts';
import { usageBetween } from './usage-between.ts';
import { asJson } from './stage.ts';
import type { StageEnd, StageSite } from './stage.ts';
import type { Selection } from './selection-stage.ts';
import type { SplitTask } from './decomposition-stage.ts';
import type { PreparedUnit, UnitResult } from './task-run.ts';

export interface ExecutionStageInput extends SplitTask, Selection {
  prepared: readonly PreparedUnit[];
  unitIds: readonly string[];
  /** Results of the attempts before. */
  before: readonly UnitResult[];
  /** What the task used before this attempt, and now. */
  spent(): { before: Usage; now: Usage };
}

export interface Execution {
  /** The newest result of every unit, in the order of the units. */
  results: UnitResult[];
  decisions: Decision[];
  disagreements: Disagreement[];
  /** When nothing was done, but others suit what failed: what the next attempt does. Else null. */
  again: Refinement | null;
}

/**
 * Lets the agents work: by the task's pattern, else side by side and one after the other as the units depend on each other.
 * When nothing was done it goes to others who suit, as often as refinements are asked for; then it throws
 * `tasks.agents.all_failed`. What failed is kept as history then too.
 */
export async function executionStage(
  site: StageSite,
  input: ExecutionStageInput,
): Promise<StageEnd<Execution>> {
  const { pattern } = site.run.plan;
  const done =
    pattern === null
      ? { results: await direct(site, input), decisions: [], disagreements: [], agreement: null }
      : await coordinated(site, input, pattern);
  const results = input.split.units.flatMap(
    ({ id }) =>
      done.results.find(({ unitId }) => unitId === id) ??
      input.before.find(({ unitId }) => unitId === id) ??
      [],
  );
  const completed = results.filter(({ status }) => status === 'completed');
  const again = completed.length > 0 ? null : await whenNothingWasDone(site, input, results);
  const { decisions, disagreements, agreement } = done;
  return {
    value: { results, decisions, disagreements, again },
    output: {
      pattern: pattern?.slug ?? null,
      units: asJson(results.map(summaryOf)),
      decisions: asJson(decisions),
      disagreements: asJson(disagreements),
      agreement,
    },
    preview: results
      .map(({ unitId, status, findingsTotal }) => `${unitId}: ${status}, ${findingsTotal} findings`)
      .join('; '),
  };
}

async function whenNothingWasDone(
  site: StageSite,
  input: ExecutionStageInput,
  results: readonly UnitResult[],
): Promise<Refinement> {
  const { task } = site.run.plan;
  await keepUnits(
    site,
    results.filter(({ attempt }) => attempt === site.attempt),
  );
  const { before, now } = input.spent();
  const refinement = decideRefinement({
    report: { score: null },
    problems: [],
    threshold: task.quality_threshold,
    attempt: site.attempt,
    maxRefinements: task.max_refinements,
    results,
    assignments: input.assignments,
    budget: task.budget,
    spent: now,
    lastAttempt: usageBetween(before, now),
  });
  if (!refinement.again) throw allFailed(results);
  tellRefinement(site, refinement);
  return refinement;
}

function direct(site: StageSite, input: ExecutionStageInput): Promise<UnitResult[]> {
  const assignmentOf = (id: string) => input.assignments.find(({ unit_id: unit }) => unit === id);
  return executeDirectly(site, {
    units: unitsOf(input),
    kept: new Map(input.before.map((result) => [result.unitId, result])),
    workOf(unit) {
      const slug = assignmentOf(unit.id)?.agent;
      const member = input.team.find(({ agent }) => agent.slug === slug);
      const prepared = input.prepared.find(({ unitId }) => unitId === unit.id);
      return member === undefined || prepared === undefined ? null : { member, prepared };
    },
    whyNobody: ({ id }) => assignmentOf(id)?.reason ?? 'nobody was chosen',
  });
}

async function coordinated(
  site: StageSite,
  input: ExecutionStageInput,
  pattern: Parameters<typeof executeCoordinated>[1]['pattern'],
) {
  const units = unitsOf(input);
  const assigned = units.filter(({ id }) =>
    input.assignments.some(({ unit_id: unit, agent }) => unit === id && agent !== null),
  );
  const { prepared, team } = input;
  const done = await executeCoordinated(site, { pattern, prepared, team, units: assigned });
  const left = units
    .filter((unit) => !assigned.includes(unit))
    .map((unit) =>
      notDone(unit, {
        attempt: site.attempt,
        status: 'failed',
        error: {
          code: 'tasks.agents.none_suitable',
          kind: 'invalid-input',
          message: `No agent of the team suits "${unit.title}".`,
        },
      }),
    );
  return { ...done, results: [...done.results, ...left] };
}

function unitsOf({ split, unitIds }: ExecutionStageInput) {
  return split.units.filter(({ id }) => unitIds.includes(id));
}

/** A unit as results and stages show it; what it brought in full stands in its own step. */
export function summaryOf(result: UnitResult) {
  return {
    unit_id: result.unitId,
    title: result.title,
    need: result.need,
    agent: result.agent,
    status: result.status,
    attempt: result.attempt,
    findings_total: result.findingsTotal,
    confidence: Math.round(result.confidence * 1_000) / 1_000,
    duration_ms: Math.round(result.durationMs),
    cost_micros: result.usage.cost_micros,
    tokens: result.usage.input_tokens + result.usage.output_tokens,
    error: result.error,
  };
}

function allFailed(results: readonly UnitResult[]) {
  const reasons = results
    .filter(({ status }) => status === 'failed')
    .map(({ title, error }) => `"${title}": ${error?.message ?? 'no reason given'}`);
  return taskError('tasks.agents.all_failed', {
    kind: 'upstream-failed',
    retryable: results.some(({ error }) => error?.retryable === true),
    message: cutText(`No part of the task was done. ${reasons.join(' ')}`, 2_000),
    details: {
      partial: { units: results.map(summaryOf) },
      outputs: { status: 'failed', units: results.map(summaryOf) },
    },
  });
}
