import { describe, expect, it } from 'vitest';
import { applyToValue, type Json } from './json-edit.ts';
import {
  allSteps,
  copyOf,
  dropAt,
  moveBy,
  removeStep,
  renameStep,
  stepOfPointer,
  stepTree,
  type StepItem,
} from './step-tree.ts';

const recipe: Json = {
  steps: [
    { step_id: 'scan', type: 'tool', tool: 't' },
    {
      step_id: 'both',
      type: 'parallel',
      steps: [
        {
          step_id: 'left',
          agent: 'a',
          prompt_template: '{{steps.scan.text | default: steps.scan}} {{steps.scanner}}',
        },
        { step_id: 'right', agent: 'b', depends_on: ['scan'] },
      ],
    },
    {
      step_id: 'way',
      type: 'branch',
      branches: [{ name: 'yes', when: '{{steps.scan.ok}}', steps: [{ step_id: 'in' }] }],
    },
  ],
  outputs: { all: '{{ steps.scan.text }}' },
};
const tree = stepTree(recipe);
const steps = allSteps(tree);
const named = (id: string) => steps.find(({ stepId }) => stepId === id) as StepItem;

describe('step tree', () => {
  it('holds every step with its place, branches and otherwise too', () => {
    expect(steps.map(({ pointer, depth }) => [pointer, depth])).toEqual([
      ['/steps/0', 0],
      ['/steps/1', 0],
      ['/steps/1/steps/0', 1],
      ['/steps/1/steps/1', 1],
      ['/steps/2', 0],
      ['/steps/2/branches/0/steps/0', 1],
    ]);
    expect(named('way').lists.map(({ label }) => label)).toEqual(['yes', 'otherwise']);
  });

  it.each([null, 'text', { steps: 'none' }, { steps: [1, null, { type: 'loop', steps: 4 }] }])(
    'reads whatever stands there: %j',
    (value) => expect(allSteps(stepTree(value)).length).toBeLessThanOrEqual(3),
  );

  it('finds the innermost step of a pointer', () => {
    expect(stepOfPointer(steps, '/steps/1/steps/0/agent')?.stepId).toBe('left');
    expect(stepOfPointer(steps, '/steps/1/steps')?.stepId).toBe('both');
    expect(stepOfPointer(steps, '/outputs/all')).toBeNull();
  });

  it('renames a step together with what names it, and nothing else', () => {
    const after = renameStep(recipe, named('scan'), 'look').reduce(applyToValue, recipe);
    const text = JSON.stringify(after);
    expect(text).toContain('{{steps.look.text | default: steps.look}} {{steps.scanner}}');
    expect(text).toContain('{{steps.look.ok}}');
    expect(text).toContain('{{ steps.look.text }}');
    expect(text).toContain('"depends_on":["look"]');
    expect(text).not.toContain('scan"');
  });

  it('takes a removed step out of what waits for it', () => {
    const after = removeStep(recipe, steps, named('scan')).reduce(applyToValue, recipe);
    expect(JSON.stringify(after)).not.toContain('depends_on');
    expect(allSteps(stepTree(after)).map(({ stepId }) => stepId)).toEqual([
      'both',
      'left',
      'right',
      'way',
      'in',
    ]);
  });

  it('copies a container with new ids inside', () => {
    expect(copyOf(steps, named('both'))).toMatchObject({
      step_id: 'both_copy',
      steps: [{ step_id: 'left_copy' }, { step_id: 'right_copy' }],
    });
  });

  it('moves within a list, drops elsewhere, and never into itself', () => {
    expect(moveBy(tree, named('scan'), -1)).toBeNull();
    expect(moveBy(tree, named('right'), -1)).toMatchObject({ index: 0 });
    expect(moveBy(tree, named('way'), 1)).toBeNull();
    expect(dropAt(named('scan'), ['steps'], 2)).toMatchObject({ index: 1 });
    expect(dropAt(named('scan'), ['steps'], 1)).toBeNull();
    expect(dropAt(named('scan'), ['steps', 1, 'steps'], 1)).toMatchObject({ index: 1 });
    expect(dropAt(named('both'), ['steps', 1, 'steps'], 0)).toBeNull();
  });
});
