import type { LearningReport, RecipeDefinition } from '@automatos/contracts';
import { contentHash } from '@automatos/kernel/hash';
import { flattenSteps } from '../definition/flatten.ts';
import type { DraftStep } from '../definition/draft-step.ts';
import { meanInterval, shareInterval } from './intervals.ts';

/** An ended run of a recipe as learning sees it; cancelled, forked and dry runs tell nothing about the recipe. */
export interface RunSample {
  id: string;
  version: number;
  completed: boolean;
  durationMs: number | null;
  /** Null when a price is unknown. */
  costMicros: number | null;
  quality: number | null;
  errorCode: string | null;
}

/** All instances of one step in one run. */
export interface StepSample {
  runId: string;
  version: number;
  stepId: string;
  /** Instances that completed or failed. */
  ended: number;
  completed: number;
  failed: number;
  retried: number;
  empty: number;
  timedOut: number;
  /** Failed for good with an error that another attempt may mend. */
  transient: number;
  /** Mean over the instances. */
  durationMs: number | null;
  /** Sum over the instances. */
  totalMs: number;
  /** Longest instance that took one attempt. */
  attemptMs: number | null;
  costMicros: number | null;
  findings: number;
  quality: number | null;
  /** `provider/model` that answered. */
  model: string | null;
}

/** The last runs of one recipe with the versions that they ran. */
export interface History {
  recipe: { id: string; slug: string; version: number };
  /** Definition of each version that stands in `runs`, and of the current one. */
  definitions: ReadonlyMap<number, RecipeDefinition>;
  runs: readonly RunSample[];
  steps: readonly StepSample[];
  /** Tools of the agents in the newest run, by the name that the steps use. */
  agentTools: ReadonlyMap<string, readonly string[]>;
}

export type LearningStats = NonNullable<LearningReport['suggestions'][number]['before']>;

/** What a set of runs says; success counts all of them, duration those that completed. */
export function statsOf(runs: readonly RunSample[]): LearningStats {
  const completed = runs.filter((run) => run.completed);
  return {
    runs: runs.length,
    success_rate: shareInterval(completed.length, runs.length),
    duration_ms: meanInterval(known(completed.map(({ durationMs }) => durationMs))),
    cost_micros: meanInterval(known(runs.map(({ costMicros }) => costMicros))),
    quality: meanInterval(known(runs.map(({ quality }) => quality)), 1),
  };
}

export function known(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}

export function currentDefinition({ recipe, definitions }: History): RecipeDefinition {
  const found = definitions.get(recipe.version);
  if (found === undefined) throw new Error(`version ${recipe.version} was not loaded`);
  return found;
}

/** A step as it stands in the recipe, without what does not change how it runs. */
export function stepHash({ step }: DraftStep): string {
  const { name: _name, ...rest } = step ?? { name: '' };
  return contentHash(rest);
}

/** Samples of a step from the versions in which it was what it is now. */
export function samplesOfSame(history: History, draft: DraftStep): StepSample[] {
  const hash = stepHash(draft);
  const versions = new Set<number>();
  for (const [version, definition] of history.definitions) {
    const same = flattenSteps(definition).find(({ stepId }) => stepId === draft.stepId);
    if (same !== undefined && stepHash(same) === hash) versions.add(version);
  }
  return history.steps.filter(
    (sample) => sample.stepId === draft.stepId && sample.ended > 0 && versions.has(sample.version),
  );
}
