import type { UsageBucket } from '@automatos/sdk';
import { expect, test } from 'vitest';
import { stackDays } from './stack-days.ts';

const NOW = Date.parse('2026-11-21T10:00:00Z');
const bucket = (key: string, split: string, cost: number | null): UsageBucket => ({
  key,
  split,
  calls: 2,
  input_tokens: 10,
  output_tokens: 5,
  cost_micros: cost,
  unpriced_calls: cost === null ? 2 : 0,
});

test('each day stands there once, empty ones too, the largest series first', () => {
  const buckets = [
    bucket('2026-11-21', 'a', 10),
    bucket('2026-11-19', 'a', 5),
    bucket('2026-11-21', 'b', 100),
  ];
  const stack = stackDays(buckets, 'cost', { days: 3, nowMs: NOW });
  expect(stack.series).toEqual(['b', 'a']);
  expect(stack.sums).toEqual([100, 15]);
  expect(stack.days).toEqual([
    { day: '2026-11-19', values: [0, 5], total: 5, unpriced: 0 },
    { day: '2026-11-20', values: [0, 0], total: 0, unpriced: 0 },
    { day: '2026-11-21', values: [100, 10], total: 110, unpriced: 0 },
  ]);
});

test('calls without a known price are counted beside the cost', () => {
  const stack = stackDays([bucket('2026-11-21', 'a', null)], 'cost', { days: 1, nowMs: NOW });
  expect(stack.days).toEqual([{ day: '2026-11-21', values: [0], total: 0, unpriced: 2 }]);
  const tokens = stackDays([bucket('2026-11-21', 'a', null)], 'tokens', { days: 1, nowMs: NOW });
  expect(tokens.sums).toEqual([15]);
});

test('small series are put together, and nothing is lost', () => {
  const buckets = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((key, index) =>
    bucket('2026-11-21', key, 80 - index * 10),
  );
  const stack = stackDays(buckets, 'cost', { days: 1, nowMs: NOW });
  expect(stack.series).toEqual(['a', 'b', 'c', 'd', 'e', null]);
  expect(stack.sums).toEqual([80, 70, 60, 50, 40, 60]);
});
