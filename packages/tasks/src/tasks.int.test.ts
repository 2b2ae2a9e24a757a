import {
  taskDetailSchema,
  taskInputSchema,
  taskPreviewSchema,
  taskSchema,
  TASK_STAGES,
} from '@automatos/contracts';
import { assertTablesMatch } from '@automatos/database/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { taskUnits } from './history/history-tables.ts';
import { tasks as taskTable } from './tasks/task-tables.ts';
import { ANN, openTasksRoom } from './testing-room.fixture.ts';
import type { TasksRoom } from './testing-room.fixture.ts';

let room: TasksRoom;
beforeAll(async () => {
  room = await openTasksRoom();
});
afterAll(() => room.close());

const scope = () => ({ workspaceId: room.test.workspaceId, by: ANN });
const GOAL = 'Find security problems and check the documentation';

test('the tables are as the migration made them', async () => {
  await expect(assertTablesMatch(room.test.database, [taskTable, taskUnits])).resolves.toBe(
    undefined,
  );
});

describe('a task on a folder, without a model', () => {
  test('goes through its nine stages and answers with evidence from real tools', async () => {
    const task = await room.finish({ goal: GOAL, target: room.folder });
    taskDetailSchema.parse(task);
    expect(task).toMatchObject({
      status: 'completed',
      outcome: 'complete',
      title: GOAL,
      agents_used: ['security', 'documentation'],
      units_total: 2,
      units_failed: 0,
      created_by: 'Ann',
    });
    expect(task.stages.map(({ stage, status, attempts }) => [stage, status, attempts])).toEqual(
      TASK_STAGES.map((stage) => [stage, 'completed', 1]),
    );
    expect(task.stages[3]?.usage.tool_calls).toBeGreaterThan(3);
    expect(task.units.map(({ unit_id: id, agent, status }) => [id, agent, status])).toEqual([
      ['security_scan', 'security', 'completed'],
      ['documentation', 'documentation', 'completed'],
    ]);
    const evidence = task.result?.['evidence'] as { rule: string; agents: string[] }[];
    expect(evidence.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['js.shell_injection', 'docs.broken_link']),
    );
    expect(task.result).toMatchObject({
      status: 'complete',
      offline: true,
      prediction_error: null,
    });
    expect(task.quality_score).toBeGreaterThan(0.7);
    const artifacts = await room.runs.artifacts(room.test.workspaceId, task.id);
    expect(artifacts.map(({ title }) => title)).toContain('Response');
  });

  test('leaves history from which the next one of its kind is estimated and measured', async () => {
    const { estimate, assignments } = await room.tasks.preview(
      room.test.workspaceId,
      taskInputSchema.parse({ goal: GOAL, target: room.folder }),
    );
    expect(estimate).toMatchObject({ based_on: 2, cost_micros: 0 });
    expect(estimate.duration_ms).toBeGreaterThan(0);
    expect(assignments[0]?.reason).toContain('succeeded in 1 of 1');
    const again = await room.finish({ goal: GOAL, target: room.folder });
    expect(again.result?.['prediction_error']).toMatchObject({ duration_ms: expect.any(Number) });
  });

  test('works by a pattern when it names one', async () => {
    const task = await room.finish({ goal: GOAL, target: room.folder, pattern: 'hierarchical' });
    expect(task).toMatchObject({ status: 'completed', pattern: 'hierarchical' });
    expect(task.units.map(({ status }) => status)).toEqual(['completed', 'completed']);
    expect(task.findings_total).toBeGreaterThan(0);
  });

  test('fails when nobody suits, and says so in every place', async () => {
    const task = await room.finish({ goal: 'Write a poem about the sea' });
    expect(task).toMatchObject({
      status: 'failed',
      outcome: null,
      error: { code: 'tasks.agents.none_suitable' },
    });
    expect(task.stages.map(({ status }) => status)).toEqual([
      'completed',
      'failed',
      ...Array.from({ length: 7 }, () => 'skipped'),
    ]);
  });
});

