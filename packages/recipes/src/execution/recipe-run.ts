import type { AgentRuntime } from '@automatos/agents';
import type { Finding } from '@automatos/contracts';
import type { Clock, JsonObject, PlatformError } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import type { ToolExecutor } from '@automatos/tools';
import { isJsonObject } from '@automatos/kernel';
import type { DraftStep } from '../definition/parse-recipe.ts';
import { collectFindings } from '../references/value-text.ts';
import { NO_LOCAL_VALUES } from '../references/render.ts';
import type { Scope, StepResult } from '../references/render.ts';
import { namesFor } from '../validation/check-references.ts';
import type { SchemaCompiler } from '../validation/schema-compiler.ts';
import type { StepGraph } from '../validation/step-graph.ts';
import type { RecipePlan } from './plan.ts';
import type { RunClock, StepTimer } from './run-clock.ts';
import type { Slots } from './slots.ts';

export interface RecipeKindDeps {
  executor: Pick<ToolExecutor, 'execute'>;
  agents: Pick<AgentRuntime, 'runTurn'>;
  clock: Clock;
}

/** State of one execution of a run. It is rebuilt by the replay after a crash. */
export interface RecipeRun {
  deps: RecipeKindDeps;
  schemas: SchemaCompiler;
  context: RunContext;
  plan: RecipePlan;
  inputs: JsonObject;
  steps: readonly DraftStep[];
  graph: StepGraph;
  clock: RunClock;
  slots: Slots;
  startedAt: string;
  /** By output key. */
  results: Map<string, StepResult>;
  /** Steps that failed under `skip`, or were skipped: what depends on them is skipped, too. */
  gone: Set<string>;
}

/** Steps that live and die together: the whole run, or one group. */
export interface StepScope {
  signal: AbortSignal;
  /** Time limit over all of them; runs only while one of their calls does. */
  timers: readonly StepTimer[];
  abort(reason: PlatformError): void;
  /** What ended it; set by the first step that fails for good. */
  failure: { stepId: string; error: PlatformError } | null;
}

export function createScope(outer: AbortSignal, timers: readonly StepTimer[] = []): StepScope {
  const controller = new AbortController();
  return {
    signal: AbortSignal.any([outer, controller.signal]),
    timers,
    abort: (reason) => controller.abort(reason),
    failure: null,
  };
}

/** What the templates of one step (null = the outputs) can see. */
export function scopeFor(run: RecipeRun, reader: DraftStep | null): Scope {
  return {
    names: namesFor(run.steps, run.graph, reader),
    inputs: run.inputs,
    results: run.results,
    locals: NO_LOCAL_VALUES,
    run: {
      id: run.context.runId,
      started_at: run.startedAt,
      findings: findingsBefore(run, reader),
    },
  };
}

/** Findings of the steps that have surely ended before, in declaration order: the same on a replay. */
function findingsBefore(run: RecipeRun, reader: DraftStep | null): Finding[] {
  const before = reader === null ? null : run.graph.ancestors(reader.stepId);
  return run.steps
    .filter((step) => step.type !== 'parallel' && (before === null || before.has(step.stepId)))
    .flatMap((step) => {
      const value = run.results.get(step.outputKey)?.value;
      return isJsonObject(value) ? collectFindings(value['findings'] ?? []) : [];
    });
}
