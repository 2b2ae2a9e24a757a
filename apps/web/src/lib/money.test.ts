import { expect, test } from 'vitest';
import { dollarsText, formatPrice, parseDollars } from './money.ts';

test.each([
  ['0.25', 250_000],
  ['$3', 3_000_000],
  ['1,5', 1_500_000],
  [' 0.000001 ', 1],
  ['12.345678', 12_345_678],
])('%s is an amount', (text, micros) => {
  expect(parseDollars(text)).toBe(micros);
});

test.each(['', '-1', 'abc', '1.2345678', '1.', '1e3', '1,000.5'])('%s is none', (text) => {
  expect(parseDollars(text)).toBeNull();
});

test('what stands in a field means the same amount', () => {
  for (const micros of [0, 1, 10, 75_000, 1_000_000, 1_250_000, 999_999_999])
    expect(parseDollars(dollarsText(micros))).toBe(micros);
});

test('a price keeps every decimal, and an unknown one is no zero', () => {
  expect(formatPrice(75_000)).toBe('$0.075');
  expect(formatPrice(1_125_000)).toBe('$1.125');
  expect(formatPrice(15_000_000)).toBe('$15.00');
  expect(formatPrice(0)).toBe('$0.00');
  expect(formatPrice(null)).toBe('unknown');
});
