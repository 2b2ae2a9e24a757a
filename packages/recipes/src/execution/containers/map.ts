import { MAP_ITEMS_MAX, NO_USAGE } from '@automatos/contracts';
import type { ErrorInfo, Finding, forEachSchema } from '@automatos/contracts';
import { PlatformError } from '@automatos/kernel';
import type { JsonObject, JsonValue, PlatformError as PlatformErrorType } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import type { z } from 'zod';
import type { StepOf } from '../../definition/step-kinds.ts';
import { renderValue } from '../../references/render.ts';
import type { StepResult } from '../../references/render.ts';
import { typeOf } from '../../references/filters.ts';
import { EACH, ITEM } from '../../validation/names.ts';
import { createSlots } from '../clocks/slots.ts';
import { createScope, innerFrame, instanceId, scopeAt } from '../frame.ts';
import type { Frame, StepScope, StepSite } from '../recipe-run.ts';
import { resultsByKey } from '../reuse.ts';
import type { Progress, StepEnd } from '../step-end.ts';
import { comesFromOutside } from '../step-errors.ts';
import { emitStarted, errorInfo } from '../step-events.ts';
import { findingsInside } from './inner-findings.ts';
import { assertSound, containerScope, nameStep, runSequence, settle } from './sequence.ts';

type Repetition = Pick<
  StepOf<'map'>,
  'items' | 'as' | 'concurrency' | 'on_item_error' | 'min_succeeded_ratio' | 'max_items'
>;
/** What is done for one item: keeps results in the frame; a failure goes into the frame's scope. */
type Body = (frame: Frame) => Promise<StepResult | null>;

/** Runs the steps once for each item, in order per item. */
export function runMap(site: StepSite, step: StepOf<'map'>, progress: Progress): Promise<StepEnd> {
  const { run, draft } = site;
  const children = run.graph.children(draft.stepId);
  const body: Body = async (frame) => {
    await runSequence(run, children, frame);
    return resultsByKey(children, frame.own);
  };
  const findings = (frame: Frame) => findingsInside(run, draft, frame);
  return forItems(site, step, { progress, body, findings });
}

/** Does one step once for each item. */
export function runForEach(
  site: StepSite,
  forEach: z.infer<typeof forEachSchema>,
  progress: Progress,
): Promise<StepEnd> {
  const { run, draft } = site;
  const body: Body = async (frame) => {
    const id = instanceId(draft.stepId, frame.path);
    let result: StepResult | null = null;
    await settle(frame.scope, id, async () => {
      const end = await run.walk.once({ run, draft, frame, id });
      result = end.kind === 'done' ? { value: end.value, main: end.main } : null;
    });
    return result;
  };
  const findings = (frame: Frame) => frame.findings.get(draft.stepId) ?? [];
  return forItems(site, repetitionOf(forEach), { progress, body, findings });
}

function repetitionOf(forEach: z.infer<typeof forEachSchema>): Repetition {
  if (typeof forEach !== 'string') return forEach;
  return {
    items: forEach,
    as: ITEM,
    on_item_error: 'stop',
    min_succeeded_ratio: 0,
    max_items: MAP_ITEMS_MAX,
  };
}

interface ItemEnd {
  /** Null when the item failed or was skipped. */
  result: StepResult | null;
  error: ErrorInfo | null;
  findings: readonly Finding[];
}

interface Doing {
  progress: Progress;
  body: Body;
  findings: (frame: Frame) => readonly Finding[];
}

