import { expect, test } from 'vitest';
import { EMPTY_DRAFT, problemsOfStep, stepOfPointer, wordsOf } from './agent-draft.ts';

test.each([
  ['/name', 'basics'],
  ['/persona_text', 'persona'],
  ['/model/fallbacks/0/model', 'model'],
  ['/limits/max_iterations', 'model'],
  ['/tools/3/tool', 'capabilities'],
  ['/definition/tools/3', 'capabilities'],
  ['/task/target', 'review'],
  ['', 'review'],
])('the field %s is on the step %s', (pointer, step) => {
  expect(stepOfPointer(pointer)).toBe(step);
});

test('a step is left only with what it needs', () => {
  expect(Object.keys(problemsOfStep('basics', EMPTY_DRAFT))).toEqual(['/name']);
  expect(problemsOfStep('basics', { ...EMPTY_DRAFT, name: 'A' })).toEqual({});
  const model = { ...EMPTY_DRAFT.model, temperature: 3, max_tokens: Number.NaN };
  expect(Object.keys(problemsOfStep('model', { ...EMPTY_DRAFT, model }))).toEqual([
    '/model/temperature',
    '/model/max_tokens',
  ]);
  expect(problemsOfStep('model', EMPTY_DRAFT)).toEqual({});
});

test('words of a list', () => {
  expect(wordsOf(' a, b,,a , c d')).toEqual(['a', 'b', 'c d']);
});
