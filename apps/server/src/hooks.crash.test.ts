/** Signed deliveries to the running product over HTTP: the signature is of the bytes as they came. */
import { createHmac, randomUUID } from 'node:crypto';
import type { Run } from '@automatos/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlace, startProduct } from './testing/product.ts';
import type { Product, ProductPlace } from './testing/product.ts';

const RECIPE = {
  slug: 'on-push',
  name: 'On push',
  inputs: { type: 'object', properties: { branch: { type: 'string' } }, required: ['branch'] },
  steps: [
    { step_id: 'note', type: 'document', title: 'Note', template: 'Push to {{inputs.branch}}' },
  ],
  outputs: { note: '{{steps.note.content}}' },
};
/** With spaces and escapes, so that a body written anew would have another signature. */
const BODY = '{ "ref" : "refs\\/heads\\/main" }';

let place: ProductPlace;
let product: Product;
let trigger: { id: string; url: string; secret: string };

beforeAll(async () => {
  place = await createPlace();
  product = await startProduct(place);
  await mustCreate('/api/workflow-recipes', { definition: RECIPE });
  trigger = await mustCreate('/api/triggers', {
    recipe: 'on-push',
    spec: {
      type: 'webhook',
      name: 'push',
      signature: 'github',
      inputs: { branch: '{{body.ref}}' },
    },
  });
});
afterAll(async () => {
  await product.stop();
  await place.remove();
});

async function mustCreate<T>(path: string, body: object): Promise<T> {
  const made = await product.send('POST', path, body);
  if (made.status !== 201) throw new Error(`${path}: ${JSON.stringify(made.body)}`);
  return made.body as T;
}

function deliver(more: { secret?: string; body?: string; delivery?: string } = {}) {
  const digest = createHmac('sha256', more.secret ?? trigger.secret)
    .update(BODY)
    .digest('hex');
  return fetch(`${product.url}/api/hooks/${trigger.id}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-hub-signature-256': `sha256=${digest}`,
      'x-github-delivery': more.delivery ?? randomUUID(),
      'x-github-event': 'push',
    },
    body: more.body ?? BODY,
  });
}

test('a signed delivery starts one run without any sign-in; sent again it answers as the first', async () => {
  const delivery = randomUUID();
  const first = await deliver({ delivery });
  expect(first.status).toBe(202);
  const { outcome, run_id: runId } = (await first.json()) as { outcome: string; run_id: string };
  expect(outcome).toBe('started');
  const { run } = await product.ended(runId);
  expect([run.status, run.outputs]).toEqual([
    'completed',
    { note: expect.stringContaining('refs/heads/main') },
  ]);
  const again = await deliver({ delivery });
  expect(await again.json()).toEqual({ outcome: 'duplicate', run_id: runId });
  const { items } = await product.get<{ items: Run[] }>('/api/runs?recipe=on-push');
  expect(items).toHaveLength(1);
});

test.each([
  ['with another secret', { secret: 'guessed' }],
  ['with changed bytes', { body: BODY.replace('main', 'evil') }],
])('a delivery %s is refused, starts nothing and tells no secret', async (_, more) => {
  const before = await product.get<{ items: Run[] }>('/api/runs?recipe=on-push');
  const answer = await deliver(more);
  const text = await answer.text();
  expect([answer.status, JSON.parse(text).code]).toEqual([401, 'triggers.signature.invalid']);
  expect(text).not.toContain(trigger.secret);
  const after = await product.get<{ items: Run[] }>('/api/runs?recipe=on-push');
  expect(after.items).toHaveLength(before.items.length);
});

test('an unknown address is as good as none', async () => {
  const answer = await fetch(`${product.url}/api/hooks/${randomUUID()}`, {
    method: 'POST',
    body: BODY,
  });
  expect(answer.status).toBe(404);
});
