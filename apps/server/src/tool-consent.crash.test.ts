import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Approval } from '@automatos/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPlace, startProduct } from './testing/product.ts';
import type { Product, ProductPlace } from './testing/product.ts';

/** An agent without a model and a step of a recipe, whose tools the workspace wants to be asked about. */
const RECIPE = `
slug: consent
name: Consent
inputs: { type: object, properties: { path: { type: string } }, required: [path] }
steps:
  - { step_id: look, agent: documentation, prompt_template: "use list_files", tools: [list_files], inputs: { path: "{{inputs.path}}" } }
  - { step_id: write, type: tool, tool: write_file, input: { path: "{{inputs.path}}/made.txt", content: "password=hunter22" }, depends_on: [look] }
outputs: { summary: "{{steps.write.summary}}" }
`;

let folder: string;
let place: ProductPlace;
let product: Product;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'automatos-consent-'));
  await writeFile(join(folder, 'a.txt'), 'hello\n');
  place = await createPlace();
});
afterEach(async () => {
  await product.kill();
  await place.remove();
  await rm(folder, { recursive: true, force: true });
});

const openApprovals = async () =>
  (await product.get<{ items: Approval[] }>('/api/approvals?status=open')).items;
const decide = async (decision: 'approve' | 'reject') => {
  const [approval] = await openApprovals();
  const sent = await product.send('POST', `/api/approvals/${approval?.id}/decision`, { decision });
  expect(sent.status, JSON.stringify(sent.body)).toBe(200);
};

test('a call that waits for consent outlives a kill -9; both calls are made once, after they were consented to', async () => {
  product = await startProduct(place);
  for (const tool of ['list_files', 'write_file']) {
    const put = await product.send('PUT', `/api/tools/${tool}/settings`, { approval: 'always' });
    expect(put.status, JSON.stringify(put.body)).toBe(200);
  }
  expect(await product.get('/api/tools/settings')).toMatchObject({
    items: [{ tool: 'list_files', approval: 'always' }, { tool: 'write_file' }],
  });
  expect((await product.send('PUT', '/api/tools/none/settings', {})).status).toBe(404);
  expect(
    (await product.send('PUT', '/api/tools/environment', { network_hosts: ['10.0.0.1/8'] })).status,
  ).toBe(400);
  expect(await product.get('/api/tools/environment')).toMatchObject({
    disk_quota_bytes: 5 * 1024 ** 3,
    network_hosts: [],
  });
  expect(await product.get('/api/tools/hints?task=leaked%20password&limit=1')).toMatchObject({
    items: [{ tool: 'secret_scan' }],
  });
  const saved = await product.send('POST', '/api/workflow-recipes', { yaml: RECIPE });
  expect(saved.status, JSON.stringify(saved.body)).toBe(201);
  const run = await product.startRun('consent', { path: folder });
  await product.follow(run.id, (event) => event.type === 'step.waiting_approval');
  const [asked] = await openApprovals();
  expect(asked).toMatchObject({ title: 'May agent "documentation" use "list_files"?' });
  expect(asked?.message).toContain(folder);

  await product.kill();
  product = await startProduct(place);
  expect((await openApprovals()).map(({ id }) => id)).toEqual([asked?.id]);
  await decide('approve');
  await product.follow(
    run.id,
    (event) => event.type === 'step.waiting_approval' && event.step_id === 'write',
  );
  await decide('approve');
  const end = await product.ended(run.id);
  expect(end.run).toMatchObject({ status: 'completed' });
  const of = (type: string) => end.events.filter((event) => event.type === type).length;
  expect([of('step.waiting_approval'), of('tool.started'), of('tool.completed')]).toEqual([
    2, 2, 2,
  ]);
  expect(of('tool.failed')).toBe(0);
});
