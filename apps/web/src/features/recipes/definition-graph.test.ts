import type { RecipeDefinition } from '@automatos/sdk';
import { expect, it } from 'vitest';
import { definedSteps } from './definition-graph.ts';

const definition = (steps: unknown[]) => ({ steps }) as RecipeDefinition;
const needs = (steps: unknown[]) =>
  definedSteps(definition(steps)).map((step) => [step.stepId, step.parent, step.dependsOn]);

it('runs steps in the order they are written when none names what it waits for', () => {
  expect(
    needs([
      { step_id: 'a', agent: 'x', prompt_template: 'p' },
      {
        step_id: 'g',
        type: 'parallel',
        steps: [{ step_id: 'l', type: 'tool', tool: 't', input: {} }],
      },
      { step_id: 'd', type: 'document', title: 't', template: 't' },
    ]),
  ).toEqual([
    ['a', null, []],
    ['g', null, ['a']],
    ['l', 'g', []],
    ['d', null, ['g']],
  ]);
});

it('is a graph as soon as one step names what it waits for', () => {
  expect(
    needs([
      { step_id: 'a', agent: 'x', prompt_template: 'p' },
      { step_id: 'b', agent: 'x', prompt_template: 'p' },
      { step_id: 'c', agent: 'x', prompt_template: 'p', depends_on: ['a'] },
    ]),
  ).toEqual([
    ['a', null, []],
    ['b', null, []],
    ['c', null, ['a']],
  ]);
});
