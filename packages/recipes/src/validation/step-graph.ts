import type { RecipeDefinition } from '@automatos/contracts';
import type { DraftStep } from '../definition/draft-step.ts';

export type ExecutionMode = RecipeDefinition['execution']['mode'];

/**
 * Order of a recipe's steps. The first level is a graph as soon as one of its steps names `depends_on` (mode `auto`) or
 * always (mode `parallel`): a step starts when those it names have ended, and steps without `depends_on` start at once.
 * Otherwise steps run in the order they are written. A container takes one place; inside of `parallel` steps run side
 * by side, inside of `map`, `loop` and each arm of a `branch` one after the other.
 */
export interface StepGraph {
  /** Of the first level. */
  mode: 'sequence' | 'graph';
  /** All steps in declaration order. */
  steps: readonly DraftStep[];
  /** Steps of the first level in declaration order. */
  top: readonly DraftStep[];
  /** Ids of first-level steps that must have ended before; for steps inside containers those of the outermost one. */
  dependencies(stepId: string): readonly string[];
  /** All steps, also those inside containers, that have surely ended or been skipped before this one starts (in a map or loop: in the same round). */
  ancestors(stepId: string): ReadonlySet<string>;
  /** Output key of the one step before (for the first of a body: before its container), null when there is none or more than one. */
  previous(stepId: string): string | null;
  /** Steps directly inside a container, all or those of one arm, in declaration order. */
  children(stepId: string, arm?: string): readonly DraftStep[];
  /** All steps inside a container, at any depth, in declaration order. */
  descendants(stepId: string): readonly DraftStep[];
  /** Containers around a step, the innermost first. */
  containers(stepId: string): readonly DraftStep[];
}

/** Builds the graph; unknown names and cycles are tolerated here and reported by the checks. */
export function buildGraph(
  steps: readonly DraftStep[],
  mode: ExecutionMode | undefined = 'auto',
): StepGraph {
  const top = steps.filter((step) => step.parent === null);
  const byId = new Map(steps.map((step) => [step.stepId, step]));
  const byParent = Map.groupBy(steps, (step) => step.parent);
  const named = mode === 'auto' && top.some((step) => step.dependsOn !== undefined);
  const order = named || mode === 'parallel' ? 'graph' : 'sequence';
  const direct = new Map<string, readonly string[]>(
    top.map((step, index) => {
      const before = index === 0 ? undefined : top[index - 1]?.stepId;
      const ordered = before === undefined ? [] : [before];
      return [step.stepId, order === 'graph' ? [...new Set(step.dependsOn ?? [])] : ordered];
    }),
  );
  const children = (stepId: string, arm?: string) =>
    (byParent.get(stepId) ?? []).filter((step) => arm === undefined || step.arm === arm);
  const descendants = (stepId: string): DraftStep[] => {
    const found = new Set<DraftStep>();
    const open = [stepId];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      for (const child of byParent.get(id) ?? []) {
        if (!found.has(child)) open.push(child.stepId);
        found.add(child);
      }
    }
    return [...found].toSorted((a, b) => a.index - b.index);
  };
  const containers = (stepId: string): DraftStep[] => {
    const around: DraftStep[] = [];
    let step = byId.get(byId.get(stepId)?.parent ?? '');
    for (; step !== undefined && !around.includes(step); step = byId.get(step.parent ?? '')) {
      around.push(step);
    }
    return around;
  };
  const dependencies = (stepId: string) =>
    direct.get(containers(stepId).at(-1)?.stepId ?? stepId) ?? [];
  const earlier = (step: DraftStep) => earlierIn(byParent.get(step.parent) ?? [], step);
  const parts = { byId, children, descendants, containers, dependencies, earlier };
  return {
    mode: order,
    steps,
    top,
    dependencies,
    children,
    descendants,
    containers,
    ancestors: cached((stepId) => ancestorsOf(parts, stepId)),
    previous: (stepId) => previousOf(parts, stepId),
  };
}

type Parts = Pick<StepGraph, 'dependencies' | 'children' | 'descendants' | 'containers'> & {
  byId: ReadonlyMap<string, DraftStep>;
  /** Steps that run before this one in the same body. */
  earlier(step: DraftStep): DraftStep[];
};

function earlierIn(body: readonly DraftStep[], step: DraftStep): DraftStep[] {
  if (step.container === null || step.container === 'parallel') return [];
  return body.slice(0, body.indexOf(step)).filter((other) => other.arm === step.arm);
}

function ancestorsOf(parts: Parts, stepId: string): Set<string> {
  const { byId, containers, dependencies, descendants, earlier } = parts;
  const own = byId.get(stepId);
  const around = containers(stepId);
  const seen = new Set<string>();
  const open = [
    ...[...(own === undefined ? [] : [own]), ...around].flatMap((step) =>
      earlier(step).map((before) => before.stepId),
    ),
    ...dependencies(stepId),
  ];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const step = byId.get(id);
    if (seen.has(id) || step === undefined) continue;
    seen.add(id);
    for (const child of descendants(id)) seen.add(child.stepId);
    if (step.parent === null) open.push(...dependencies(id));
  }
  seen.delete(stepId);
  for (const container of around) seen.delete(container.stepId);
  return seen;
}

function previousOf(parts: Parts, stepId: string): string | null {
  const { byId, containers, dependencies, earlier } = parts;
  for (const step of [byId.get(stepId), ...containers(stepId)]) {
    const before = step === undefined ? undefined : earlier(step).at(-1);
    if (before !== undefined) return before.outputKey;
  }
  const before = dependencies(stepId);
  return before.length === 1 ? (byId.get(before[0] ?? '')?.outputKey ?? null) : null;
}

function cached<T>(find: (stepId: string) => T): (stepId: string) => T {
  const known = new Map<string, T>();
  return (stepId) => {
    const found = known.get(stepId);
    if (found !== undefined) return found;
    const made = find(stepId);
    known.set(stepId, made);
    return made;
  };
}

/** Ids of one cycle in order, the first repeated at the end; null when there is none. */
export function findCycle(graph: StepGraph): string[] | null {
  const done = new Set<string>();
  for (const start of graph.top) {
    const found = cycleFrom(graph, start.stepId, done);
    if (found !== null) return found;
  }
  return null;
}

function cycleFrom(graph: StepGraph, start: string, done: Set<string>): string[] | null {
  const trail: { id: string; next: number }[] = [{ id: start, next: 0 }];
  for (let last = trail.at(-1); last !== undefined; last = trail.at(-1)) {
    const id = graph.dependencies(last.id)[last.next];
    last.next += 1;
    if (id === undefined) {
      done.add(last.id);
      trail.pop();
      continue;
    }
    const at = trail.findIndex((entry) => entry.id === id);
    if (at !== -1) return [...trail.slice(at).map((entry) => entry.id), id];
    if (!done.has(id) && graph.top.some((step) => step.stepId === id)) trail.push({ id, next: 0 });
  }
  return null;
}
