import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TASK_STAGES } from '@automatos/contracts';
import type { Task, TaskDetail } from '@automatos/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlace, startProduct } from './testing/product.ts';
import type { Product, ProductPlace } from './testing/product.ts';

let folder: string;
let place: ProductPlace;
let product: Product;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'automatos-task-crash-'));
  await writeFile(join(folder, 'README.md'), '# Sample\n\n[gone](gone.md)\n');
  await writeFile(
    join(folder, 'a.js'),
    "require('child_process').exec('ls ' + process.argv[2]);\n",
  );
  place = await createPlace();
});
afterAll(async () => {
  await product.kill();
  await place.remove();
  await rm(folder, { recursive: true });
});

test('a task killed with -9 while its agents work ends whole, and nothing finished is done again', async () => {
  product = await startProduct(place);
  const { status, body } = await product.send('POST', '/api/tasks', {
    goal: 'Find security problems and check the documentation',
    target: folder,
  });
  expect(status).toBe(202);
  const { id } = body as Task;
  await product.follow(
    id,
    (event) => event.type === 'tool.completed' && event.step_id === 'execution#documentation',
  );
  await product.kill();
  product = await startProduct(place);
  const { run, events } = await product.ended(id);
  expect(run).toMatchObject({ status: 'completed', error: null });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
  const ends = events.filter(({ type }) => type === 'step.completed').map((event) => event.step_id);
  expect(ends.map(String).toSorted()).toEqual(
    [...TASK_STAGES, 'execution#documentation', 'execution#security_scan'].toSorted(),
  );
  const calls = events
    .filter(({ type }) => type === 'tool.completed')
    .map(({ data }) => data['call_id']);
  expect(new Set(calls).size).toBe(calls.length);
  const task = await product.get<TaskDetail>(`/api/tasks/${id}`);
  expect(task).toMatchObject({ outcome: 'complete', units_total: 2, units_failed: 0 });
  expect(task.result?.['evidence']).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ rule: 'docs.broken_link' }),
      expect.objectContaining({ rule: 'js.shell_injection' }),
    ]),
  );
});
