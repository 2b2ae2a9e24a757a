import { NO_USAGE } from '@automatos/contracts';
import type { Finding } from '@automatos/contracts';
import { isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import { isAgentStep } from '../definition/step-kinds.ts';
import type { DraftStep } from '../definition/draft-step.ts';
import type { StepResult } from '../references/render.ts';
import { findingsOf, keepResult } from './frame.ts';
import type { RecipeRun, StepSite } from './recipe-run.ts';
import { emitCompleted } from './step-events.ts';

/**
 * Takes the result of a step over from the run that this one goes on from, and with a container's those of the steps
 * inside that others can name. False when there is none.
 */
export function reuseStep(site: StepSite): boolean {
  const { run, draft, frame, id } = site;
  const value = run.context.reused.get(id);
  if (value === undefined) return false;
  takeOver(site, value);
  emitCompleted(site, {
    durationMs: 0,
    usage: NO_USAGE,
    value,
    main: frame.results.get(draft.outputKey)?.main ?? value,
    ...(run.context.reusedFrom === null ? {} : { reusedFrom: run.context.reusedFrom }),
  });
  return true;
}

function takeOver({ run, draft, frame }: Omit<StepSite, 'id'>, value: JsonValue): void {
  const inner = isJsonObject(value) ? value : {};
  const named = draft.type === 'parallel' || draft.type === 'branch' || draft.type === 'loop';
  for (const child of named ? run.graph.children(draft.stepId) : []) {
    const own = inner[child.outputKey];
    if (own !== undefined) takeOver({ run, draft: child, frame }, own);
  }
  keepResult(
    { draft, frame },
    { value, main: mainOf(run, draft, value) },
    findingsIn(run, draft, value),
  );
}

/** What the steps of a container found; those of `parallel` and `branch` are kept under their own names. */
function findingsIn(run: RecipeRun, draft: DraftStep, value: JsonValue): readonly Finding[] {
  if (draft.type === 'parallel' || draft.type === 'branch') return [];
  const inner = isJsonObject(value) ? value : {};
  const items = Array.isArray(inner['items']) ? inner['items'] : null;
  const children = run.graph.children(draft.stepId);
  const ofBody = (body: JsonValue): readonly Finding[] =>
    children.flatMap((child) => {
      const own = isJsonObject(body) ? body[child.outputKey] : undefined;
      return own === undefined ? [] : deepFindings(run, child, own);
    });
  if (draft.type === 'map') return (items ?? []).flatMap(ofBody);
  if (draft.type === 'loop') return ofBody(value);
  return isRepeated(draft) ? (items ?? []).flatMap(findingsOf) : findingsOf(value);
}

function deepFindings(run: RecipeRun, draft: DraftStep, value: JsonValue): readonly Finding[] {
  if (draft.type !== 'parallel' && draft.type !== 'branch') return findingsIn(run, draft, value);
  return run.graph.children(draft.stepId).flatMap((child) => {
    const own = isJsonObject(value) ? value[child.outputKey] : undefined;
    return own === undefined ? [] : deepFindings(run, child, own);
  });
}

export function isRepeated({ step }: DraftStep): boolean {
  return step !== null && 'for_each' in step && step.for_each !== undefined;
}

/** The main value of a whole result, as it was when the step ended. */
export function mainOf(run: RecipeRun, draft: DraftStep, value: JsonValue): JsonValue {
  if (!isJsonObject(value)) return value;
  if (isRepeated(draft)) return listOf(value, (item) => ownMain(draft, item));
  const bodyOf = (body: JsonObject): JsonObject => {
    const mains = run.graph.children(draft.stepId).flatMap((child): [string, JsonValue][] => {
      const own = body[child.outputKey];
      return own === undefined ? [] : [[child.outputKey, mainOf(run, child, own)]];
    });
    return { ...body, ...Object.fromEntries(mains) };
  };
  switch (draft.type) {
    case 'map':
      return listOf(value, (item) => (isJsonObject(item) ? bodyOf(item) : item));
    case 'parallel':
    case 'branch':
    case 'loop':
      return bodyOf(value);
    default:
      return ownMain(draft, value);
  }
}

function listOf(value: JsonObject, main: (item: JsonValue) => JsonValue): JsonValue {
  const items = value['items'];
  return Array.isArray(items) ? items.map((item) => (item === null ? null : main(item))) : value;
}

/** Field of a leaf's result that is its main value; a fallback of another form is its own. */
function ownMain({ step }: DraftStep, value: JsonValue): JsonValue {
  if (step === null || !isJsonObject(value)) return value;
  return value[mainField(step)] ?? value;
}

function mainField(step: NonNullable<DraftStep['step']>): string {
  if (isAgentStep(step)) return step.output_schema === undefined ? 'text' : 'object';
  switch (step.type) {
    case 'document':
      return 'content';
    case 'recipe':
      return 'outputs';
    case 'approval':
      return 'decision';
    case 'wait':
      return 'event';
    default:
      return 'output';
  }
}

/** Result of steps by output key, as containers hold it. */
export function resultsByKey(
  children: readonly DraftStep[],
  results: ReadonlyMap<string, StepResult>,
): { value: JsonObject; main: JsonObject } {
  const part = (name: keyof StepResult): JsonObject =>
    Object.fromEntries(
      children.flatMap((child) => {
        const result = results.get(child.outputKey);
        return result === undefined ? [] : [[child.outputKey, result[name]]];
      }),
    );
  return { value: part('value'), main: part('main') };
}
