import { expect, test } from 'vitest';
import { outputAllowance } from './limits.ts';

const base = {
  wanted: 2_000,
  inputTokens: 1_000,
  tokensLeft: 100_000,
  moneyLeft: null,
  price: { inputMicros: 1_000_000, outputMicros: 2_000_000 },
  model: 'm',
};

test.each([
  ['enough of everything', {}, { maxOutputTokens: 2_000 }],
  ['few tokens left', { tokensLeft: 1_500 }, { maxOutputTokens: 500, cutBy: 'tokens' }],
  ['no token left for output', { tokensLeft: 1_000 }, { limit: 'tokens' }],
  [
    'input 1,000 and 250 × 2 of output can be paid',
    { moneyLeft: 1_500 },
    { maxOutputTokens: 250, cutBy: 'money' },
  ],
  ['the input alone is too dear', { moneyLeft: 999 }, { limit: 'money' }],
  ['input paid, nothing for output', { moneyLeft: 1_001 }, { limit: 'money' }],
  [
    'free model with a money limit',
    { moneyLeft: 0, price: { inputMicros: 0, outputMicros: 0 } },
    { maxOutputTokens: 2_000 },
  ],
  [
    'unknown price without a money limit',
    { price: { inputMicros: null, outputMicros: null } },
    { maxOutputTokens: 2_000 },
  ],
])('%s', (_name, change, expected) => {
  expect(outputAllowance({ ...base, ...change })).toEqual(expected);
});

test('an unknown price with a money limit is refused', () => {
  expect(() =>
    outputAllowance({ ...base, moneyLeft: 5, price: { inputMicros: 1, outputMicros: null } }),
  ).toThrow(/price of m is unknown/);
});
