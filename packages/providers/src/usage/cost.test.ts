import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import { describe, expect, it } from 'vitest';
import type { ModelPrice } from '../catalogue/catalogue-types.ts';
import { costOf, countUsage } from './cost.ts';
import type { CountedUsage } from './cost.ts';
import { estimateTokens } from './estimate-tokens.ts';

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
