import type { AgentRuntime } from '@automatos/agents';
import type { Finding } from '@automatos/contracts';
import type { Clock, JsonObject, JsonValue, PlatformError, WorkspaceId } from '@automatos/kernel';
import type { ModelRef } from '@automatos/providers';
import type { RunContext } from '@automatos/runs';
import type { ToolExecutor } from '@automatos/tools';
import type { DraftStep } from '../definition/draft-step.ts';
import type { RenderDocument } from '../documents/render-document.ts';
import type { QualityScorer } from '../quality/types.ts';
import type { StepResult } from '../references/render.ts';
import type { Names } from '../references/target.ts';
import type { SchemaCompiler } from '../validation/schema-compiler.ts';
import type { StepGraph } from '../validation/step-graph.ts';
import type { Replay } from './clocks/replay.ts';
import type { Ledger } from './budget/ledger.ts';
import type { RunClock, StepTimer } from './clocks/run-clock.ts';
import type { Slots } from './clocks/slots.ts';
import type { RecipePlan } from './plan.ts';
import type { RunLog } from './run-log.ts';
import type { StepEnd } from './step-end.ts';

export interface RecipeKindDeps {
  executor: Pick<ToolExecutor, 'execute'>;
  agents: Pick<AgentRuntime, 'runTurn'>;
  /** Sets Markdown as PDF or Word file; a call that takes seconds is fine. */
  renderDocument: RenderDocument;
  quality: QualityScorer;
  /** Model that judges quality beside what is measured; null = no judge. Never asked in a dry run. */
  judgeModel(workspaceId: WorkspaceId): Promise<ModelRef | null>;
  clock: Clock;
}

/** State of one execution of a run. It is rebuilt by the replay after a crash. */
export interface RecipeRun {
  deps: RecipeKindDeps;
  schemas: SchemaCompiler;
  /** The run's own line of calls. */
  context: RunContext;
  plan: RecipePlan;
  inputs: JsonObject;
  steps: readonly DraftStep[];
  graph: StepGraph;
  clock: RunClock;
  replay: Replay;
  startedAt: string;
  log: RunLog;
  /** Steps of the first level that failed under `skip`, and those that depend on them: what depends on these is skipped. */
  gone: Set<string>;
  /** Steps that a dry run did not carry out. */
  refused: Set<string>;
  /** Errors whose message says which step they come from. */
  named: WeakSet<PlatformError>;
  /** Names by step and place, which are the same in each round. */
  names: Map<string, Names>;
  walk: Walk;
}

/** Steps that live and die together: the whole run, a container, or one item of a map. */
export interface StepScope {
  signal: AbortSignal;
  /** Time limits over all of them; they run only while one of their calls does. */
  timers: readonly StepTimer[];
  abort(reason: PlatformError): void;
  /** What ended it; set by the first step that fails for good. */
  failure: { stepId: string; error: PlatformError } | null;
}

/** Where steps run: what they see, and what their calls go through. One per run, item of a map and round of a loop. */
export interface Frame {
  /** Items and rounds around, the outermost first. */
  path: readonly number[];
  /** Instance id of the container around; null on the first level. */
  container: string | null;
  /** All results that can be seen here, by output key. */
  results: Map<string, StepResult>;
  /** Those of them that steps of this frame left. */
  own: Map<string, StepResult>;
  /** Findings of ended steps by step id; those of a map or loop as a whole. */
  findings: Map<string, readonly Finding[]>;
  locals: ReadonlyMap<string, JsonValue>;
  context: RunContext;
  scope: StepScope;
  /** Places for steps that work at once. */
  slots: Slots;
  ledger: Ledger;
}

/** One step where it runs. */
export interface StepSite {
  run: RecipeRun;
  draft: DraftStep;
  frame: Frame;
  /** Its step id, inside maps and loops with its place: `scan#2.0`. */
  id: string;
}

/** How containers go on with the steps inside them. */
export interface Walk {
  /** Runs one step to its end. Rejects when its failure ends the frame's scope. */
  step(run: RecipeRun, draft: DraftStep, frame: Frame): Promise<void>;
  /** Does what a step with `for_each` does for one item. */
  once(site: StepSite): Promise<StepEnd>;
}
