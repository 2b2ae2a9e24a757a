import type { LearningReport, RecipeDefinition } from '@automatos/contracts';
import { cutText } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';
import { flattenSteps } from '../definition/flatten.ts';
import { isAgentStep } from '../definition/step-kinds.ts';
import { currentDefinition, known, statsOf } from './history.ts';
import type { History, StepSample } from './history.ts';
import { meanInterval, quantile, RUNS_NEEDED, shareInterval } from './intervals.ts';

type StepReport = LearningReport['steps'][number];
type VariantReport = LearningReport['variants'][number];

/** The figures of a recipe over its runs and versions; suggestions are added by the service. */
export function figuresOf(history: History): Omit<LearningReport, 'suggestions'> {
  const versions = [...Map.groupBy(history.runs, ({ version }) => version)]
    .toSorted(([a], [b]) => b - a)
    .map(([version, runs]) => ({ version, ...statsOf(runs) }));
  return {
    recipe_slug: history.recipe.slug,
    runs: history.runs.length,
    runs_needed: RUNS_NEEDED,
    versions,
    steps: stepReports(history),
    variants: allVariants(history).map(toVariantReport),
  };
}

function stepReports(history: History): StepReport[] {
  const runMs = known(history.runs.map(({ durationMs }) => durationMs)).reduce(
    (sum, ms) => sum + ms,
    0,
  );
  const byStep = Map.groupBy(history.steps, ({ stepId }) => stepId);
  return flattenSteps(currentDefinition(history)).map(({ stepId, step }) => {
    const samples = (byStep.get(stepId) ?? []).filter(({ ended }) => ended > 0);
    return { ...stepReport(samples, runMs), step_id: stepId, name: step?.name ?? stepId };
  });
}

function stepReport(samples: readonly StepSample[], runMs: number) {
  const completed = samples.filter((sample) => sample.completed > 0);
  const durations = known(samples.map(({ durationMs }) => durationMs));
  const totalMs = samples.reduce((sum, sample) => sum + sample.totalMs, 0);
  const share = (of: readonly StepSample[], hit: (sample: StepSample) => boolean) =>
    shareInterval(of.filter(hit).length, of.length);
  return {
    runs: samples.length,
    failure_rate: share(samples, ({ failed }) => failed > 0),
    retry_rate: share(samples, ({ retried }) => retried > 0),
    empty_rate: share(completed, ({ empty }) => empty > 0),
    duration_ms: meanInterval(durations),
    duration_ms_p95: durations.length < RUNS_NEEDED ? null : quantile(durations, 0.95),
    cost_micros: meanInterval(known(samples.map(({ costMicros }) => costMicros))),
    // Of steps that run side by side the shares add up to more than 1.
    share_of_time:
      samples.length < RUNS_NEEDED || runMs === 0
        ? null
        : Math.round(Math.min(1, totalMs / runMs) * 10_000) / 10_000,
  };
}

/** One prompt or model of a step with the runs that had it. */
export interface Variant {
  stepId: string;
  what: 'prompt' | 'model';
  /** The whole prompt, or `provider/model`. */
  value: string;
  versions: number[];
  samples: StepSample[];
}

/** Variants of all agent steps that had more than one, as far as runs exist. */
export function allVariants(history: History): Variant[] {
  const prompts = promptsByVersion(history.definitions);
  const steps = Map.groupBy(
    history.steps.filter(({ ended }) => ended > 0),
    ({ stepId }) => stepId,
  );
  const current = flattenSteps(currentDefinition(history)).filter(
    ({ step }) => step !== null && isAgentStep(step),
  );
  return current.flatMap(({ stepId }) => {
    const samples = steps.get(stepId) ?? [];
    const prompt = variantsBy(
      samples,
      ({ version }) => prompts.get(`${version} ${stepId}`) ?? null,
    );
    const model = variantsBy(samples, (sample) => sample.model);
    return [
      ...prompt.map((variant) => ({ stepId, what: 'prompt' as const, ...variant })),
      ...model.map((variant) => ({ stepId, what: 'model' as const, ...variant })),
    ];
  });
}

function variantsBy(
  samples: readonly StepSample[],
  valueOf: (sample: StepSample) => string | null,
): Pick<Variant, 'value' | 'versions' | 'samples'>[] {
  const groups = Map.groupBy(samples, valueOf);
  groups.delete(null);
  if (groups.size < 2) return [];
  const variants = [...groups].map(([value, of]) => ({
    value: value ?? '',
    versions: [...new Set(of.map(({ version }) => version))].toSorted((a, b) => a - b),
    samples: of,
  }));
  const newest = ({ versions }: { versions: number[] }) => versions.at(-1) ?? 0;
  return variants.toSorted((a, b) => newest(b) - newest(a));
}

function promptsByVersion(definitions: ReadonlyMap<number, RecipeDefinition>): Map<string, string> {
  const prompts = new Map<string, string>();
  for (const [version, definition] of definitions) {
    for (const { stepId, step } of flattenSteps(definition)) {
      if (step !== null && isAgentStep(step))
        prompts.set(`${version} ${stepId}`, step.prompt_template);
    }
  }
  return prompts;
}

/** What a variant's runs say about the step. */
export function variantStats({ samples }: Variant) {
  return {
    runs: samples.length,
    success_rate: shareInterval(
      samples.filter(({ failed }) => failed === 0).length,
      samples.length,
    ),
    quality: meanInterval(known(samples.map(({ quality }) => quality)), 1),
    cost_micros: meanInterval(known(samples.map(({ costMicros }) => costMicros))),
  };
}

const VALUE_SHOWN = 400;

function toVariantReport(variant: Variant): VariantReport {
  const { stepId, what, value, versions } = variant;
  // Long prompts may differ beyond what is shown: the mark tells them apart.
  const shown =
    what === 'prompt' && value.length > VALUE_SHOWN
      ? `${sha256(value).slice(0, 8)} · ${cutText(value, VALUE_SHOWN)}`
      : value;
  return { step_id: stepId, what, value: shown, versions, ...variantStats(variant) };
}
