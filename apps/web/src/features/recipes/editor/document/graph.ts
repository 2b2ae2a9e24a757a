import { isObject, valueAt, type Edit, type Json } from './json-edit.ts';
import { text, type StepItem, type StepList } from './step-tree.ts';

/** The recipe as a picture: steps as boxes, containers as frames around theirs, left to right or downwards. Pure. */

export type Direction = 'right' | 'down';
export const BOX = { width: 208, height: 60 } as const;
const GAP = { along: 56, across: 24 } as const;
const FRAME = { side: 16, head: 44, label: 22 } as const;

export interface Box {
  id: string;
  /** Null for a frame of a list inside a container, which only has a label. */
  step: StepItem | null;
  label: string | null;
  /** The box it lies in; x and y count from its corner. */
  parent: string | null;
  x: number;
  y: number;
  width: number;
  height: number;
  frame: boolean;
}

export interface Line {
  from: string;
  to: string;
}

export interface Picture {
  boxes: Box[];
  lines: Line[];
  width: number;
  height: number;
}

type Order = 'sequence' | 'graph' | 'beside';

const dependsOn = (step: StepItem): string[] => {
  const list = step.value['depends_on'];
  return Array.isArray(list) ? list.map(text).filter((id) => id !== '') : [];
};

/** Whether the first level is a graph; the steps inside containers follow the kind of their container. */
export function isGraph(recipe: Json): boolean {
  const mode = valueAt(recipe, ['execution', 'mode']);
  if (mode === 'sequential') return false;
  const steps = valueAt(recipe, ['steps']);
  const named =
    Array.isArray(steps) &&
    steps.some((step) => isObject(step) && step['depends_on'] !== undefined);
  return mode === 'parallel' || named;
}

/** Pointers of the steps of one list that each waits for. */
function needsOf(list: StepList, order: Order): Map<string, string[]> {
  const byId = new Map(list.steps.map((step) => [step.stepId, step.pointer]));
  return new Map(
    list.steps.map((step, index) => {
      if (order === 'sequence') {
        const before = list.steps[index - 1];
        return [step.pointer, before === undefined ? [] : [before.pointer]];
      }
      if (order === 'beside') return [step.pointer, []];
      const needs = dependsOn(step).flatMap((id) => byId.get(id) ?? []);
      return [step.pointer, needs.filter((pointer) => pointer !== step.pointer)];
    }),
  );
}

function stagesOf(needs: Map<string, string[]>): Map<string, number> {
  const stages = new Map<string, number>();
  const visit = (id: string, path: ReadonlySet<string>): number => {
    const known = stages.get(id);
    if (known !== undefined) return known;
    // A circle cannot be saved; while it is being written the picture must still end.
    const before = (needs.get(id) ?? []).filter((each) => !path.has(each));
    const stage = Math.max(0, ...before.map((each) => visit(each, new Set([...path, id])) + 1));
    stages.set(id, stage);
    return stage;
  };
  for (const id of needs.keys()) visit(id, new Set([id]));
  return stages;
}

interface DrawnStep {
  own: Box;
  inner: Box[];
  lines: Line[];
}

function drawList(list: StepList, order: Order, direction: Direction): Picture {
  const needs = needsOf(list, order);
  const stageOf = stagesOf(needs);
  const stages = new Map<number, DrawnStep[]>();
  for (const step of list.steps) {
    const stage = stageOf.get(step.pointer) ?? 0;
    stages.set(stage, [...(stages.get(stage) ?? []), drawStep(step, direction)]);
  }
  const lying = direction === 'right';
  const main = ({ own }: DrawnStep) => (lying ? own.width : own.height);
  const cross = ({ own }: DrawnStep) => (lying ? own.height : own.width);
  const breadth = (steps: DrawnStep[]) =>
    steps.reduce((sum, step) => sum + cross(step) + GAP.across, -GAP.across);
  const broadest = Math.max(0, ...[...stages.values()].map(breadth));
  const boxes: Box[] = [];
  const lines = [...needs].flatMap(([to, sources]) => sources.map((from) => ({ from, to })));
  let along = 0;
  for (const [, steps] of [...stages].toSorted(([a], [b]) => a - b)) {
    const longest = Math.max(...steps.map(main));
    let across = (broadest - breadth(steps)) / 2;
    for (const step of steps) {
      const at = along + (longest - main(step)) / 2;
      boxes.push({ ...step.own, x: lying ? at : across, y: lying ? across : at }, ...step.inner);
      lines.push(...step.lines);
      across += cross(step) + GAP.across;
    }
    along += longest + GAP.along;
  }
  const length = Math.max(0, along - GAP.along);
  return { boxes, lines, width: lying ? length : broadest, height: lying ? broadest : length };
}

const EMPTY: Picture = { boxes: [], lines: [], width: BOX.width, height: BOX.height };

