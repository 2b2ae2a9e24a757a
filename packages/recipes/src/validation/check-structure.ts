import { isNameless } from '../definition/draft-step.ts';
import type { DraftStep } from '../definition/draft-step.ts';
import type { RecipeDraft } from '../definition/parse-recipe.ts';
import { suggest } from '../definition/suggest.ts';
import { checkStepRules } from './check-step-rules.ts';
import type { ProblemList } from './problem-list.ts';
import { findCycle } from './step-graph.ts';
import type { StepGraph } from './step-graph.ts';

/** Names that references use themselves; a step that carried one could not be reached in single braces. */
export const RESERVED: ReadonlySet<string> = new Set([
  'input',
  'inputs',
  'steps',
  'previous',
  'previous_output',
  'run',
  'each',
  'loop',
]);
/** Fields that containers put beside the results of their steps. */
const OWN_FIELDS: Partial<Record<string, readonly string[]>> = {
  branch: ['taken'],
  loop: ['iterations', 'met'],
};

/** Duplicate and reserved names, `depends_on`, cycles, and fields that do not belong together. */
export function checkStructure(draft: RecipeDraft, graph: StepGraph, list: ProblemList): void {
  checkNames(draft, list);
  for (const step of draft.steps) {
    checkDependencies(draft, step, { graph, list });
    checkStepRules(step, { graph, list, reserved: RESERVED });
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
    if (isNameless(step.stepId)) continue;
    const own = step.step?.output_key !== undefined;
    const keyPath = [...step.path, own ? 'output_key' : 'step_id'];
    if (ids.has(step.stepId)) {
      list.add([...step.path, 'step_id'], `the step_id "${step.stepId}" is used twice`);
    } else if (keys.has(step.outputKey)) {
      list.add(keyPath, `the output key "${step.outputKey}" is used twice`);
    }
    if (RESERVED.has(step.outputKey) || /^step_\d+_output$/.test(step.outputKey)) {
      list.add(keyPath, `"${step.outputKey}" is reserved for references; choose another name`);
    } else if (OWN_FIELDS[step.container ?? '']?.includes(step.outputKey) === true) {
      const message = `"${step.outputKey}" is a field of the result of "${step.parent ?? ''}" itself; choose another name`;
      list.add(keyPath, message);
    }
    ids.set(step.stepId, step.index);
    keys.set(step.outputKey, step.index);
  }
}

function checkDependencies(
  draft: RecipeDraft,
  step: DraftStep,
  { graph, list }: { graph: StepGraph; list: ProblemList },
): void {
  const { dependsOn, path } = step;
  if (dependsOn === undefined) return;
  const place = [...path, 'depends_on'];
  if (step.parent !== null) {
    const outermost = graph.containers(step.stepId).at(-1)?.stepId ?? step.parent;
    const order = step.container === 'parallel' ? 'side by side' : 'one after the other';
    const message = `the steps of "${step.parent}" run ${order}; put depends_on on "${outermost}"`;
    list.add(place, message, { key: true });
    return;
  }
  if (draft.head?.execution.mode === 'sequential') {
    const message =
      'execution.mode "sequential" runs the steps as they are written; leave depends_on out, or set the mode to auto';
    list.add(place, message, { key: true });
    return;
  }
  for (const [index, id] of dependsOn.entries()) {
    const target = draft.steps.find((other) => other.stepId === id);
    if (id === step.stepId) list.add([...place, index], `"${id}" cannot wait for itself`);
    else if (target === undefined) {
      const names = graph.top.map(({ stepId }) => stepId);
      list.add([...place, index], `there is no step "${id}"`, { suggestion: suggest(id, names) });
    } else if (target.parent !== null) {
      const outermost = graph.containers(id).at(-1)?.stepId ?? target.parent;
      list.add([...place, index], `"${id}" stands inside of "${outermost}"; depend on that`, {
        suggestion: outermost,
      });
    }
  }
}
