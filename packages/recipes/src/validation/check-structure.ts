import type { RecipeDraft } from '../definition/parse-recipe.ts';
import { suggest } from '../definition/suggest.ts';
import type { ProblemList } from './problem-list.ts';
import { findCycle } from './step-graph.ts';
import type { StepGraph } from './step-graph.ts';

/** Names that references use themselves; a step that carried one could not be reached in single braces. */
const RESERVED = new Set(['input', 'inputs', 'steps', 'previous', 'previous_output', 'run']);

/** Duplicate and reserved names, `depends_on`, cycles, and fields that do not belong together. */
export function checkStructure(draft: RecipeDraft, graph: StepGraph, list: ProblemList): void {
  checkNames(draft, list);
  for (const step of draft.steps) {
    checkDependencies(draft, step, list);
    checkFailurePolicy(step, list);
  }
  const ids = draft.steps.map((step) => step.stepId);
  // With one name for two steps, a cycle may only seem to be one.
  const clear = graph.mode === 'graph' && new Set(ids).size === ids.length;
  const cycle = clear ? findCycle(graph) : null;
  if (cycle === null) return;
  const at = draft.steps.find((step) => step.stepId === cycle[0]);
  if (at === undefined) return;
  list.add([...at.path, 'depends_on'], `the steps wait for each other: ${cycle.join(' → ')}`);
}

function checkNames(draft: RecipeDraft, list: ProblemList): void {
  const ids = new Map<string, number>();
  const keys = new Map<string, number>();
  for (const step of draft.steps) {
    if (step.stepId === '') continue;
    const own = step.step?.output_key !== undefined;
    const keyPath = [...step.path, own ? 'output_key' : 'step_id'];
    if (ids.has(step.stepId)) {
      list.add([...step.path, 'step_id'], `the step_id "${step.stepId}" is used twice`);
    } else if (keys.has(step.outputKey)) {
      list.add(keyPath, `the output key "${step.outputKey}" is used twice`);
    }
    if (RESERVED.has(step.outputKey) || /^step_\d+_output$/.test(step.outputKey)) {
      list.add(keyPath, `"${step.outputKey}" is reserved for references; choose another name`);
    }
    ids.set(step.stepId, step.index);
    keys.set(step.outputKey, step.index);
  }
}

function checkDependencies(
  draft: RecipeDraft,
  step: RecipeDraft['steps'][number],
  list: ProblemList,
): void {
  const { dependsOn, path } = step;
  if (dependsOn === undefined) return;
  if (step.parent !== null) {
    list.add(
      [...path, 'depends_on'],
      `steps of a group run side by side; put depends_on on "${step.parent}"`,
      { key: true },
    );
    return;
  }
  for (const [index, id] of dependsOn.entries()) {
    const place = [...path, 'depends_on', index];
    const target = draft.steps.find((other) => other.stepId === id);
    if (id === step.stepId) list.add(place, `"${id}" cannot wait for itself`);
    else if (target === undefined) {
      const names = draft.steps
        .filter((other) => other.parent === null)
        .map(({ stepId }) => stepId);
      list.add(place, `there is no step "${id}"`, { suggestion: suggest(id, names) });
    } else if (target.parent !== null) {
      const message = `"${id}" stands in a group; depend on the group`;
      list.add(place, message, { suggestion: target.parent });
    }
  }
}

function checkFailurePolicy({ step, path }: RecipeDraft['steps'][number], list: ProblemList): void {
  if (step === null) return;
  if (step.on_error === 'continue_with' && step.fallback === undefined) {
    list.add([...path, 'on_error'], 'continue_with needs a fallback');
  }
  if (step.fallback !== undefined && step.on_error !== 'continue_with') {
    list.add([...path, 'fallback'], 'a fallback is only used with on_error: continue_with', {
      key: true,
    });
  }
}