function drawStep(step: StepItem, direction: Direction): DrawnStep {
  const base = { id: step.pointer, step, label: null, parent: null, x: 0, y: 0 };
  if (step.lists.length === 0)
    return { own: { ...base, ...BOX, frame: false }, inner: [], lines: [] };
  const order: Order = step.type === 'parallel' ? 'beside' : 'sequence';
  const inner: Box[] = [];
  const lines: Line[] = [];
  // Ways of a branch stand across the direction of the picture, each under its name.
  let across: number = direction === 'right' ? FRAME.head : FRAME.side;
  let longest = 0;
  for (const list of step.lists) {
    // What is left out is not drawn; a list that was emptied is, so that it is seen.
    if (
      list.steps.length === 0 &&
      valueAt(step.value, list.path.slice(step.path.length)) === undefined
    )
      continue;
    const drawn = list.steps.length === 0 ? EMPTY : drawList(list, order, direction);
    const label = list.label === null ? 0 : FRAME.label;
    const lying = direction === 'right';
    const [x, y] = lying ? [FRAME.side, across + label] : [across, FRAME.head + label];
    if (list.label !== null) {
      inner.push({
        id: `${step.pointer}/${list.label}`,
        step: null,
        label: list.label,
        parent: step.pointer,
        x,
        y: y - label,
        width: Math.max(drawn.width, 80),
        height: label,
        frame: false,
      });
    }
    inner.push(
      ...drawn.boxes.map((box) =>
        box.parent === null ? { ...box, parent: step.pointer, x: box.x + x, y: box.y + y } : box,
      ),
    );
    lines.push(...drawn.lines);
    across += (lying ? drawn.height + label : drawn.width) + GAP.across;
    longest = Math.max(longest, lying ? drawn.width : drawn.height + label);
  }
  const size =
    direction === 'right'
      ? { width: longest + 2 * FRAME.side, height: across - GAP.across + FRAME.side }
      : { width: across - GAP.across + FRAME.side, height: FRAME.head + longest + FRAME.side };
  const own = {
    ...base,
    width: Math.max(size.width, BOX.width + 2 * FRAME.side),
    height: Math.max(size.height, BOX.height),
    frame: true,
  };
  return { own, inner, lines };
}

/** Where everything stands. Containers come before what they hold. */
export function drawRecipe(recipe: Json, tree: StepList, direction: Direction): Picture {
  return drawList(tree, isGraph(recipe) ? 'graph' : 'sequence', direction);
}

/**
 * Edits that make `to` wait for `from`; null when they do not stand side by side on the first level, when it waits
 * already, or when it would wait for itself. A recipe in order becomes a graph that keeps its order.
 */
export function connect(recipe: Json, tree: StepList, { from, to }: Line): Edit[] | null {
  const before = tree.steps.find(({ pointer }) => pointer === from);
  const after = tree.steps.find(({ pointer }) => pointer === to);
  if (before === undefined || after === undefined || before === after || before.stepId === '')
    return null;
  if (valueAt(recipe, ['execution', 'mode']) === 'sequential') return null;
  const needs = needsOf(tree, isGraph(recipe) ? 'graph' : 'sequence');
  if (needs.get(to)?.includes(from) === true || reaches(needs, from, to)) return null;
  const kept = isGraph(recipe) ? [] : keepOrder(tree, after);
  const own = isGraph(recipe)
    ? dependsOn(after)
    : (needs.get(to) ?? []).map((pointer) => idOf(tree, pointer));
  return [
    ...kept,
    { kind: 'set', path: [...after.path, 'depends_on'], value: [...own, before.stepId] },
  ];
}

/** Edits that end the wait of `to` for `from`; null when it does not name it. */
export function disconnect(tree: StepList, { from, to }: Line): Edit[] | null {
  const after = tree.steps.find(({ pointer }) => pointer === to);
  if (after === undefined || !dependsOn(after).includes(idOf(tree, from))) return null;
  const rest = dependsOn(after).filter((id) => id !== idOf(tree, from));
  // An empty list stays, or the last wait that goes would turn the graph into a recipe in order.
  return [{ kind: 'set', path: [...after.path, 'depends_on'], value: rest }];
}

const idOf = (tree: StepList, pointer: string) =>
  tree.steps.find((step) => step.pointer === pointer)?.stepId ?? '';

/** Whether `start` waits for `goal`, directly or not. */
function reaches(needs: Map<string, string[]>, start: string, goal: string): boolean {
  const seen = new Set<string>();
  const visit = (id: string): boolean => {
    if (id === goal) return true;
    if (seen.has(id)) return false;
    seen.add(id);
    return (needs.get(id) ?? []).some(visit);
  };
  return visit(start);
}

/** Names for every step but one the step before it, as it was by order until now. */
function keepOrder(tree: StepList, but: StepItem): Edit[] {
  return tree.steps.flatMap((step, index): Edit[] => {
    const before = tree.steps[index - 1];
    if (before === undefined || step === but || before.stepId === '') return [];
    return [{ kind: 'set', path: [...step.path, 'depends_on'], value: [before.stepId] }];
  });
}

const AROUND = 56;

/** Height in pixels that a picture needs in a frame of `width`, where it is made smaller until it fits; null is not known yet. */
export function frameHeight(
  picture: Picture,
  width: number | null,
  [least, most]: readonly [number, number],
): number {
  const scale = width === null ? 1 : Math.min(1, width / (picture.width + AROUND));
  return Math.round(Math.min(most, Math.max(least, picture.height * scale + AROUND)));
}
