import { describe, expect, it } from 'vitest';
import { fitsPatterns } from './event-patterns.ts';
import { ATTEMPTS_MAX, nextWaitMs, readRetryAfter } from './retry-plan.ts';

describe('nextWaitMs', () => {
  it('grows to a day and then gives up', () => {
    const bases = [5, 30, 120, 600, 3_600, 21_600, 86_400].map((seconds) => seconds * 1000);
    for (const [index, base] of bases.entries()) {
      const wait = nextWaitMs('delivery', index + 1) ?? 0;
      expect(wait).toBeGreaterThanOrEqual(base);
      expect(wait).toBeLessThanOrEqual(base * 1.2);
    }
    expect(nextWaitMs('delivery', ATTEMPTS_MAX)).toBeNull();
  });

  it('spreads deliveries, each in the same way every time', () => {
    const waits = Array.from({ length: 50 }, (_, n) => nextWaitMs(`delivery ${n}`, 3));
    expect(new Set(waits).size).toBeGreaterThan(40);
    expect(nextWaitMs('delivery 7', 3)).toBe(waits[7]);
  });

  it('keeps a wish of the receiver, up to a day', () => {
    expect(nextWaitMs('d', 1, 60_000)).toBe(60_000);
    expect(nextWaitMs('d', 1, 9e9)).toBe(86_400_000);
    expect(readRetryAfter('120', 0)).toBe(120_000);
    expect(readRetryAfter('Thu, 01 Jan 1970 00:01:00 GMT', 20_000)).toBe(40_000);
    expect(readRetryAfter('soon', 0)).toBeNull();
  });
});

describe('fitsPatterns', () => {
  it.each([
    [['run.completed'], 'run.completed', true],
    [['run.completed'], 'run.failed', false],
    [['run.*'], 'run.failed', true],
    [['run.*'], 'step.failed', false],
    [['step.failed', '*'], 'agent.created', true],
    [['*'], 'llm.delta', false],
    [['llm.*'], 'llm.completed', true],
    [['llm.delta'], 'llm.delta', false],
  ])('%o and %s: %s', (patterns, type, fits) => {
    expect(fitsPatterns(patterns, type)).toBe(fits);
  });
});
