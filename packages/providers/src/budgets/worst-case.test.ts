import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, windowKey, windowSpan } from './budget-window.ts';
import {
  amountOf,
  costAtCeiling,
  isPriceUnknown,
  tokensWithin,
  worstCaseOf,
} from './worst-case.ts';

const price = {
  inputMicros: 3_000_000,
  outputMicros: 15_000_000,
  cachedInputMicros: 300_000,
  cacheWriteMicros: 3_750_000,
};

describe('worst case', () => {
  it('charges input at the dearest rate that may apply, of a tier that the input may reach too', () => {
    const claim = { inputTokens: 1_000_000, maxOutputTokens: 100, extraMicros: 7 };
    expect(amountOf(worstCaseOf(price, claim, null), 100)).toBe(3_750_000 + 1_500 + 7);
    const tiers = [
      { ...price, aboveInputTokens: 200_000, inputMicros: 6_000_000, outputMicros: 22_500_000 },
    ];
    expect(amountOf(worstCaseOf({ ...price, tiers }, claim, null), 100)).toBe(
      6_000_000 + 2_250 + 7,
    );
    const fees = { request: 5_000, web_search: 10_000 };
    expect(amountOf(worstCaseOf({ ...price, fees }, claim, null), 0)).toBe(3_750_000 + 15_000 + 7);
    const short = { ...claim, inputTokens: 1_000 };
    expect(amountOf(worstCaseOf({ ...price, tiers }, short, null), 100)).toBe(3_750 + 1_500 + 7);
  });

  it('never pays for more tokens than the amount holds, and wastes less than one token', () => {
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.integer({ min: 1, max: 100_000_000 }),
        fc.nat(10_000_000),
        (inputTokens, outputMicros, amount) => {
          const claim = { inputTokens, maxOutputTokens: null, extraMicros: 0 };
          const worst = worstCaseOf({ ...price, outputMicros }, claim, null);
          const tokens = tokensWithin(worst, amount);
          expect(tokens < 0 || amountOf(worst, tokens) <= amount).toBe(true);
          expect(amountOf(worst, Math.max(0, tokens + 1))).toBeGreaterThan(amount);
        },
      ),
    );
  });

  it('knows an unknown price, needs none of output where there is no answer, and takes the ceiling instead', () => {
    const claim = { inputTokens: 1_000, maxOutputTokens: null, extraMicros: 0 };
    const unknown = { ...price, inputMicros: null };
    expect(isPriceUnknown(unknown, claim)).toBe(true);
    const embedding = { ...price, outputMicros: null };
    expect(isPriceUnknown(embedding, claim)).toBe(true);
    expect(isPriceUnknown(embedding, { ...claim, maxOutputTokens: 0 })).toBe(false);
    const ceiling = { inputMicros: 10_000_000, outputMicros: 40_000_000 };
    const none = {
      inputMicros: null,
      outputMicros: null,
      cachedInputMicros: null,
      cacheWriteMicros: null,
    };
    expect(amountOf(worstCaseOf(none, claim, ceiling), 100)).toBe(10_000 + 4_000);
    expect(costAtCeiling(ceiling, { inputTokens: 10, outputTokens: 10 })).toBe(500);
  });
});

describe('windows', () => {
  const lastMoment = Date.UTC(2026, 11, 31, 23, 59, 59, 999);

  it('names day and month in UTC, and says when they end', () => {
    expect(windowKey({ window: 'day', agent: null }, { now: lastMoment })).toBe('day:2026-12-31');
    expect(windowKey({ window: 'month', agent: 'scout' }, { now: lastMoment + 1 })).toBe(
      'month:2027-01@scout',
    );
    expect(windowSpan('month', lastMoment)).toEqual({
      startedAt: new Date('2026-12-01T00:00:00Z'),
      resetsAt: new Date('2027-01-01T00:00:00Z'),
    });
    expect(windowSpan('total', lastMoment)).toEqual({ startedAt: null, resetsAt: null });
  });

  it('covers the calls of its agent, and of runs where it counts runs', () => {
    const budget = { window: 'day', agent: 'scout', enabled: true } as const;
    expect(covers(budget, { agent: 'scout' })).toBe(true);
    expect(covers(budget, { agent: 'other' })).toBe(false);
    expect(covers(budget, {})).toBe(false);
    expect(covers({ ...budget, agent: null, window: 'run' }, {})).toBe(false);
    expect(covers({ ...budget, agent: null, window: 'run' }, { runId: 'r' })).toBe(true);
    expect(covers({ ...budget, agent: null, enabled: false }, {})).toBe(false);
  });
});
