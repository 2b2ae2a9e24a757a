import {
  isObject,
  pointerParts,
  toPointer,
  valueAt,
  type Edit,
  type Json,
  type JsonObject,
  type Path,
} from './json-edit.ts';

/** The steps of a recipe as a tree with the places they stand at. Tolerates whatever half-written recipes hold. Pure. */

export interface StepList {
  path: Path;
  /** Null for the list of the recipe or of a container with one list. */
  label: string | null;
  steps: StepItem[];
}

export interface StepItem {
  path: Path;
  /** Its path as a pointer; also its key on the screen. */
  pointer: string;
  stepId: string;
  name: string;
  type: string;
  /** 0 for the steps of the recipe. */
  depth: number;
  value: JsonObject;
  lists: StepList[];
}

export const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

export function typeOf(step: JsonObject): string {
  return text(step['type']) === '' ? 'agent' : text(step['type']);
}

function listsOf(step: JsonObject, path: Path, depth: number): StepList[] {
  const list = (at: Path, value: Json | undefined, label: string | null): StepList => ({
    path: at,
    label,
    steps: stepsOf(value, at, depth + 1),
  });
  if (['parallel', 'map', 'loop'].includes(typeOf(step))) {
    return [list([...path, 'steps'], step['steps'], null)];
  }
  if (typeOf(step) !== 'branch') return [];
  const arms = listOf(step['branches']).map((arm, index) => {
    const own = isObject(arm) ? arm : {};
    const label = text(own['name']) === '' ? `branch_${index + 1}` : text(own['name']);
    return list([...path, 'branches', index, 'steps'], own['steps'], label);
  });
  return [...arms, list([...path, 'otherwise'], step['otherwise'], 'otherwise')];
}

function stepsOf(value: Json | undefined, path: Path, depth: number): StepItem[] {
  return listOf(value).map((raw, index) => {
    const own = isObject(raw) ? raw : {};
    const at = [...path, index];
    const stepId = text(own['step_id']);
    const shown = stepId === '' ? `Step ${index + 1}` : stepId;
    return {
      path: at,
      pointer: toPointer(at),
      stepId,
      name: text(own['name']) === '' ? shown : text(own['name']),
      type: typeOf(own),
      depth,
      value: own,
      lists: depth > 6 ? [] : listsOf(own, at, depth),
    };
  });
}

export function stepTree(recipe: Json): StepList {
  const steps = isObject(recipe) ? recipe['steps'] : undefined;
  return { path: ['steps'], label: null, steps: stepsOf(steps, ['steps'], 0) };
}

/** All steps in the order they are written, containers before what they hold. */
export function allSteps(list: StepList): StepItem[] {
  return list.steps.flatMap((step) => [step, ...step.lists.flatMap(allSteps)]);
}

/** The innermost step that a pointer lies in; null for the head of the recipe. */
export function stepOfPointer(steps: readonly StepItem[], pointer: string): StepItem | null {
  const parts = pointerParts(pointer);
  const inside = steps.filter(({ path }) =>
    path.every((part, level) => String(part) === parts[level]),
  );
  return inside.toSorted((a, b) => b.path.length - a.path.length)[0] ?? null;
}

/** `agent`, `agent_2`, … : a step id that no step has. */
export function freeStepId(steps: readonly StepItem[], wanted: string): string {
  const taken = new Set(steps.map(({ stepId }) => stepId));
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? wanted : `${wanted}_${number}`;
    if (!taken.has(id)) return id;
  }
}

/** A copy with ids of its own, inside too. */
export function copyOf(steps: readonly StepItem[], step: StepItem): JsonObject {
  const taken = [...steps];
  const fresh = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(fresh);
    if (!isObject(value)) return value;
    const { output_key: _key, ...own } = value;
    const entries = Object.entries('step_id' in value ? own : value).map(([key, each]) => {
      if (key === 'step_id') {
        const stepId = freeStepId(taken, `${text(each)}_copy`);
        taken.push({ ...step, stepId });
        return [key, stepId] as const;
      }
      return [key, ['steps', 'branches', 'otherwise'].includes(key) ? fresh(each) : each] as const;
    });
    return Object.fromEntries(entries);
  };
  return fresh(step.value) as JsonObject;
}

/** Up or down in its own list; null at its end. */
export function moveBy(
  tree: StepList,
  step: StepItem,
  by: -1 | 1,
): Extract<Edit, { kind: 'move' }> | null {
  const to = step.path.slice(0, -1);
  const index = Number(step.path.at(-1)) + by;
  const size = listAt(tree, to)?.steps.length ?? 0;
  return index < 0 || index >= size ? null : { kind: 'move', from: step.path, to, index };
}

function listAt(tree: StepList, path: Path): StepList | null {
  if (toPointer(tree.path) === toPointer(path)) return tree;
  for (const list of tree.steps.flatMap((step) => step.lists)) {
    const found = listAt(list, path);
    if (found !== null) return found;
  }
  return null;
}

/** Puts a step before place `index` of a list as it is now; null when nothing would change or it would hold itself. */
export function dropAt(
  step: StepItem,
  to: Path,
  index: number,
): Extract<Edit, { kind: 'move' }> | null {
  if (step.path.every((part, level) => to[level] === part)) return null;
  const own = step.path.at(-1);
  const same = toPointer(step.path.slice(0, -1)) === toPointer(to);
  const target = same && typeof own === 'number' && own < index ? index - 1 : index;
  return same && own === target ? null : { kind: 'move', from: step.path, to, index: target };
}

/** Gives a step another id and changes `depends_on` and `{{steps.…}}` of all others with it. */
export function renameStep(recipe: Json, step: StepItem, stepId: string): Edit[] {
  const edits: Edit[] = [{ kind: 'set', path: [...step.path, 'step_id'], value: stepId }];
  if (step.stepId === '') return edits;
  // With an output key of its own the references do not name the id.
  const named = typeof step.value['output_key'] !== 'string';
  const own = step.stepId.replace(/[-]/g, '\\-');
  const reference = new RegExp(`\\bsteps\\.${own}(?![\\w-])`, 'g');
  const inBraces = (value: string) =>
    value.replace(/\{\{[^}]*\}\}/g, (all) => all.replace(reference, () => `steps.${stepId}`));
  const visit = (value: Json | undefined, path: Path): void => {
    if (typeof value === 'string') {
      const waits = path.at(-2) === 'depends_on' && value === step.stepId;
      const next = waits ? stepId : named ? inBraces(value) : value;
      if (next !== value) edits.push({ kind: 'set', path, value: next });
    } else if (Array.isArray(value)) value.forEach((item, index) => visit(item, [...path, index]));
    else if (isObject(value))
      for (const [key, item] of Object.entries(value)) visit(item, [...path, key]);
  };
  visit(isObject(recipe) ? recipe : undefined, []);
  return edits;
}

/** Takes a step out, and out of `depends_on` of the others. */
export function removeStep(recipe: Json, steps: readonly StepItem[], step: StepItem): Edit[] {
  const unhook = steps
    .filter((each) => each !== step && listOf(each.value['depends_on']).includes(step.stepId))
    .map((each): Edit => {
      const rest = listOf(each.value['depends_on']).filter((id) => id !== step.stepId);
      const path = [...each.path, 'depends_on'];
      return rest.length === 0 ? { kind: 'remove', path } : { kind: 'set', path, value: rest };
    });
  return valueAt(recipe, step.path) === undefined
    ? []
    : [...unhook, { kind: 'remove', path: step.path }];
}
