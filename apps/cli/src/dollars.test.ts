import { expect, test } from 'vitest';
import { dollars, readDollars } from './dollars.ts';

test.each([
  ['0.25', 250_000],
  ['$3', 3_000_000],
  ['0.000001', 1],
])('%s is %i micro-dollars', (text, micros) => {
  expect(readDollars('--limit', text)).toBe(micros);
});

test.each(['', '-1', '1,5', '1e3', '0.0000001', 'much'])('%s is refused by name', (text) => {
  expect(() => readDollars('--limit', text)).toThrow(/^--limit takes dollars/);
});

test('an unknown amount is no zero, and no decimal is lost', () => {
  expect(dollars(null)).toBe('unknown');
  expect(dollars(0)).toBe('$0.00');
  expect(dollars(75_000)).toBe('$0.075');
  expect(dollars(1)).toBe('$0.000001');
  expect(dollars(15_000_000)).toBe('$15.00');
});