describe('what is refused before anything is stored', () => {
  test.each([
    [{ goal: 'x', target: '/etc' }, 'tasks.target.outside_roots', '/target'],
    [{ goal: 'x', target: './nothing-here' }, 'tasks.target.not_found', '/target'],
    [{ goal: 'x', agents: ['security', 'nobody'] }, 'tasks.agent.unknown', '/agents/1'],
    [{ goal: 'x', pattern: 'chaos' }, 'tasks.pattern.unknown', '/pattern'],
  ])('%j: %s', async (input, code, pointer) => {
    const before = await room.tasks.list(room.test.workspaceId, { limit: 1 });
    await expect(room.tasks.create(scope(), taskInputSchema.parse(input))).rejects.toMatchObject({
      code,
      errors: [{ pointer }],
    });
    const after = await room.tasks.list(room.test.workspaceId, { limit: 1 });
    expect(after.total).toBe(before.total);
  });
});

describe('the list', () => {
  test('is newest first, in pages, and narrowed by what is asked', async () => {
    const { workspaceId } = room.test;
    const { items, nextCursor, total } = await room.tasks.list(workspaceId, { limit: 2 });
    for (const item of items) taskSchema.parse(item);
    const rest = await room.tasks.list(workspaceId, { limit: 100, cursor: nextCursor ?? '' });
    expect(items.length + rest.items.length).toBe(total);
    const ids = [...items, ...rest.items].map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted().toReversed());
    const failed = await room.tasks.list(workspaceId, { limit: 10, status: 'failed' });
    expect(failed.items.map(({ goal }) => goal)).toEqual(['Write a poem about the sea']);
    const found = await room.tasks.list(workspaceId, {
      limit: 10,
      search: 'a poem',
      agent: 'security',
    });
    expect(found.total).toBe(0);
  });

  test('shows nothing of it to another workspace', async () => {
    const { workspaceId, otherWorkspaceId } = room.test;
    const { items } = await room.tasks.list(workspaceId, { limit: 1 });
    expect((await room.tasks.list(otherWorkspaceId, { limit: 10 })).total).toBe(0);
    await expect(room.tasks.get(otherWorkspaceId, items[0]?.id ?? '')).rejects.toMatchObject({
      code: 'task.item.not_found',
    });
  });
});

test('the same idempotency key submits one task', async () => {
  const input = taskInputSchema.parse({ goal: 'Write a poem' });
  const options = { idempotencyKey: 'once' };
  const [first, second] = await Promise.all([
    room.tasks.create(scope(), input, options),
    room.tasks.create(scope(), input, options),
  ]);
  expect(first.id).toBe(second.id);
});

test('an ended task can be submitted again, and knows which one it repeats', async () => {
  const { items } = await room.tasks.list(room.test.workspaceId, {
    limit: 1,
    status: 'failed',
    search: 'sea',
  });
  const task = await room.tasks.retry(scope(), items[0]?.id ?? '');
  expect(task).toMatchObject({ goal: 'Write a poem about the sea', retry_of: items[0]?.id });
});

test('a preview says who would do what, and stores nothing', async () => {
  const { workspaceId } = room.test;
  const before = (await room.tasks.list(workspaceId, { limit: 1 })).total;
  const preview = await room.tasks.preview(
    workspaceId,
    taskInputSchema.parse({
      goal: 'Find what a newcomer would stumble over, then describe the dataset',
      target: room.folder,
    }),
  );
  taskPreviewSchema.parse(preview);
  expect(preview.units.length).toBeGreaterThan(2);
  expect(preview.units.at(-1)).toMatchObject({ needs: ['data_analysis'] });
  expect(preview.assignments.at(-1)).toMatchObject({ agent: 'data' });
  expect((await room.tasks.list(workspaceId, { limit: 1 })).total).toBe(before);
});
