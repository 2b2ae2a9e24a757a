import type { Finding } from '@automatos/contracts';
import { describe, expect, test } from 'vitest';
import { fitResults, renderResult, waterLevel } from './tool-results.ts';
import type { KeptResult } from './tool-results.ts';

const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

function result(size: number, findings = 0, sign = 'x'): KeptResult {
  const one = (line: number): Finding => ({
    rule: 'r',
    severity: 'low',
    message: `fault ${sign}`,
    location: { path: 'a', line },
    evidence: sign.repeat(50),
    tool: 't',
  });
  return {
    toolCallId: 'c',
    tool: 't',
    pointer: '/api/runs/1/steps#s/tools/t',
    outcome: {
      status: 'success',
      summary: 'done',
      output: sign.repeat(size),
      findings: Array.from({ length: findings }, (_, line) => one(line + 1)),
      findingsTotal: findings,
      truncated: false,
      tainted: false,
    },
  };
}

describe('fitResults', () => {
  test('leaves everything whole when it fits', () => {
    const shown = fitResults([result(10, 2), result(20)], 10_000);
    expect(shown?.map((one) => one['truncated'])).toEqual([false, false]);
  });

  // The sum is bounded whatever the mix: sizes, counts, signs that grow in JSON or in UTF-8.
  const mixes = ['x', '"', '€', '\u{1F600}', '\n'].flatMap((sign) =>
    [1, 3, 17].map((count) => ({ sign, count })),
  );
  test.each(mixes)('never passes the budget ($count results of $sign)', ({ sign, count }) => {
    for (const budget of [300, 1_000, 5_003, 20_000, 300_000]) {
      const results = Array.from({ length: count }, (_, index) =>
        result(index * 2_000 + 50, index * 7, sign),
      );
      const shown = fitResults(results, budget);
      const total = shown?.reduce((sum, one) => sum + bytes(one), 0) ?? 0;
      expect(total).toBeLessThanOrEqual(budget);
      expect(shown?.length ?? 0).toBe(budget < count * 100 ? 0 : count);
    }
  });

  test('gives small results whole and shares the rest among the large ones', () => {
    const shown = fitResults([result(100), result(50_000), result(60_000)], 20_000);
    expect(shown?.[0]?.['truncated']).toBe(false);
    expect(bytes(shown?.[1])).toBeGreaterThan(8_000);
    expect(bytes(shown?.[2])).toBeGreaterThan(8_000);
  });
});

describe('renderResult', () => {
  test('keeps findings before output and says where the rest is', () => {
    const shown = renderResult(result(10_000, 10), 4_000);
    expect(shown['findings']).toHaveLength(10);
    expect(shown).toMatchObject({
      truncated: true,
      findings_total: 10,
      pointer: '/api/runs/1/steps#s/tools/t',
    });
    expect((shown['output'] as string).length).toBeGreaterThan(500);
  });

  test('shrinks to status and pointer', () => {
    expect(renderResult(result(10_000, 10), 100)).toEqual({
      status: 'success',
      truncated: true,
      pointer: '/api/runs/1/steps#s/tools/t',
    });
  });
});

test('waterLevel fills evenly', () => {
  expect(waterLevel([1, 10, 100], 31)).toBe(20);
  expect(waterLevel([1, 2, 3], 100)).toBe(3);
  expect(waterLevel([], 100)).toBe(0);
});
