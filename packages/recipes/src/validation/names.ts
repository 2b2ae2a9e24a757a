import { isNameless } from '../definition/draft-step.ts';
import type { DraftStep } from '../definition/draft-step.ts';
import type { Names } from '../references/target.ts';
import type { StepGraph } from './step-graph.ts';

/** Name of the item when nothing else is said. */
export const ITEM = 'item';
/** Place in the list inside of `map` and `for_each`: `{index, number, total}`. */
export const EACH = 'each';
/** Round of a loop: `{iteration, max, previous}`. */
export const LOOP = 'loop';

/**
 * Where in a step a text stands. `outside`: it is read once, before the step starts (`when`, `for_each.items`, `items` of
 * a map, the message of an approval gate). `inside`: everything else; the texts of a step with `for_each` see its item, the
 * `until` of a loop sees the steps of the round.
 */
export type SitePlace = 'outside' | 'inside';

/** A name that holds only inside of a container or of a repeated step, and who gives it. */
export interface LocalName {
  name: string;
  kind: 'item' | 'each' | 'loop';
  owner: DraftStep;
}

/** Name of the item and the reference to the list of a step that is done once per item; null for other steps. */
export function repetitionOf({ step }: DraftStep): { items: string; as: string } | null {
  if (step === null) return null;
  if (step.type === 'map') return { items: step.items, as: step.as };
  if (!('for_each' in step) || step.for_each === undefined) return null;
  const { for_each } = step;
  return typeof for_each === 'string'
    ? { items: for_each, as: ITEM }
    : { items: for_each.items, as: for_each.as };
}

/** Names that only hold around a text, the innermost first; of two with one name the first counts. */
export function localsFor(
  graph: StepGraph,
  reader: DraftStep | null,
  place: SitePlace = 'inside',
): LocalName[] {
  if (reader === null) return [];
  const around = graph.containers(reader.stepId);
  return [...(place === 'inside' ? [reader] : []), ...around].flatMap((owner): LocalName[] => {
    if (owner.type === 'loop') return [{ name: LOOP, kind: 'loop', owner }];
    const repetition = repetitionOf(owner);
    if (repetition === null) return [];
    return [
      { name: repetition.as, kind: 'item', owner },
      { name: EACH, kind: 'each', owner },
    ];
  });
}

/** Names that the texts of one step, or the outputs (null), may use. */
export function namesFor(
  graph: StepGraph,
  reader: DraftStep | null,
  place: SitePlace = 'inside',
): Names {
  return {
    keys: new Set(graph.steps.map((step) => step.outputKey).filter((key) => !isNameless(key))),
    byPosition: graph.top.map((step) => step.outputKey),
    previous: previousFor(graph, reader, place),
    locals: new Set(localsFor(graph, reader, place).map(({ name }) => name)),
  };
}

function previousFor(graph: StepGraph, reader: DraftStep | null, place: SitePlace): string | null {
  if (reader === null) return null;
  // What ends a loop is asked after the last step of the round.
  if (reader.type === 'loop' && place === 'inside') {
    return graph.children(reader.stepId).at(-1)?.outputKey ?? null;
  }
  return graph.previous(reader.stepId);
}

/** All steps whose results may be there when a text is read. */
export function endedBefore(
  graph: StepGraph,
  reader: DraftStep,
  place: SitePlace,
): ReadonlySet<string> {
  const before = graph.ancestors(reader.stepId);
  if (reader.type !== 'loop' || place !== 'inside') return before;
  return new Set([...before, ...graph.descendants(reader.stepId).map((step) => step.stepId)]);
}
