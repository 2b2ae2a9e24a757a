import { expect, test } from 'vitest';
import { fillDays } from './fill-days.ts';

test('days without requests are there, the last one is the end of the overview', () => {
  const busy = { day: '2026-03-02', assessed: 9, low: 1, medium: 0, high: 0, critical: 0 };
  const days = fillDays({ by_day: [busy], to: '2026-03-04T10:00:00.000Z' }, 4);
  expect(days.map(({ day, assessed }) => [day, assessed])).toEqual([
    ['2026-03-01', 0],
    ['2026-03-02', 9],
    ['2026-03-03', 0],
    ['2026-03-04', 0],
  ]);
});
