import type { RoutingStrategy } from '@automatos/contracts';
import type { Reply } from '@automatos/testing/llm-wire';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Providers } from '../../calls/create-providers.ts';
import {
  DOWN,
  ManualClock,
  OK,
  callTo,
  refOf,
  routedRoom,
  startVendors,
} from '../router.fixture.ts';
import type { FakeVendors, VendorName } from '../router.fixture.ts';
import { createRandom } from './sample-beta.ts';

let vendors: FakeVendors;
beforeAll(async () => {
  vendors = await startVendors();
});
afterAll(() => vendors.close());
beforeEach(() => {
  vendors.calls.length = 0;
  vendors.replies = {};
});

const NAMES: VendorName[] = ['openai', 'anthropic', 'google'];

function room(strategy: RoutingStrategy, weights: number[] = [1, 1, 1], clock = new ManualClock()) {
  const chain = NAMES.map((name, index) => ({ ...refOf(name), weight: weights[index] ?? 1 }));
  return routedRoom(vendors, { strategy, chain }, { clock, random: createRandom(7) });
}

async function callTimes(providers: Providers, times: number): Promise<VendorName[]> {
  vendors.calls.length = 0;
  for (let index = 0; index < times; index += 1) await providers.call(callTo('openai'));
  return [...vendors.calls];
}

/** Takes `ms` of the clock to answer. */
const slow = (clock: ManualClock, ms: number) => (): Reply => {
  clock.advance(ms);
  return OK;
};

describe('each strategy by the order of calls', () => {
  it('priority: always the first that answers', async () => {
    expect(await callTimes(room('priority'), 3)).toEqual(['openai', 'openai', 'openai']);
    vendors.replies.openai = DOWN;
    expect(await callTimes(room('priority'), 1)).toEqual(['openai', 'anthropic']);
  });

  it("round_robin: one after the other, the agent's own model taking part", async () => {
    expect(await callTimes(room('round_robin'), 6)).toEqual([...NAMES, ...NAMES]);
    const providers = room('round_robin');
    vendors.replies.anthropic = DOWN;
    expect(await callTimes(providers, 3)).toEqual(['openai', 'anthropic', 'google', 'google']);
  });

  it('weighted: by weight and evenly spread', async () => {
    const round = ['openai', 'anthropic', 'openai', 'google', 'openai'];
    expect(await callTimes(room('weighted', [3, 1, 1]), 10)).toEqual([...round, ...round]);
  });

  it('least_latency: measures everyone once, then takes the fastest, and follows a change', async () => {
    const clock = new ManualClock();
    const providers = room('least_latency', undefined, clock);
    vendors.replies.openai = slow(clock, 300);
    vendors.replies.anthropic = slow(clock, 100);
    vendors.replies.google = slow(clock, 200);
    expect(await callTimes(providers, 5)).toEqual([
      'openai',
      'anthropic',
      'google',
      'anthropic',
      'anthropic',
    ]);
    vendors.replies.anthropic = slow(clock, 2_000);
    expect((await callTimes(providers, 2)).at(-1)).toBe('google');
  });

  it('least_cost: the cheapest known price, an unknown one last', async () => {
    const chain = [refOf('openai-compatible'), ...NAMES.map(refOf), refOf('ollama')];
    const providers = routedRoom(vendors, { strategy: 'least_cost', chain });
    for (const name of ['ollama', 'google', 'openai', 'anthropic'] as const) {
      await providers.call(callTo('anthropic'));
      expect(vendors.calls.at(-1)).toBe(name);
      vendors.replies[name] = DOWN;
    }
    await providers.call(callTo('anthropic'));
    expect(vendors.calls.at(-1)).toBe('openai-compatible');
  });

  it('least_busy: the one with the fewest calls under way', async () => {
    const gates = NAMES.map(() => Promise.withResolvers<void>());
    NAMES.forEach((name, index) => {
      vendors.replies[name] = async () => {
        await gates[index]?.promise;
        return OK;
      };
    });
    const providers = room('least_busy');
    const calls: Promise<unknown>[] = [];
    for (let count = 1; count <= 4; count += 1) {
      calls.push(providers.call(callTo('openai')));
      await expect.poll(() => vendors.calls.length).toBe(count);
    }
    expect(vendors.calls).toEqual([...NAMES, 'openai']);
    gates[1]?.resolve();
    await calls[1];
    calls.push(providers.call(callTo('openai')));
    await expect.poll(() => vendors.calls.at(-1)).toBe('anthropic');
    for (const gate of gates) gate.resolve();
    await Promise.all(calls);
  });

  it('adaptive: learns who answers, fast and cheap, and keeps trying the others a little', async () => {
    const clock = new ManualClock();
    const providers = room('adaptive', undefined, clock);
    vendors.replies.openai = () => {
      clock.advance(100);
      return DOWN;
    };
    vendors.replies.anthropic = slow(clock, 2_000);
    vendors.replies.google = slow(clock, 100);
    await callTimes(providers, 30);
    const later = await callTimes(providers, 40);
    const share = (name: VendorName) => later.filter((call) => call === name).length / later.length;
    expect(share('google')).toBeGreaterThan(0.7);
    expect(await callTimes(room('adaptive', undefined, new ManualClock()), 8)).toEqual(
      await callTimes(room('adaptive', undefined, new ManualClock()), 8),
    );
  });
});
