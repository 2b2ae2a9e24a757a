import type { RecipeDefinition } from '@automatos/contracts';
import { isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { DraftStep } from '../../definition/draft-step.ts';
import { flattenSteps } from '../../definition/flatten.ts';
import { isAgentStep } from '../../definition/step-kinds.ts';
import { buildGraph } from '../../validation/step-graph.ts';
import { candidateId, percent, withStep } from '../candidate.ts';
import type { Candidate } from '../candidate.ts';
import { currentDefinition, samplesOfSame } from '../history.ts';
import type { History } from '../history.ts';
import { isBelow, RUNS_NEEDED, shareInterval } from '../intervals.ts';
import { allVariants, variantStats } from '../learning-report.ts';
import type { Variant } from '../learning-report.ts';
import { usesOfOutputs, usesOfStep } from './uses.ts';

/** How often a field of a step's object was missing or empty, by `step_id`, then field. */
export type FieldGaps = ReadonlyMap<string, ReadonlyMap<string, { empty: number; of: number }>>;

/** Least share of results with an empty field, by the lower end of its interval. */
const EMPTY_SHARE_MIN = 0.1;

/** Fields that later steps read and that are often empty: the schema can demand them. */
export function schemaCandidates(history: History, gaps: FieldGaps): Candidate[] {
  const definition = currentDefinition(history);
  const steps = flattenSteps(definition);
  const graph = buildGraph(steps, definition.execution.mode);
  const read = new Set([
    ...usesOfOutputs(definition, steps, graph).objectFields,
    ...steps.flatMap((draft) => [...usesOfStep(steps, graph, draft).objectFields]),
  ]);
  return steps.flatMap((draft) => {
    const { step } = draft;
    if (step === null || !isAgentStep(step) || step.output_schema === undefined) return [];
    const often = [...(gaps.get(draft.stepId) ?? [])].filter(([field, { empty, of }]) => {
      const rate = shareInterval(empty, of);
      return (
        read.has(`${draft.outputKey} ${field}`) && rate !== null && rate.low >= EMPTY_SHARE_MIN
      );
    });
    const schema = demanding(
      step.output_schema,
      often.map(([field]) => field),
    );
    if (often.length === 0 || schema === null) return [];
    const fields = often.map(([field]) => field);
    return [
      {
        id: candidateId('schema', draft, fields),
        kind: 'schema' as const,
        stepId: draft.stepId,
        title: `Demand ${fields.map((field) => `"${field}"`).join(', ')} of "${draft.stepId}"`,
        evidence: often.map(
          ([field, { empty, of }]) =>
            `"${field}" was missing or empty in ${empty} of ${of} results, and later steps read it.`,
        ),
        definition: withStep(definition, draft, (copy) => (copy['output_schema'] = schema)),
      },
    ];
  });
}

/** The schema with these fields required and not empty; null when it demands that already. */
function demanding(schema: JsonObject, fields: readonly string[]): JsonObject | null {
  const properties = isJsonObject(schema['properties']) ? { ...schema['properties'] } : {};
  for (const field of fields) {
    const own = properties[field];
    properties[field] = { ...(isJsonObject(own) ? own : {}), ...notEmpty(own) };
  }
  const before = Array.isArray(schema['required']) ? schema['required'] : [];
  const required = [...new Set([...before, ...fields])];
  const made: JsonObject = { ...schema, type: 'object', properties, required };
  return JSON.stringify(made) === JSON.stringify(schema) ? null : made;
}

function notEmpty(own: JsonValue | undefined): JsonObject {
  const type = isJsonObject(own) ? own['type'] : undefined;
  if (type === 'string') return { minLength: 1 };
  if (type === 'array') return { minItems: 1 };
  if (type === 'object') return { minProperties: 1 };
  return {};
}

/** Earlier prompts and agents under which a step did better, beyond chance. */
export function variantCandidates(history: History): Candidate[] {
  const steps = flattenSteps(currentDefinition(history));
  const groups = Map.groupBy(allVariants(history), ({ stepId, what }) => `${stepId} ${what}`);
  return [...groups.values()].flatMap((variants) => {
    const draft = steps.find(({ stepId }) => stepId === variants[0]?.stepId);
    return draft === undefined ? [] : (betterVariant(history, draft, variants) ?? []);
  });
}

function betterVariant(
  history: History,
  draft: DraftStep,
  variants: readonly Variant[],
): Candidate[] | null {
  // Of a model that changed inside one version, the newest runs show the current one.
  const now = variants.find(({ versions }) => versions.includes(history.recipe.version));
  if (now === undefined || now.samples.length < RUNS_NEEDED) return null;
  const current = variantStats(now);
  const better = variants
    .filter((variant) => variant !== now && variant.samples.length >= RUNS_NEEDED)
    .map((variant) => ({ variant, stats: variantStats(variant) }))
    .filter(({ stats }) => isBetter(stats, current) && !isBetter(current, stats))
    .toSorted((a, b) => rank(b.stats) - rank(a.stats))[0];
  if (better === undefined) return null;
  const { variant, stats } = better;
  const definition = takenFrom(history, draft, variant);
  if (definition === null) return null;
  const what = variant.what === 'prompt' ? 'the prompt' : `the model ${variant.value}`;
  return [
    {
      id: candidateId(variant.what, draft, variant.value),
      kind: variant.what,
      stepId: draft.stepId,
      title: `Go back to ${what} of version ${variant.versions.at(-1)} in "${draft.stepId}"`,
      evidence: [
        ...differences(stats, current),
        `Versions ${variant.versions.join(', ')} with ${stats.runs} runs against versions ${now.versions.join(', ')} with ${current.runs}.`,
      ],
      definition,
    },
  ];
}

type Stats = ReturnType<typeof variantStats>;

function isBetter(left: Stats, right: Stats): boolean {
  return isBelow(right.success_rate, left.success_rate) || isBelow(right.quality, left.quality);
}

function rank({ success_rate, quality }: Stats): number {
  return (success_rate?.estimate ?? 0) + (quality?.estimate ?? 0);
}

function differences(better: Stats, current: Stats): string[] {
  const range = (interval: Stats['quality']) =>
    interval === null ? 'unknown' : `${percent(interval.low)} to ${percent(interval.high)}`;
  return [
    ...(isBelow(current.success_rate, better.success_rate)
      ? [`Success ${range(better.success_rate)} in place of ${range(current.success_rate)}.`]
      : []),
    ...(isBelow(current.quality, better.quality)
      ? [`Quality ${range(better.quality)} in place of ${range(current.quality)}.`]
      : []),
  ];
}

/** The current definition with the prompt, or the agent that used the model, of the variant's newest version. */
function takenFrom(history: History, draft: DraftStep, variant: Variant): RecipeDefinition | null {
  const old = history.definitions.get(variant.versions.at(-1) ?? 0);
  const step =
    old === undefined
      ? null
      : flattenSteps(old).find(({ stepId }) => stepId === draft.stepId)?.step;
  if (step === null || step === undefined || !isAgentStep(step)) return null;
  if (draft.step === null || !isAgentStep(draft.step)) return null;
  const definition = currentDefinition(history);
  if (variant.what === 'prompt') {
    return withStep(definition, draft, (copy) => (copy['prompt_template'] = step.prompt_template));
  }
  // The model stands in the agent: without another agent the recipe has nothing to change.
  if (step.agent === draft.step.agent) return null;
  return withStep(definition, draft, (copy) => (copy['agent'] = step.agent));
}

/** Steps whose result nobody reads, that found nothing and leave nothing behind. */
export function removalCandidates(
  history: History,
  onlyReads: (tool: string) => boolean,
): Candidate[] {
  const definition = currentDefinition(history);
  const steps = flattenSteps(definition);
  const graph = buildGraph(steps, definition.execution.mode);
  const uses = [
    usesOfOutputs(definition, steps, graph),
    ...steps.map((draft) => usesOfStep(steps, graph, draft)),
  ];
  if (uses.some(({ byOrder }) => byOrder) || graph.top.length < 2) return [];
  const read = new Set(uses.flatMap(({ keys }) => [...keys]));
  return graph.top.flatMap((draft, index) => {
    const samples = samplesOfSame(history, draft).filter(({ completed }) => completed > 0);
    // The last step of a recipe without outputs is what its reader sees.
    const shown = index === graph.top.length - 1 && Object.keys(definition.outputs).length === 0;
    const found = samples.some(({ findings }) => findings > 0);
    const gates = draft.step?.approval !== undefined;
    if (samples.length < RUNS_NEEDED || shown || found || gates) return [];
    if (read.has(draft.outputKey) || !changesNothing(history, draft, onlyReads)) return [];
    return [
      {
        id: candidateId('remove_step', draft),
        kind: 'remove_step' as const,
        stepId: draft.stepId,
        title: `Leave out "${draft.stepId}"`,
        evidence: [
          `No other step and no output reads the result of "${draft.stepId}".`,
          `In ${samples.length} runs it brought no finding and no document.`,
        ],
        definition: without(definition, draft),
      },
    ];
  });
}

/** Whether nothing outside misses the step: all it can call only reads. What is not known counts as a change. */
function changesNothing(
  { agentTools }: History,
  { step }: DraftStep,
  onlyReads: (tool: string) => boolean,
): boolean {
  if (step === null) return false;
  if (step.type === 'tool') return onlyReads(step.tool);
  if (!isAgentStep(step)) return false;
  const tools = step.tools ?? agentTools.get(step.agent);
  return tools !== undefined && tools.every((tool) => onlyReads(tool));
}

function without(definition: RecipeDefinition, { stepId, dependsOn }: DraftStep): RecipeDefinition {
  const copy = structuredClone(definition);
  const steps = copy.steps.filter((step) => step.step_id !== stepId);
  for (const step of steps) {
    if (step.depends_on?.includes(stepId) !== true) continue;
    const others = step.depends_on.filter((id) => id !== stepId);
    step.depends_on = [...new Set([...others, ...(dependsOn ?? [])])];
  }
  return { ...copy, steps };
}
