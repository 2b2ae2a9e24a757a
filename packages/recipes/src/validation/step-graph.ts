import type { DraftStep } from '../definition/parse-recipe.ts';

/**
 * Order of a recipe's steps. As soon as one step of the first level names `depends_on`, the recipe is a graph: a step
 * starts when those it names have ended, and steps without `depends_on` start at once. Otherwise steps run in the order
 * they are written. A parallel group takes one place; its steps run side by side.
 */
export interface StepGraph {
  mode: 'sequence' | 'graph';
  /** Steps of the first level in declaration order. */
  top: readonly DraftStep[];
  /** Ids of first-level steps that must have ended before; for the steps of a group those of the group. */
  dependencies(stepId: string): readonly string[];
  /** All steps, also those inside groups, that have surely ended or been skipped before this one starts. */
  ancestors(stepId: string): ReadonlySet<string>;
  /** Output key of the one step before, null when there is none or more than one. */
  previous(stepId: string): string | null;
  children(stepId: string): readonly DraftStep[];
}

/** Builds the graph; unknown names and cycles are tolerated here and reported by the checks. */
export function buildGraph(steps: readonly DraftStep[]): StepGraph {
  const top = steps.filter((step) => step.parent === null);
  const byId = new Map(steps.map((step) => [step.stepId, step]));
  const mode = top.some((step) => step.dependsOn !== undefined) ? 'graph' : 'sequence';
  const direct = new Map<string, readonly string[]>(
    top.map((step, index) => {
      const before = index === 0 ? undefined : top[index - 1]?.stepId;
      const ordered = before === undefined ? [] : [before];
      return [step.stepId, mode === 'graph' ? [...new Set(step.dependsOn ?? [])] : ordered];
    }),
  );
  const children = (stepId: string) => steps.filter((step) => step.parent === stepId);
  const dependencies = (stepId: string) => direct.get(byId.get(stepId)?.parent ?? stepId) ?? [];
  return {
    mode,
    top,
    dependencies,
    children,
    ancestors(stepId) {
      const seen = new Set<string>();
      const open = [...dependencies(stepId)];
      for (let id = open.pop(); id !== undefined; id = open.pop()) {
        if (seen.has(id) || !byId.has(id)) continue;
        seen.add(id);
        for (const child of children(id)) seen.add(child.stepId);
        open.push(...dependencies(id));
      }
      seen.delete(stepId);
      return seen;
    },
    previous(stepId) {
      const before = dependencies(stepId);
      return before.length === 1 ? (byId.get(before[0] ?? '')?.outputKey ?? null) : null;
    },
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
