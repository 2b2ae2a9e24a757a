import { describe, expect, test } from 'vitest';
import { hotp, matchingStep, otpauthUri, stepOf, toBase32 } from './totp.ts';

const RFC_SECRET = Buffer.from('12345678901234567890');

describe('codes', () => {
  // RFC 4226, appendix D.
  test.each([
    [0, '755224'],
    [1, '287082'],
    [2, '359152'],
    [3, '969429'],
    [9, '520489'],
  ])('of counter %i', (counter, code) => expect(hotp(RFC_SECRET, counter)).toBe(code));

  // RFC 6238, appendix B, the last six of its eight digits.
  test.each([
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ])('at second %i', (second, code) => expect(hotp(RFC_SECRET, stepOf(second * 1000))).toBe(code));
});

describe('the step of a code', () => {
  const nowMs = 1_700_000_000_000;
  const now = stepOf(nowMs);
  test.each([
    [-2, null],
    [-1, now - 1],
    [0, now],
    [1, now + 1],
    [2, null],
  ])('%i steps aside', (aside, step) =>
    expect(matchingStep(RFC_SECRET, hotp(RFC_SECRET, now + aside), { nowMs, lastStep: 0 })).toBe(
      step,
    ),
  );

  test('at or before the last one it was used', () => {
    const code = hotp(RFC_SECRET, now);
    expect(matchingStep(RFC_SECRET, code, { nowMs, lastStep: now })).toBe('used');
    expect(matchingStep(RFC_SECRET, code, { nowMs, lastStep: now + 1 })).toBe('used');
    expect(matchingStep(RFC_SECRET, code, { nowMs, lastStep: now - 1 })).toBe(now);
  });
});

test('the address for authenticators names product, account and secret', () => {
  expect(toBase32(RFC_SECRET)).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
  expect(otpauthUri('ada+x@example.com', RFC_SECRET)).toBe(
    'otpauth://totp/Automatos:ada%2Bx%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Automatos&algorithm=SHA1&digits=6&period=30',
  );
});
