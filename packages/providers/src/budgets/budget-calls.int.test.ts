import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Providers } from '../calls/create-providers.ts';
import type { ModelCall } from '../calls/model-call.ts';
import { callTo, refOf, routedRoom, startVendors } from '../router/router.fixture.ts';
import type { FakeVendors, VendorName } from '../router/router.fixture.ts';
import type { Budgets } from './create-budgets.ts';
import { budgetInput, openRoom, wipe } from './testing/room.ts';

let test: TestDatabase;
let vendors: FakeVendors;
let budgets: Budgets;
let providers: Providers;
beforeAll(async () => {
  test = await createTestDatabase();
  vendors = await startVendors();
});
afterAll(async () => {
  await vendors.close();
  await test.close();
});
beforeEach(() => {
  vendors.calls.length = 0;
  vendors.replies = {};
  budgets = openRoom(test);
  providers = routedRoom(vendors, {}, { budgets: budgets.gate });
});
afterEach(async () => {
  await providers.close();
  await budgets.close();
  await wipe(test);
});

const add = (parts: Parameters<typeof budgetInput>[0] = {}) =>
  budgets.service.create(test.workspaceId, budgetInput(parts));
const spent = async (id: string) => (await budgets.service.get(test.workspaceId, id)).spent_micros;
const call = (name: VendorName, extra: Partial<ModelCall> = {}) =>
  providers.call(callTo(name, { workspaceId: test.workspaceId, ...extra }));

describe('calls within budgets', () => {
  it('sends the bound that the budget allows, and counts what the call cost', async () => {
    const budget = await add({ limit_micros: 2_000 });
    const result = await call('openai', { maxOutputTokens: 5_000 });
    const sent = vendors.servers.openai.records.at(-1)?.request.body['max_output_tokens'];
    expect(Number(sent)).toBeGreaterThan(16);
    expect(Number(sent)).toBeLessThan(450);
    expect(result.costMicros).toBeGreaterThan(0);
    expect(await spent(budget.id)).toBe(result.costMicros);
  });

  it('refuses before anything is sent', async () => {
    await add({ limit_micros: 1 });
    await expect(call('openai', { useChain: false })).rejects.toMatchObject({
      code: 'providers.budget.exceeded',
    });
    await expect(call('openai-compatible', { useChain: false })).rejects.toMatchObject({
      code: 'providers.budget.price_unknown',
    });
    expect(vendors.calls).toEqual([]);
  });

  it('goes on to a model that is free when the wanted one is over the budget', async () => {
    const budget = await add({ limit_micros: 1 });
    const result = await call('openai', { fallbacks: [refOf('ollama')] });
    expect(result.provider).toBe('ollama');
    expect(vendors.calls).toEqual(['ollama']);
    expect(await spent(budget.id)).toBe(0);
  });

  it('counts every attempt: one that broke off with what it had said, and the one that answered', async () => {
    const budget = await add({ limit_micros: 1_000_000 });
    vendors.replies.anthropic = {
      kind: 'answer',
      text: ['one two three four', ' five six', ' seven'],
      fault: { after: 2, kind: 'destroy' },
    };
    const result = await call('anthropic', { fallbacks: [refOf('openai')] });
    expect(result.provider).toBe('openai');
    expect(await spent(budget.id)).toBeGreaterThan(result.costMicros ?? 0);
    expect((await budgets.service.get(test.workspaceId, budget.id)).reserved_micros).toBeLessThan(
      1_000_000,
    );
  });

  it('settles an answer that its caller broke off with what was used', async () => {
    const budget = await add({ limit_micros: 1_000_000 });
    const gone = new AbortController();
    vendors.replies.openai = {
      kind: 'answer',
      text: ['one two three', ' four', ' five'],
      beforePiece: async (index) => {
        if (index === 2)
          await new Promise((resolve) => gone.signal.addEventListener('abort', resolve));
      },
    };
    const broken = call('openai', {
      signal: gone.signal,
      maxOutputTokens: 5_000,
      onDelta: () => gone.abort(new Error('gone')),
    });
    await expect(broken).rejects.toMatchObject({ code: 'providers.call.cancelled' });
    const counted = await spent(budget.id);
    expect(counted).toBeGreaterThan(0);
    // Far less than the 5,000 tokens that were set aside.
    expect(counted).toBeLessThan(1_000);
  });

  it('cuts the stream of a vendor that does not keep to its bound', async () => {
    const budget = await add({ limit_micros: 2_000 });
    const text = Array.from({ length: 5_000 }, () => 'prattles ');
    vendors.replies.openai = { kind: 'answer', text, usage: null };
    const result = await call('openai', { maxOutputTokens: 5_000 });
    expect(result.finishReason).toBe('length');
    expect(result.text.length).toBeLessThan(5_000);
    expect(await spent(budget.id)).toBe(result.costMicros);
    expect(result.costMicros).toBeLessThan(2_500);
  });

  it('counts embeddings', async () => {
    const budget = await add({ limit_micros: 1_000_000 });
    const made = await providers.embed({
      workspaceId: test.workspaceId,
      ref: { provider: 'openai', model: 'text-embedding-3-small' },
      values: Array.from({ length: 50 }, (_, n) => `text number ${n} of many`),
      signal: new AbortController().signal,
    });
    expect(made.costMicros).toBeGreaterThan(0);
    expect(await spent(budget.id)).toBe(made.costMicros);
  });
});
