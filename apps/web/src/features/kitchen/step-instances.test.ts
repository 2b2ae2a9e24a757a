import type { Run, RunEvent, RunStep } from '@automatos/sdk';
import { expect, it } from 'vitest';
import { applyEvents, initialRunState } from './run-state.ts';
import { drawnAs, drawnSteps, repetitionText, timelineEntries } from './step-instances.ts';

const declared = (step_id: string, type: string, parent: string | null = null) =>
  ({
    step_id,
    name: step_id,
    type,
    agent: null,
    tool: null,
    parent,
    depends_on: [],
  }) as unknown as RunStep;
const start = initialRunState({ created_at: '2026-11-21T12:00:00.000Z' } as Run, [
  declared('every', 'map'),
  // Rows of items are there after the run; the events bring them.
  declared('read#0', 'tool', 'every'),
  declared('big', 'branch'),
  declared('yes', 'agent', 'big'),
  declared('side', 'parallel'),
  declared('left', 'agent', 'side'),
]);

function told(parts: [type: string, stepId: string, data?: object][]): RunEvent[] {
  return parts.map(([type, step_id, data], index) => ({
    id: `e${index}`,
    seq: index + 1,
    workspace_id: 'w',
    subject: 's',
    type,
    step_id,
    at: new Date(Date.parse('2026-11-21T12:00:00Z') + index * 1000).toISOString(),
    data: { depends_on: [], attempt: 1, ...data },
  })) as unknown as RunEvent[];
}
const begin = (id: string, name: string, ...[parent, type = 'tool']: [string?, string?]) =>
  ['step.started', id, { name, type, ...(parent === undefined ? {} : { parent }) }] as [
    string,
    string,
    object,
  ];
const end = (id: string): [string, string, object] => [
  'step.completed',
  id,
  { output_preview: '', usage: null },
];

it('lists items below their map with the name of the item, and counts them', () => {
  const state = applyEvents(
    start,
    told([
      begin('every', 'every', undefined, 'map'),
      begin('read#1', 'Read', 'every'),
      begin('read#0', 'Read', 'every'),
      end('read#0'),
      ['step.failed', 'read#1', { error: {}, attempts: 1 }],
      begin('read#2', 'Read', 'every'),
    ]),
  );
  const entries = timelineEntries(state, new Set());
  expect(entries.map(({ name, depth }) => [name, depth])).toEqual([
    ['every', 0],
    ['Read, item 1', 1],
    ['Read, item 2', 1],
    ['Read, item 3', 1],
    ['big', 0],
    ['yes', 1],
    ['left', 0],
  ]);
  expect(entries[0]?.repetition).toEqual({ begun: 3, done: 2, failed: 1 });
  expect(repetitionText({ begun: 3, done: 2, failed: 1 }, 'map')).toBe(
    '2 of 3 items done, 1 failed',
  );
});

it('does not count an item as done between two of its steps', () => {
  const parts = [
    begin('every', 'every', undefined, 'map'),
    begin('read#0', 'Read', 'every'),
    end('read#0'),
    begin('sum#0', 'Sum', 'every'),
    end('sum#0'),
    begin('read#1', 'Read', 'every'),
    end('read#1'),
  ];
  const done = (count: number) =>
    timelineEntries(applyEvents(start, told(parts.slice(0, count))), new Set())[0]?.repetition;
  expect(done(5)).toMatchObject({ begun: 1, done: 1 });
  expect(done(7)).toMatchObject({ begun: 2, done: 1 });
  expect(done(4)).toMatchObject({ begun: 1, done: 0 });
});

it('folds more than eight items until they are opened', () => {
  const parts = [
    begin('every', 'every', undefined, 'map'),
    ...Array.from({ length: 9 }, (_, index) => begin(`read#${index}`, 'Read', 'every')),
  ];
  const state = applyEvents(start, told(parts));
  const folded = timelineEntries(state, new Set());
  expect(folded[0]).toMatchObject({ folded: true, repetition: { begun: 9 } });
  expect(folded.filter(({ depth }) => depth > 0).map(({ name }) => name)).toEqual(['yes']);
  const open = timelineEntries(state, new Set(['every']));
  expect(open.filter(({ step }) => step.parent === 'every')).toHaveLength(9);
});

it('names rounds of loops by their number, also inside a branch of the round', () => {
  const state = applyEvents(
    start,
    told([
      begin('again', 'again', undefined, 'loop'),
      begin('fork#2', 'Fork', 'again', 'branch'),
      begin('fix#2', 'Fix', 'fork#2'),
    ]),
  );
  const names = timelineEntries(state, new Set()).map(({ name, depth }) => [name, depth]);
  expect(names.slice(-3)).toEqual([
    ['again', 0],
    ['Fork, round 2', 1],
    ['Fix, round 2', 2],
  ]);
  const branch = timelineEntries(state, new Set()).find(({ step }) => step.stepId === 'fork#2');
  expect(branch?.repetition).toBeNull();
});

it('draws a container as one step, and the steps of a parallel group instead of it', () => {
  const state = applyEvents(
    start,
    told([begin('every', 'every', undefined, 'map'), begin('read#0', 'Read', 'every')]),
  );
  expect(drawnSteps(state).map((step) => step.stepId)).toEqual(['every', 'big', 'side', 'left']);
  expect(drawnAs('read#0', state.steps)).toBe('every');
  expect(drawnAs('left', state.steps)).toBe('left');
});
