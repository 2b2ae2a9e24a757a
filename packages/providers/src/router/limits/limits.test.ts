import fc from 'fast-check';
import type { Reply } from '@automatos/testing/llm-wire';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Providers } from '../../calls/create-providers.ts';
import { ManualClock, OK, callTo, refOf, routedRoom, startVendors } from '../router.fixture.ts';
import type { FakeVendors, SettingsInput } from '../router.fixture.ts';
import { rateOf, refilled, waitFor } from './token-bucket.ts';

let vendors: FakeVendors;
beforeAll(async () => {
  vendors = await startVendors();
});
afterAll(() => vendors.close());

let clock: ManualClock;
beforeEach(() => {
  vendors.calls.length = 0;
  vendors.replies = {};
  clock = new ManualClock();
});

const room = (input: SettingsInput) =>
  routedRoom(vendors, { chain: [refOf('anthropic')], ...input }, { clock });
const call = (providers: Providers) => providers.call(callTo('openai'));
const called = (name: string) => vendors.calls.filter((each) => each === name).length;
const NO_WAIT = { max_waiting: 0, max_wait_ms: 0 };

describe('own limits', () => {
  it('hold requests per minute, what is too much goes on to the next candidate', async () => {
    const providers = room({
      limits: [{ provider: 'openai', requests_per_minute: 20 }],
      queue: NO_WAIT,
    });
    const results = [];
    for (let index = 0; index < 4; index += 1) results.push(await call(providers));
    expect(vendors.calls).toEqual(['openai', 'openai', 'anthropic', 'anthropic']);
    expect(results[2]?.route.attempts[0]).toMatchObject({
      outcome: 'rate_limited',
      code: 'providers.limit.wait_too_long',
    });
    clock.advance(3_400);
    await call(providers);
    expect(called('openai')).toBe(3);
  });

  it('hold tokens per minute, and give back what the estimate took too much', async () => {
    // 2,000 may go at once; a call is estimated at a little over 1,000 and uses 12.
    const providers = room({
      limits: [{ provider: 'openai', tokens_per_minute: 20_000 }],
      queue: NO_WAIT,
    });
    const big = callTo('openai', { maxOutputTokens: 1_000 });
    for (let index = 0; index < 3; index += 1) await providers.call(big);
    expect(vendors.calls).toEqual(['openai', 'openai', 'openai']);
    vendors.replies.openai = { ...OK, usage: { input: 1_900, output: 900 } } as Reply;
    await providers.call(big);
    await providers.call(big);
    expect(vendors.calls.slice(3)).toEqual(['openai', 'anthropic']);
  });

  it('let calls wait in order for a free place', async () => {
    const providers = room({
      limits: [{ provider: 'openai', concurrency: 1 }],
      queue: { max_waiting: 2, max_wait_ms: 1_000 },
    });
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
    let next = 0;
    vendors.replies.openai = async () => {
      await gates[next++]?.promise;
      return OK;
    };
    const calls = [call(providers)];
    await expect.poll(() => called('openai')).toBe(1);
    calls.push(call(providers), call(providers), call(providers), call(providers));
    // The fifth finds the queue full and goes on at once.
    await expect.poll(() => called('anthropic')).toBe(1);
    gates[0]?.resolve();
    await expect.poll(() => called('openai')).toBe(2);
    // What waits longer than it may goes on, too.
    clock.advance(1_000);
    await expect.poll(() => called('anthropic')).toBe(3);
    gates[1]?.resolve();
    await Promise.all(calls);
    expect(called('openai')).toBe(2);
  });

  it('a caller that leaves while it waits is gone from the queue', async () => {
    const providers = room({ limits: [{ provider: 'openai', concurrency: 1 }] });
    const gate = Promise.withResolvers<void>();
    vendors.replies.openai = async () => {
      await gate.promise;
      return OK;
    };
    const first = call(providers);
    await expect.poll(() => called('openai')).toBe(1);
    const leaving = new AbortController();
    const waiting = providers.call(callTo('openai', { signal: leaving.signal }));
    const third = call(providers);
    leaving.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'providers.call.cancelled' });
    gate.resolve();
    await Promise.all([first, third]);
    expect(called('openai')).toBe(2);
  });

  it('no minute holds more than the limit, whatever comes when', () => {
    const asks = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), asks, (perMinute, waits) => {
        const rate = rateOf(perMinute);
        let level = { remaining: rate.capacity, at: 0 };
        let now = 0;
        const sent: number[] = [];
        for (const wait of waits) {
          now += wait;
          level = refilled(level, rate, now);
          if (waitFor(level, rate, 1) > 0) continue;
          level = { ...level, remaining: level.remaining - 1 };
          sent.push(now);
        }
        const most = Math.max(
          0,
          ...sent.map((start) => sent.filter((at) => at >= start && at < start + 60_000).length),
        );
        expect(most).toBeLessThanOrEqual(Math.max(2, perMinute));
      }),
      { numRuns: 100 },
    );
  });
});

describe('what vendors say', () => {
  const limited = (headers: Record<string, string>): Reply => ({
    kind: 'status',
    status: 429,
    headers,
    error: { code: 'rate_limit_exceeded', message: 'slow down' },
  });

  it('Retry-After keeps everyone away for so long, and no longer', async () => {
    const providers = room({ queue: NO_WAIT });
    vendors.replies.openai = limited({ 'retry-after': '7' });
    await call(providers);
    delete vendors.replies.openai;
    clock.advance(6_900);
    await call(providers);
    expect(called('openai')).toBe(1);
    clock.advance(200);
    await call(providers);
    expect(called('openai')).toBe(2);
    expect(called('anthropic')).toBe(2);
  });

  it('a short Retry-After is waited for instead of failing, when nobody else is there', async () => {
    const providers = routedRoom(vendors, {}, { clock });
    vendors.replies.openai = limited({ 'retry-after': '2' });
    await expect(call(providers)).rejects.toMatchObject({ retryAfterMs: 2_000 });
    delete vendors.replies.openai;
    const waiting = call(providers);
    clock.advance(1_000);
    expect(called('openai')).toBe(1);
    await expect
      .poll(() => {
        clock.advance(500);
        return called('openai');
      })
      .toBe(2);
    expect((await waiting).text).toBe('Hello');
  });

  it('a header that says nothing is left holds calls back before they are refused', async () => {
    const providers = room({ queue: NO_WAIT });
    vendors.replies.openai = limited({
      'x-ratelimit-limit-requests': '100',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '30s',
      'retry-after': '1',
    });
    await call(providers);
    delete vendors.replies.openai;
    clock.advance(20_000);
    await call(providers);
    expect(called('openai')).toBe(1);
    clock.advance(11_000);
    await call(providers);
    expect(called('openai')).toBe(2);
  });
});