async function forItems(site: StepSite, by: Repetition, doing: Doing): Promise<StepEnd> {
  const { run, frame, id } = site;
  const items = itemsOf(site, by);
  doing.progress.attempts = 1;
  await run.context.gate();
  emitStarted(site, 1);
  const scope = containerScope(site);
  const places = createSlots(by.concurrency ?? run.plan.definition.execution.parallel_limit);
  // Its own number replaces the recipe's: steps inside then need no further place.
  const slots = by.concurrency === undefined ? frame.slots : createSlots(by.concurrency);
  const lanes = items.length === 0 ? [] : await frame.context.fork(`map:${id}`, items.length);
  const ends = await Promise.all(
    items.map(async (item, index): Promise<ItemEnd> => {
      const release = await places.take();
      try {
        if (scope.failure !== null) return NOT_DONE;
        const inner = innerFrame(
          { ...frame, slots },
          {
            index,
            locals: { [by.as]: item, [EACH]: { index, number: index + 1, total: items.length } },
            container: id,
            context: lanes[index] as RunContext,
            scope: createScope(scope),
          },
        );
        return await runItem({ site, by, scope }, inner, doing);
      } finally {
        release();
      }
    }),
  );
  assertSound(site, scope);
  return endOf(site, by, ends);
}

const NOT_DONE: ItemEnd = { result: null, error: null, findings: [] };

function itemsOf(site: StepSite, by: Repetition): JsonValue[] {
  const items = renderValue(by.items, scopeAt(site, 'outside'));
  if (!Array.isArray(items)) {
    throw new PlatformError({
      code: 'recipes.map.items_invalid',
      kind: 'invalid-input',
      message: `The items of step "${site.id}" must be a list, but ${by.items} is ${typeOf(items)}.`,
    });
  }
  if (items.length > by.max_items) {
    throw new PlatformError({
      code: 'recipes.map.too_many_items',
      kind: 'limit-reached',
      message: `The list of step "${site.id}" has ${items.length} items, and max_items allows ${by.max_items}. Shorten the list or raise max_items.`,
    });
  }
  return items;
}

async function runItem(
  { site, by, scope }: { site: StepSite; by: Repetition; scope: StepScope },
  frame: Frame,
  doing: Doing,
): Promise<ItemEnd> {
  const { run } = site;
  const result = await doing.body(frame);
  const findings = doing.findings(frame);
  const { failure } = frame.scope;
  if (failure === null) return { result, error: null, findings };
  const error = nameStep(run, failure);
  if (by.on_item_error === 'stop' || endsAll(site, error)) {
    await settle(scope, failure.stepId, () => Promise.reject(error));
  }
  return { result: null, error: errorInfo(error), findings };
}

/** What comes from outside of the item ends the map, whatever it says about failed items. */
function endsAll({ run }: StepSite, error: PlatformErrorType): boolean {
  return comesFromOutside(error) || run.context.signal.aborted;
}

function endOf(site: StepSite, by: Repetition, ends: readonly ItemEnd[]): StepEnd {
  const failed = ends.flatMap(({ error }, index) => (error === null ? [] : [{ index, error }]));
  const total = ends.length;
  const succeeded = total - failed.length;
  const list = (part: keyof StepResult) => ends.map(({ result }) => result?.[part] ?? null);
  const value: JsonObject = {
    items: list('value'),
    failed: failed as unknown as JsonValue,
    total,
    succeeded,
  };
  const [first] = failed;
  if (first !== undefined && (succeeded === 0 || succeeded / total < by.min_succeeded_ratio)) {
    throw tooFew(site, { first: first.error, succeeded, total, by, value });
  }
  const findings = ends.flatMap((end) => end.findings);
  return { kind: 'done', usage: NO_USAGE, findings, value, main: list('main') };
}

function tooFew(
  { id }: StepSite,
  end: {
    first: ErrorInfo;
    succeeded: number;
    total: number;
    by: Repetition;
    value: JsonObject;
  },
): PlatformErrorType {
  const { first, succeeded, total, by, value } = end;
  const all = succeeded === 0;
  const counted = all
    ? `All ${total} items of step "${id}" failed.`
    : `Of ${total} items of step "${id}" ${succeeded} succeeded, fewer than min_succeeded_ratio ${by.min_succeeded_ratio} asks for.`;
  return new PlatformError({
    code: all ? 'recipes.map.all_failed' : 'recipes.map.too_few_succeeded',
    kind: 'upstream-failed',
    retryable: false,
    message: `${counted} The first said: ${first.message}`,
    details: { partial: value },
  });
}
