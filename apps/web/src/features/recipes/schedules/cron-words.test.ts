import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cronWords, toCron, toRhythm, type Rhythm } from './cron-words.ts';

describe('cron in words', () => {
  it.each([
    ['* * * * *', 'Every minute'],
    ['*/15 * * * *', 'Every 15 minutes'],
    ['5 * * * *', 'Every hour at minute 5'],
    ['0 */6 * * *', 'Every 6 hours at minute 0'],
    ['30 8 * * *', 'At 08:30'],
    ['30 8 * * 1-5', 'At 08:30 on Monday to Friday'],
    ['0 9,17 * * MON', 'At 09:00 and 17:00 on Monday'],
    ['0 9-17 * * *', 'Every hour from 09:00 to 17:00'],
    ['0 0 1 * *', 'At 00:00 on day 1 of the month'],
    ['0 0 1,15 1,JUL *', 'At 00:00 on day 1 and 15 of the month in January and July'],
    ['0 6 13 * 5', 'At 06:00 on day 13 of the month or on Friday'],
    ['0 0 * * 7', 'At 00:00 on Sunday'],
  ])('%s is "%s"', (cron, expected) => expect(cronWords(cron)).toBe(expected));

  it.each([
    '',
    '* * * *',
    '99 * * * *',
    '0 0 L * *',
    '1/3 2 * * *',
    '0 25 * * *',
    '0 0 * 13 *',
    '@daily',
  ])('says nothing about %s', (cron) => expect(cronWords(cron)).toBeNull());

  it('every choice of the form becomes an expression and is found again', () => {
    const minute = fc.nat(59);
    const hour = fc.nat(23);
    const rhythm: fc.Arbitrary<Rhythm> = fc.oneof(
      fc.record({ kind: fc.constant('hourly' as const), minute }),
      fc.record({ kind: fc.constantFrom('daily' as const, 'weekdays' as const), hour, minute }),
      fc.record({ kind: fc.constant('weekly' as const), day: fc.nat(6), hour, minute }),
      fc.record({
        kind: fc.constant('monthly' as const),
        dayOfMonth: fc.integer({ min: 1, max: 31 }),
        hour,
        minute,
      }),
    );
    fc.assert(
      fc.property(rhythm, (each) => {
        expect(toRhythm(toCron(each))).toEqual(each);
        expect(cronWords(toCron(each))).not.toBeNull();
      }),
    );
  });

  it('leaves other expressions to the field for them', () => {
    expect(['*/5 * * * *', '0 8 1 * 1', '0 8 * 2 *', 'x'].map(toRhythm)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});
