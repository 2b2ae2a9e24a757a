import { expect, it } from 'vitest';
import { runChaos } from './chaos.fixture.ts';

it('loses no call among five vendors that fail, hang, slow down, cut streams and lie about limits', async () => {
  const report = await runChaos({ durationMs: 8_000, callers: 12, seed: 20_261_121 });
  expect(report.lost).toEqual([]);
  expect(report.garbled).toBe(0);
  expect(report.unsettled).toBe(0);
  const failed = Object.values(report.failed).reduce((sum, count) => sum + count, 0);
  expect(report.answered + failed).toBe(report.calls);
  // Nothing is sent again beneath the router: no request that is not an attempt which a call tells of.
  expect(report.requests).toBeLessThanOrEqual(report.attempts);
  expect(report.circuitsOpened).toBeGreaterThan(0);
  expect(report.circuitsClosed).toBeGreaterThan(0);
  expect(report.openAtEnd).toBe(0);
  expect(report.answered).toBeGreaterThan(0);
}, 60_000);
