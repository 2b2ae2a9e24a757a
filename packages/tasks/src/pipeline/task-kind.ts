import type { Usage } from '@automatos/contracts';
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
import { responseStage } from './response-stage.ts';
import { selectionStage } from './selection-stage.ts';
import type { Selection } from './selection-stage.ts';
import { runStage } from './stage.ts';
import { storageStage } from './storage-stage.ts';
import { readTaskPlan } from './task-plan.ts';
import type { TaskKindDeps, TaskOutcome, TaskRun, UnitResult } from './task-run.ts';

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
    responseStage(site, {
      ...work,
      outcome,
      report: work.verdict.report,
      usage: tally.usage(),
    }),
  );
}

/** What the last attempt left. */
interface Work {
  results: UnitResult[];
  aggregate: Aggregate;
  verdict: Verdict;
  /** Of the first attempt: what was expected before anything was done. */
  estimate: Selection['estimate'];
  attempts: number;
  refinements: { attempt: number; reason: string }[];
}

/** Stages 2 to 7, again as long as the quality sends the result back. */
async function workUntilGood(run: TaskRun, split: SplitTask, tally: UsageTally): Promise<Work> {
  const refinements: Work['refinements'] = [];
  let work: Work | null = null;
  for (let attempt = 1; ; attempt += 1) {
    work = await attemptWork(run, { split, tally, attempt, before: work });
    const { again, reason } = work.verdict.refinement;
    if (!again) return { ...work, refinements };
    refinements.push({ attempt, reason });
  }
}

async function attemptWork(
  run: TaskRun,
  of: { split: SplitTask; tally: UsageTally; attempt: number; before: Work | null },
): Promise<Work> {
  const { split, attempt, before } = of;
  const spentBefore = of.tally.usage();
  const refinement = before?.verdict.refinement;
  const unitIds = refinement?.unitIds ?? split.split.units.map(({ id }) => id);
  const { assignments, team, estimate } = await runStage(
    run,
    { stage: 'agent_selection', attempt },
    (site) => selectionStage(site, { split: split.split, unitIds, avoid: refinement?.avoid ?? {} }),
  );
  const defects = refinement?.defects ?? [];
  const prepared = await runStage(run, { stage: 'context_engineering', attempt }, (site) =>
    contextStage(site, { ...split, assignments, team, defects }),
  );
  const { results, disagreements } = await runStage(run, { stage: 'execution', attempt }, (site) =>
    executionStage(site, {
      ...split,
      assignments,
      team,
      estimate,
      prepared,
      unitIds,
      before: before?.results ?? [],
    }),
  );
  const aggregate = await runStage(run, { stage: 'aggregation', attempt }, (site) =>
    aggregationStage(site, { results, disagreements, model: split.model }),
  );
  await runStage(run, { stage: 'learning_update', attempt }, (site) =>
    learningStage(site, results),
  );
  const spent = of.tally.usage();
  const verdict = await runStage(run, { stage: 'quality_assessment', attempt }, (site) =>
    qualityStage(site, {
      aggregate,
      results,
      assignments,
      spent,
      lastAttempt: difference(spent, spentBefore),
    }),
  );
  return {
    results,
    aggregate,
    verdict,
    estimate: before?.estimate ?? estimate,
    attempts: attempt,
    refinements: [],
  };
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

function difference(all: Usage, before: Usage): Usage {
  const minus = (a: number | null, b: number | null) => (a === null || b === null ? null : a - b);
  return {
    ...all,
    model_calls: all.model_calls - before.model_calls,
    tool_calls: all.tool_calls - before.tool_calls,
    input_tokens: all.input_tokens - before.input_tokens,
    output_tokens: all.output_tokens - before.output_tokens,
    cost_micros: minus(all.cost_micros, before.cost_micros),
  };
}
