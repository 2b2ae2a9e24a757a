import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelPrice } from '../catalogue/catalogue-types.ts';
import { chargeOf, costOf, countUsage, worstCostOf } from './cost.ts';
import type { CountedUsage } from './cost.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { readBilledUses } from './read-billed-uses.ts';

const price = {
  inputMicros: 37_500,
  outputMicros: 150_000,
  cachedInputMicros: null,
  cacheWriteMicros: null,
};
const usage = (extra: object = {}) => ({
  inputTokens: 1000,
  outputTokens: 100,
  cachedInputTokens: 0,
  reasoningTokens: 0,
  cacheWriteTokens: 0,
  estimated: false,
  ...extra,
});
const vendor = (input: number | undefined, output: number | undefined): LanguageModelV4Usage => ({
  inputTokens: { total: input, noCache: input, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: output, text: output, reasoning: undefined },
});

describe('cost of a call', () => {
  it.each<[string, CountedUsage, ModelPrice, number | null, boolean]>([
    ['fractions of a micro-dollar, rounded up once', usage(), price, 53, false],
    [
      'a single token costs a whole micro-dollar at least',
      usage({ inputTokens: 1, outputTokens: 0 }),
      price,
      1,
      false,
    ],
    [
      'cached tokens at their own price',
      usage({ cachedInputTokens: 800 }),
      { ...price, inputMicros: 1_000_000, cachedInputMicros: 100_000 },
      295,
      false,
    ],
    [
      'cached tokens without a price: an upper bound, and marked',
      usage({ cachedInputTokens: 800 }),
      { ...price, inputMicros: 1_000_000 },
      1015,
      true,
    ],
    [
      'cache writes at their own price',
      usage({ cacheWriteTokens: 500 }),
      { ...price, inputMicros: 1_000_000, cacheWriteMicros: 1_250_000 },
      1140,
      false,
    ],
    ['cache writes without a price: unknown', usage({ cacheWriteTokens: 500 }), price, null, false],
    ['an unknown price: unknown, never 0', usage(), { ...price, outputMicros: null }, null, false],
    [
      'free by definition',
      usage(),
      { inputMicros: 0, outputMicros: 0, cachedInputMicros: 0, cacheWriteMicros: 0 },
      0,
      false,
    ],
    ['nothing used', usage({ inputTokens: 0, outputTokens: 0 }), price, 0, false],
  ])('%s', (_name, ...[counted, prices, micros, isUpperBound]) => {
    expect(costOf(counted, prices)).toEqual({ micros, isUpperBound });
  });

  const long = {
    ...price,
    inputMicros: 2_000_000,
    outputMicros: 12_000_000,
    tiers: [
      { ...price, aboveInputTokens: 200_000, inputMicros: 4_000_000, outputMicros: 18_000_000 },
    ],
  };
  it.each<[string, Parameters<typeof chargeOf>[0], number | null]>([
    // 200,000 × 2 + 10 × 12
    [
      'up to the bound of a tier',
      { usage: usage({ inputTokens: 200_000, outputTokens: 10 }), price: long },
      400_120,
    ],
    // 200,001 × 4 + 10 × 18: the whole call, not only what is above
    [
      'above it',
      { usage: usage({ inputTokens: 200_001, outputTokens: 10 }), price: long },
      800_184,
    ],
    [
      'reasoning at its own price', // 1000 × 1 + 40 × 2 + 60 × 3
      {
        usage: usage({ reasoningTokens: 60 }),
        price: {
          ...price,
          inputMicros: 1_000_000,
          outputMicros: 2_000_000,
          reasoningMicros: 3_000_000,
        },
      },
      1_260,
    ],
    [
      'reasoning as output where it has none', // 1000 × 1 + 100 × 2
      {
        usage: usage({ reasoningTokens: 60 }),
        price: { ...price, inputMicros: 1_000_000, outputMicros: 2_000_000 },
      },
      1_200,
    ],
    [
      'fees by use and per request, rounded up once with the tokens', // 37.5 + 15 → 52.5; 2 × 2500 + 500 + 100
      {
        usage: usage(),
        price: { ...price, fees: { request: 100, web_search: 2_500, fetch_url: 500 } },
        uses: { web_search: 2, fetch_url: 1 },
      },
      5_653,
    ],
    [
      'a use without a known fee: unknown',
      { usage: usage(), price, uses: { web_search: 1 } },
      null,
    ],
    [
      'a fee that was not used',
      { usage: usage(), price: { ...price, fees: { web_search: 2_500 } } },
      53,
    ],
    [
      'what the vendor says, before any sum of ours',
      { usage: usage(), price: { ...price, inputMicros: null }, vendorCostMicros: 7_777 },
      7_777,
    ],
    ['a vendor that says 0 is believed', { usage: usage(), price, vendorCostMicros: 0 }, 0],
  ])('%s', (_name, charged, micros) => expect(chargeOf(charged).micros).toBe(micros));

  it('never passes the worst case, and grows with each kind of token', () => {
    const micros = fc.integer({ min: 0, max: 50_000_000 });
    const rates = fc.record({
      inputMicros: micros,
      outputMicros: micros,
      cachedInputMicros: fc.option(micros),
      cacheWriteMicros: micros,
      reasoningMicros: micros,
    });
    const prices = fc
      .tuple(rates, rates, fc.integer({ min: 0, max: 100_000 }))
      .filter(([base, tier]) =>
        [base, tier].every((each) => (each.cachedInputMicros ?? 0) <= each.inputMicros),
      )
      .map(([base, tier, aboveInputTokens]): ModelPrice => ({
        ...base,
        tiers: [{ ...tier, aboveInputTokens }],
        fees: { request: 3 },
      }));
    const tokens = fc.integer({ min: 0, max: 200_000 });
    fc.assert(
      fc.property(
        prices,
        fc.record({
          cached: tokens,
          written: tokens,
          plain: tokens,
          output: tokens,
          reasoning: tokens,
        }),
        (prices_, { cached, written, plain, output, reasoning }) => {
          const counted = usage({
            inputTokens: cached + written + plain,
            cachedInputTokens: cached,
            cacheWriteTokens: written,
            outputTokens: output,
            reasoningTokens: Math.min(reasoning, output),
          });
          const cost = costOf(counted, prices_).micros ?? Number.NaN;
          const worst = worstCostOf(prices_, { input: counted.inputTokens, output }) ?? Number.NaN;
          expect(cost).toBeLessThanOrEqual(worst);
          const more =
            costOf({ ...counted, outputTokens: output + 1 }, prices_).micros ?? Number.NaN;
          expect(more).toBeGreaterThanOrEqual(cost);
        },
      ),
    );
  });

  it('reads what vendors bill by use', () => {
    expect(readBilledUses({ server_tool_use: { web_search_requests: 2 } })).toEqual({
      web_search: 2,
    });
    expect(
      readBilledUses({
        tool_calls_details: { search_web: { invocation: 3 }, fetch_url: { invocation: 1 } },
      }),
    ).toEqual({ web_search: 3, fetch_url: 1 });
    expect(readBilledUses({ billed_units: { search_units: 1 } })).toEqual({ search_unit: 1 });
    expect(readBilledUses({ server_tool_use: { web_search_requests: 0 } })).toEqual({});
    expect(readBilledUses(undefined)).toEqual({});
  });

  it('stays exact for billions of tokens', () => {
    expect(
      costOf(usage({ inputTokens: 3_000_000_001, outputTokens: 0 }), {
        ...price,
        inputMicros: 2_500_000,
      }).micros,
    ).toBe(7_500_000_003);
  });
});

