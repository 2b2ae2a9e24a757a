import type { Metrics } from '@automatos/kernel';
import { PlatformError, noMetrics } from '@automatos/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DOWN, callTo, refOf, routedRoom, startVendors } from './router.fixture.ts';
import type { FakeVendors } from './router.fixture.ts';

let vendors: FakeVendors;
beforeAll(async () => {
  vendors = await startVendors();
});
afterAll(() => vendors.close());
beforeEach(() => {
  vendors.calls.length = 0;
  vendors.replies = {};
});

/** Sums of counters by name and labels but the model. */
function counted(): { metrics: Metrics; sums: Record<string, number> } {
  const sums: Record<string, number> = {};
  const count: Metrics['count'] = (name, { model: _model, ...labels } = {}, by = 1) => {
    const key = [name.replace('amas_ai_provider_', ''), ...Object.values(labels)].join(' ');
    sums[key] = (sums[key] ?? 0) + by;
  };
  return { metrics: { ...noMetrics, count }, sums };
}

describe('what attempts used is counted in one place', () => {
  it('for answers, with what came from the vendor’s cache', async () => {
    const { metrics, sums } = counted();
    const usage = { input: 1_000, output: 100, cached: 400 };
    vendors.replies.openai = { kind: 'answer', text: ['a'], usage };
    const { costMicros } = await routedRoom(vendors, {}, { metrics }).call(callTo('openai'));
    expect(sums).toMatchObject({
      'tokens_total openai input': 600,
      'tokens_total openai cached': 400,
      'tokens_total openai output': 100,
      'cost_usd_total openai': (costMicros ?? 0) / 1_000_000,
    });
    expect(sums['usage_estimated_total openai']).toBeUndefined();
  });

  it('for attempts that broke off, and not for those that were refused', async () => {
    const { metrics, sums } = counted();
    vendors.replies.openai = {
      kind: 'answer',
      text: ['one ', 'two ', 'three'],
      fault: { after: 2, kind: 'destroy' },
    };
    vendors.replies.anthropic = DOWN;
    const room = routedRoom(vendors, { chain: [refOf('anthropic'), refOf('google')] }, { metrics });
    await room.call(callTo('openai'));
    expect(sums['tokens_total openai output']).toBeGreaterThan(0);
    expect(sums['cost_usd_total openai']).toBeGreaterThan(0);
    expect(sums['usage_estimated_total openai']).toBe(1);
    expect(sums['calls_total anthropic error']).toBe(1);
    expect(sums['tokens_total anthropic input']).toBeUndefined();
    expect(sums['tokens_total google output']).toBe(2);
  });

  it('for texts that are embedded', async () => {
    const { metrics, sums } = counted();
    vendors.replies.openai = { kind: 'answer', usage: { input: 50_000, output: 0 } };
    const { workspaceId, signal } = callTo('openai');
    const ref = { provider: 'openai', model: 'text-embedding-3-small' };
    const room = routedRoom(vendors, {}, { metrics });
    await room.embed({ workspaceId, signal, ref, values: ['a'] });
    expect(sums).toMatchObject({
      'tokens_total openai input': 50_000,
      'cost_usd_total openai': 0.001,
    });
    expect(sums['tokens_total openai output']).toBeUndefined();
  });
});

describe('a model that has no place for a part of the call', () => {
  const unfit = () =>
    new PlatformError({ code: 'v1.parameter.unsupported', kind: 'invalid-input', message: 'seed' });

  it('is passed over, unless it is the one that was asked for', async () => {
    vendors.replies.openai = DOWN;
    const room = routedRoom(vendors, { chain: [refOf('anthropic'), refOf('google')] });
    const { provider, route } = await room.call(
      callTo('openai', {
        unfit: ({ provider: { id } }) => (id === 'google' ? null : unfit()),
      }),
    );
    expect(provider).toBe('google');
    expect(vendors.calls).toEqual(['openai', 'google']);
    expect(route.attempts.map(({ outcome }) => outcome)).toEqual([
      'failed',
      'not_capable',
      'answered',
    ]);
    expect(route.attempts[1]?.code).toBe('v1.parameter.unsupported');
  });

  it('never hides why the named one failed', async () => {
    vendors.replies.openai = DOWN;
    const room = routedRoom(vendors, { chain: [refOf('anthropic')] });
    await expect(room.call(callTo('openai', { unfit }))).rejects.toMatchObject({
      code: 'providers.call.upstream_error',
    });
    expect(vendors.calls).toEqual(['openai']);
  });
});
