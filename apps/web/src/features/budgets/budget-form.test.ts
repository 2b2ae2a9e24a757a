import { expect, test } from 'vitest';
import { budgetUse, formOf, inputOf } from './budget-form.ts';
import type { WorkspaceBudget } from './budget-types.ts';

const budget: WorkspaceBudget = {
  id: '0199',
  name: 'Day',
  window: 'day',
  agent: null,
  limit_micros: 5_000_000,
  unknown_price_ceiling: { input_micros: 10_000_000, output_micros: 40_000_000 },
  enabled: true,
  version: 2,
  spent_micros: 1_000_000,
  reserved_micros: 500_000,
  refused: 0,
  window_started_at: null,
  resets_at: null,
  created_at: '2026-11-21T00:00:00Z',
  updated_at: '2026-11-21T00:00:00Z',
};

test('a budget and its form mean the same', () => {
  const { name, window, agent, limit_micros, unknown_price_ceiling, enabled } = budget;
  expect(inputOf(formOf(budget))).toEqual({
    input: { name, window, agent, limit_micros, unknown_price_ceiling, enabled },
  });
});

test('a new one refuses calls of unknown price until a ceiling is given', () => {
  const form = { ...formOf(null), name: ' Mine ', limit: '0.5', agent: 'security' };
  expect(inputOf(form)).toEqual({
    input: {
      name: 'Mine',
      window: 'day',
      agent: 'security',
      limit_micros: 500_000,
      unknown_price_ceiling: null,
      enabled: true,
    },
  });
});

test.each([
  [{ name: '  ' }, 'name'],
  [{ limit: '' }, 'limit'],
  [{ limit: '0' }, 'limit'],
  [{ limit: '-3' }, 'limit'],
  [{ unknown: 'ceiling', ceilingInput: '1', ceilingOutput: 'much' }, 'ceilingOutput'],
] as const)('%o is told at its field', (changes, field) => {
  const made = inputOf({ ...formOf(budget), ...changes });
  expect('problems' in made && Object.keys(made.problems)).toEqual([field]);
});

test.each([
  { spent: 0, reserved: 0, tone: 'ok', left: 5_000_000 },
  { spent: 4_000_000, reserved: 0, tone: 'warn', left: 1_000_000 },
  { spent: 3_000_000, reserved: 1_000_000, tone: 'warn', left: 1_000_000 },
  { spent: 5_000_000, reserved: 0, tone: 'bad', left: 0 },
  { spent: 9_000_000, reserved: 0, tone: 'bad', left: 0 },
])('$spent spent and $reserved set aside of 5 dollars: $tone', (row) => {
  const used = { ...budget, spent_micros: row.spent, reserved_micros: row.reserved };
  expect(budgetUse(used)).toMatchObject({ tone: row.tone, leftMicros: row.left });
});
