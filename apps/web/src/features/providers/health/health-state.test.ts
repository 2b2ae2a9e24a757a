import { describe, expect, test } from 'vitest';
import type { Circuit, ModelHealth } from '../provider-types.ts';
import { healthNow, healthScale, healthTotals, percent } from './health-state.ts';

const model = (extra: Partial<ModelHealth>): ModelHealth => ({
  provider: 'openai',
  model: 'a',
  calls: 0,
  success_rate: null,
  p50_ms: null,
  p95_ms: null,
  first_token_p50_ms: null,
  tokens_per_second: null,
  cost_micros: null,
  in_flight: 0,
  last_error: null,
  ...extra,
});
const circuit = (state: Circuit['state']): Circuit => ({
  id: state,
  provider: 'openai',
  model: 'a',
  credential: '…1234',
  state,
  reason: null,
  opened_at: null,
  retry_at: null,
  failures: 0,
});

describe('health of a provider', () => {
  test.each([
    ['no calls', [], [], 'No calls lately'],
    ['all answered', [model({ calls: 10, success_rate: 1 })], [], 'Answers well'],
    ['one of ten failed', [model({ calls: 10, success_rate: 0.9 })], [], 'Some calls fail'],
    ['most failed', [model({ calls: 10, success_rate: 0.2 })], [], 'Most calls fail'],
    ['open circuit', [model({ calls: 10, success_rate: 1 })], [circuit('open')], 'Circuit open'],
    ['half-open counts too', [], [circuit('half_open'), circuit('open')], '2 circuits open'],
    [
      'a closed one is none',
      [model({ calls: 1, success_rate: 1 })],
      [circuit('closed')],
      'Answers well',
    ],
  ] as const)('%s', (...[, models, circuits, label]) => {
    expect(healthNow(models, circuits).label).toBe(label);
  });

  test('models count by their calls', () => {
    const models = [model({ calls: 90, success_rate: 1 }), model({ calls: 10, success_rate: 0 })];
    expect(healthNow(models, []).successRate).toBeCloseTo(0.9);
  });
});

test('an unknown cost is unknown, no call costs nothing', () => {
  expect(healthTotals([]).costMicros).toBe(0);
  expect(healthTotals([model({ calls: 2, success_rate: 1 })]).costMicros).toBeNull();
  expect(healthTotals([model({ calls: 2, cost_micros: 5 }), model({ calls: 1 })]).costMicros).toBe(
    5,
  );
});

test('the slowest is the one with the highest p95', () => {
  const models = [model({ model: 'fast', p95_ms: 5 }), model({ model: 'slow', p95_ms: 50 })];
  expect(healthTotals(models).slowest?.model).toBe('slow');
  expect(healthScale(models).ms).toBe(50);
  expect(healthScale([]).ms).toBe(1);
});

test('a share is never rounded up to all', () => {
  expect(percent(1)).toBe('100 %');
  expect(percent(0.9999)).toBe('99.9 %');
  expect(percent(0.5)).toBe('50 %');
});