describe('counting', () => {
  it('takes the vendor at its word, and fills only what it left out', () => {
    expect(countUsage(vendor(10, 5), () => ({ input: 99, output: 99 }))).toMatchObject({
      inputTokens: 10,
      outputTokens: 5,
      estimated: false,
    });
    expect(countUsage(vendor(10, undefined), () => ({ input: 99, output: 7 }))).toMatchObject({
      inputTokens: 10,
      outputTokens: 7,
      estimated: true,
    });
    expect(countUsage(vendor(10, 0), () => ({ input: 99, output: 0 }))).toMatchObject({
      outputTokens: 0,
      estimated: false,
    });
  });
});

describe('cached tokens under the names of other servers', () => {
  it.each([
    ['DeepSeek', { prompt_cache_hit_tokens: 6 }],
    ['Moonshot', { cached_tokens: 6 }],
  ])('%s', (_name, raw) => {
    expect(countUsage({ ...vendor(10, 5), raw }, () => ({ input: 0, output: 0 }))).toMatchObject({
      inputTokens: 10,
      cachedInputTokens: 6,
    });
  });
});

describe('token estimate', () => {
  it.each([
    ['', 0],
    ['Hello, world!', 6],
    ['世界', 2],
    ['Привет', 3],
    ['   \n\t ', 0],
  ])('%j → %i', (text, tokens) => expect(estimateTokens(text)).toBe(tokens));

  it('is near four characters a token for prose', () => {
    const prose = 'The quick brown fox jumps over the lazy dog while the band plays on. '.repeat(
      20,
    );
    expect(estimateTokens(prose) / (prose.length / 4)).toBeGreaterThan(0.8);
    expect(estimateTokens(prose) / (prose.length / 4)).toBeLessThan(1.5);
  });

  it('grows linearly with hostile text', () => {
    expect(estimateTokens('a'.repeat(1_000_000))).toBe(250_000);
    expect(estimateTokens(' '.repeat(1_000_000))).toBe(0);
  });
});
