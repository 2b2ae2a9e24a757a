'use client';

import { useToast } from '../../../components/ui/toast.tsx';
import {
  applyToValue,
  toPointer,
  type Edit,
  type JsonObject,
  type Path,
} from './document/json-edit.ts';
import {
  allSteps,
  copyOf,
  dropAt,
  freeStepId,
  moveBy,
  removeStep,
  stepTree,
  text,
  type StepItem,
} from './document/step-tree.ts';
import { useEditor } from './editor-context.tsx';
import type { StepTypeLook } from './step-types.ts';

/** What can be done with whole steps; the selection goes with the step. */
export function useStepActions() {
  const editor = useEditor();
  const notify = useToast();
  const { document, steps, tree } = editor;
  const carryOut = (
    edits: readonly Edit[],
    about: string,
    select: (after: StepItem[]) => string | null,
  ) => {
    editor.edit(edits, about);
    const after = allSteps(stepTree(edits.reduce(applyToValue, document.value)));
    const next = select(after);
    if (next !== null) editor.select(next);
  };
  const withId = (id: string) => (after: StepItem[]) =>
    after.find(({ stepId }) => stepId === id)?.pointer ?? null;
  const moveTo = (step: StepItem, edit: Edit | null) => {
    if (edit !== null) carryOut([edit], `${step.pointer}/move`, withId(step.stepId));
  };
  return {
    mayMove: (step: StepItem, by: -1 | 1) => moveBy(tree, step, by) !== null,
    move: (step: StepItem, by: -1 | 1) => moveTo(step, moveBy(tree, step, by)),
    drop: (step: StepItem, to: Path, index: number) => moveTo(step, dropAt(step, to, index)),
    duplicate: (step: StepItem) => {
      const value = copyOf(steps, step);
      const path = step.path.slice(0, -1);
      const index = Number(step.path.at(-1)) + 1;
      carryOut(
        [{ kind: 'insert', path, index, value }],
        `${step.pointer}/copy`,
        withId(text(value['step_id'])),
      );
    },
    remove: (step: StepItem) => {
      carryOut(removeStep(document.value, steps, step), `${step.pointer}/remove`, () => 'about');
      notify({
        kind: 'success',
        title: `${step.name} is deleted`,
        detail: 'Ctrl+Z brings it back.',
      });
    },
    add: (type: StepTypeLook, path: Path, index: number) => {
      const stepId = freeStepId(steps, type.type);
      const value = freshStep(type, stepId, steps);
      carryOut([{ kind: 'insert', path, index, value }], `${toPointer(path)}/add`, withId(stepId));
    },
  };
}

function freshStep(
  { fresh, label }: StepTypeLook,
  stepId: string,
  steps: readonly StepItem[],
): JsonObject {
  const inner = { step_id: freeStepId(steps, `${stepId}_inner`), agent: '', prompt_template: '' };
  const branches = fresh['branches'];
  return {
    step_id: stepId,
    name: label,
    ...fresh,
    ...('steps' in fresh ? { steps: [inner] } : {}),
    ...(Array.isArray(branches) ? { branches: [{ name: 'first', when: '', steps: [inner] }] } : {}),
  };
}
