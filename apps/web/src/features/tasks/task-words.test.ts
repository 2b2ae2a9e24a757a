import { expect, test } from 'vitest';
import { answerOf, focusStage, type Stage } from './task-words.ts';

const stages = (...statuses: Stage['status'][]) =>
  (['decomposition', 'agent_selection', 'execution'] as const).map(
    (stage, index) => ({ stage, status: statuses[index] ?? 'pending' }) as Stage,
  );

test.each([
  [['completed', 'running'], 'agent_selection'],
  [['completed', 'failed', 'skipped'], 'agent_selection'],
  [['completed', 'completed', 'completed'], 'execution'],
  [[], 'decomposition'],
] as const)('%j leads to %s', (statuses, stage) => {
  expect(focusStage(stages(...statuses))).toBe(stage);
});

test('a result without an answer is none, and what is missing is empty', () => {
  expect(answerOf(null)).toBeNull();
  expect(answerOf({ status: 'x' })).toBeNull();
  expect(answerOf({ response: '# A' })).toEqual({
    response: '# A',
    artifactId: null,
    conflicts: [],
    refinements: [],
    dimensions: {},
    estimateNote: null,
    predictionError: null,
  });
});
