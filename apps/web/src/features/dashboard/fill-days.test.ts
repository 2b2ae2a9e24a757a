import { expect, it } from 'vitest';
import { costOf, fillDays } from './fill-days.ts';

it('gives every day up to today, zero where nothing was used, unknown cost staying unknown', () => {
  const bucket = {
    calls: 2,
    input_tokens: 10,
    output_tokens: 4,
    cost_micros: null,
    unpriced_calls: 2,
  };
  const days = fillDays([{ key: '2026-11-20', ...bucket }], 3, Date.parse('2026-11-21T23:59:00Z'));
  expect(days).toEqual([
    { day: '2026-11-19', input: 0, output: 0, calls: 0, costMicros: 0 },
    { day: '2026-11-20', input: 10, output: 4, calls: 2, costMicros: null },
    { day: '2026-11-21', input: 0, output: 0, calls: 0, costMicros: 0 },
  ]);
});

it('says that nothing was spent when nothing was called, and that a price is unknown when it is', () => {
  const none = {
    calls: 0,
    input_tokens: 0,
    output_tokens: 0,
    cost_micros: null,
    unpriced_calls: 0,
  };
  expect(costOf(none)).toBe('$0.00');
  expect(costOf({ ...none, calls: 1, unpriced_calls: 1 })).toBe('unknown');
});
