import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventData, EventEnvelope, Pattern } from '@automatos/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlace, startProduct } from './testing/product.ts';
import type { Product, ProductPlace } from './testing/product.ts';

/** Patterns of coordination through the whole product, without a key: on the real engine and the board in the database. */

let place: ProductPlace;
let product: Product;
let folder: string;

beforeAll(async () => {
  place = await createPlace();
  folder = await realpath(await mkdtemp(join(tmpdir(), 'coordination-')));
  await writeFile(
    join(folder, 'run.js'),
    '// TODO: tidy\nconst run = (text) => eval(text);\nmodule.exports = { run };\n',
  );
  product = await startProduct(place);
});
afterAll(async () => {
  await product.stop();
  await place.remove();
  await rm(folder, { recursive: true, force: true });
});

const isEnd = ({ type }: EventEnvelope) =>
  ['run.completed', 'run.failed', 'run.cancelled'].includes(type);

test('the patterns of the product are there, and a preview says who would get what', async () => {
  const { items } = await product.get<{ items: Pattern[] }>('/api/patterns?limit=100');
  expect(items.map(({ slug }) => slug)).toContain('review-panel');
  const units = [{ id: 'scan_it', title: 'Scan', needs: ['security_scan'] }];
  const { status, body } = await product.send('POST', '/api/patterns/preview', {
    pattern: 'lead-and-specialists',
    units,
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({ units: [{ unit_id: 'scan_it', agents: ['security'] }] });
});

test.each([
  ['lead-and-specialists', 'hierarchical', 'assign'],
  ['second-opinion', 'collaborative', 'invite'],
  ['swarm-triage', 'emergent', 'stop'],
])('a task is done by %s, and its decisions are told', async (slug, kind, decision) => {
  const { status, body } = await product.send('POST', '/api/tasks', {
    goal: 'Scan the folder for security problems and review the code quality.',
    target: folder,
    pattern: slug,
  });
  expect(status).toBe(202);
  const { id } = body as { id: string };
  const events = await product.follow(id, isEnd);
  expect(events.at(-1)).toMatchObject({ type: 'run.completed' });
  const told = events
    .filter(({ type }) => type === 'decision.made')
    .map(({ data }) => data as EventData<'decision.made'>)
    .filter(({ pattern }) => pattern === kind);
  expect(told.map((one) => one.decision)).toContain(decision);
  expect(told.every(({ reason }) => reason !== '')).toBe(true);
});
