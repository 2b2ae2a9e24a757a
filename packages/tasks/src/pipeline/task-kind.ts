import type { JsonObject } from '@automatos/kernel';
import {
  createLedger,
  createQualityScorer,
  createReplay,
  createSchemaCompiler,
  createUsageTally,
} from '@automatos/recipes';
import type { UsageTally } from '@automatos/recipes';
import type { RunContext, RunKind } from '@automatos/runs';
import { aggregationStage } from './aggregation-stage.ts';
import type { Aggregate } from './aggregation-stage.ts';
import { contextStage } from './context-stage.ts';
import { decompositionStage } from './decomposition-stage.ts';
import type { SplitTask } from './decomposition-stage.ts';
import { executionStage } from './execution-stage.ts';
import { learningStage } from './learning-stage.ts';
import { observedContext } from './observed-context.ts';
import { qualityStage } from './quality-stage.ts';
import type { Verdict } from './quality-stage.ts';
import type { Refinement } from './refinement.ts';
import { responseStage } from './response-stage.ts';
import { selectionStage } from './selection-stage.ts';
import type { Selection } from './selection-stage.ts';
import { runStage } from './stage.ts';
import { storageStage } from './storage-stage.ts';
import { readTaskPlan } from './task-plan.ts';
import type { TaskKindDeps, TaskOutcome, TaskRun, UnitResult } from './task-run.ts';
import { usageBetween } from './usage-between.ts';

type GivenDeps = Omit<TaskKindDeps, 'quality'> & Partial<Pick<TaskKindDeps, 'quality'>>;

/**
 * Carries out tasks as durable runs of nine stages. The outputs of the run are the task's result. A stage that fails, no suitable
 * agent, agents that all failed and a missed threshold end the run `failed`; units that failed beside others make it `partial`.
 */
export function createTaskKind(given: GivenDeps): RunKind {
  const deps = { quality: createQualityScorer({ schemas: createSchemaCompiler() }), ...given };
  return { kind: 'task', execute: (context) => executeTask(deps, context) };
}

async function executeTask(deps: TaskKindDeps, bare: RunContext): Promise<JsonObject> {
  const plan = readTaskPlan(bare.plan);
  const replay = createReplay(deps.clock);
  const tally = createUsageTally(() => undefined);
  const context = observedContext(bare, { tally, replay });
  const startedMs = await context.step('now:task:started', () => {
    replay.began();
    return Promise.resolve(deps.clock.now());
  });
  const unbounded = createLedger(() => replay.settled());
  const { budget } = plan.task;
  const ledger = budget === undefined ? unbounded : unbounded.within(budget, 'the task');
  const run: TaskRun = { deps, context, plan, ledger, replay, startedMs };
  const split = await runStage(run, { stage: 'decomposition', attempt: 1 }, decompositionStage);
  const work = await workUntilGood(run, split, tally);
  const outcome = outcomeOf(split, work);
  await runStage(run, { stage: 'memory_storage', attempt: 1 }, (site) =>
    storageStage(site, outcome),
  );
  return runStage(run, { stage: 'response', attempt: 1 }, (site) =>
    responseStage(site, { ...work, outcome, usage: tally.usage() }),
  );
}

/** What an attempt left. */
interface Attempt {
  results: UnitResult[];
  /** Of the first attempt: what was expected before anything was done. */
  estimate: Selection['estimate'];
  refinement: Refinement;
  /** Agents that did a unit so far and not well enough, by unit. */
  tried: Record<string, string[]>;
  /** Null when nothing was done that could be brought together. */
  made: { aggregate: Aggregate; report: Verdict['report'] } | null;
}

interface Work extends Pick<Attempt, 'results' | 'estimate'> {
  aggregate: Aggregate;
  report: Verdict['report'];
  attempts: number;
  refinements: { attempt: number; reason: string }[];
}

/** Stages 2 to 7, again as long as the quality sends the result back. */
async function workUntilGood(run: TaskRun, split: SplitTask, tally: UsageTally): Promise<Work> {
  const refinements: Work['refinements'] = [];
  let before: Attempt | null = null;
  for (let attempt = 1; ; attempt += 1) {
    before = await attemptWork(run, { split, tally, attempt, before });
    const { made, refinement, results, estimate } = before;
    if (!refinement.again && made !== null) {
      return { ...made, results, estimate, attempts: attempt, refinements };
    }
    refinements.push({ attempt, reason: refinement.reason });
  }
}

async function attemptWork(
  run: TaskRun,
  of: { split: SplitTask; tally: UsageTally; attempt: number; before: Attempt | null },
): Promise<Attempt> {
  const { split, attempt, before, tally } = of;
  const spentBefore = tally.usage();
  const unitIds = before?.refinement.unitIds ?? split.split.units.map(({ id }) => id);
  const tried = triedSoFar(before);
  const selection = await runStage(run, { stage: 'agent_selection', attempt }, (site) =>
    selectionStage(site, {
      split: split.split,
      unitIds,
      avoid: tried,
    }),
  );
  const estimate = before?.estimate ?? selection.estimate;
  const { assignments, team } = selection;
  const defects = before?.refinement.defects ?? [];
  const prepared = await runStage(run, { stage: 'context_engineering', attempt }, (site) =>
    contextStage(site, { ...split, assignments, team, defects }),
  );
  const { results, disagreements, again } = await runStage(
    run,
    { stage: 'execution', attempt },
    (site) =>
      executionStage(site, {
        ...split,
        ...selection,
        prepared,
        unitIds,
        before: before?.results ?? [],
        spent: () => ({ before: spentBefore, now: tally.usage() }),
      }),
  );
  if (again !== null) return { results, estimate, tried, refinement: again, made: null };
  const aggregate = await runStage(run, { stage: 'aggregation', attempt }, (site) =>
    aggregationStage(site, { results, disagreements, model: split.model }),
  );
  await runStage(run, { stage: 'learning_update', attempt }, (site) =>
    learningStage(site, results),
  );
  const spent = tally.usage();
  const lastAttempt = usageBetween(spentBefore, spent);
  const { report, refinement } = await runStage(
    run,
    { stage: 'quality_assessment', attempt },
    (site) => qualityStage(site, { aggregate, results, assignments, spent, lastAttempt }),
  );
  return { results, estimate, tried, refinement, made: { aggregate, report } };
}

function triedSoFar(before: Attempt | null): Attempt['tried'] {
  if (before === null) return {};
  const { tried, refinement } = before;
  const now = Object.entries(refinement.avoid).map(([unit, agents]) => [
    unit,
    [...new Set([...(tried[unit] ?? []), ...agents])],
  ]);
  return { ...tried, ...(Object.fromEntries(now) as Attempt['tried']) };
}

function outcomeOf({ split }: SplitTask, { results, aggregate, estimate }: Work): TaskOutcome {
  const failed = results.filter(({ status }) => status !== 'completed');
  return {
    outcome: failed.length > 0 ? 'partial' : 'complete',
    summary: aggregate.summary,
    agentsUsed: [...new Set(results.flatMap(({ agent }) => agent ?? []))],
    unitsTotal: split.units.length,
    unitsFailed: failed.length,
    estimate,
  };
}
