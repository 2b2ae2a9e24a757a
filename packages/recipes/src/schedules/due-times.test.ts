import { scheduleSpecSchema } from '@automatos/contracts';
import { describe, expect, it } from 'vitest';
import { checkScheduleSpec, dueBetween, dueTimes } from './due-times.ts';

const HOUR = 3_600_000;

function cron(expression: string, timezone: string) {
  return dueTimes(scheduleSpecSchema.parse({ cron: expression, timezone }), 0);
}

function series(times: { next(ms: number): number | null }, from: string, count: number): string[] {
  const found: string[] = [];
  for (let due = times.next(Date.parse(from)); found.length < count; due = times.next(due)) {
    if (due === null) break;
    found.push(new Date(due).toISOString().slice(0, 16));
  }
  return found;
}

describe('cron where clocks change', () => {
  it.each([
    [
      'Europe/Zurich',
      '30 2 * * *',
      '2026-03-28T00:00Z',
      ['2026-03-28T01:30', '2026-03-29T01:00', '2026-03-30T00:30'],
    ],
    [
      'Europe/Zurich',
      '30 2 * * *',
      '2026-10-24T00:00Z',
      ['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30'],
    ],
    [
      'America/New_York',
      '30 2 * * *',
      '2026-03-07T00:00Z',
      ['2026-03-07T07:30', '2026-03-08T07:00', '2026-03-09T06:30'],
    ],
    [
      'America/New_York',
      '30 1 * * *',
      '2026-10-31T00:00Z',
      ['2026-10-31T05:30', '2026-11-01T05:30', '2026-11-02T06:30'],
    ],
    [
      'Australia/Lord_Howe',
      '15 2 * * *',
      '2026-10-02T12:00Z',
      ['2026-10-02T15:45', '2026-10-03T15:30', '2026-10-04T15:15'],
    ],
    [
      'Australia/Lord_Howe',
      '45 1 * * *',
      '2026-04-03T12:00Z',
      ['2026-04-03T14:45', '2026-04-04T14:45', '2026-04-05T15:15'],
    ],
  ])('%s, %s from %s', (timezone, expression, ...[from, expected]) => {
    expect(series(cron(expression, timezone), from, 3)).toEqual(expected);
  });

  it('several times in the gap are due once together, right after it', () => {
    expect(series(cron('*/15 2 * * *', 'Europe/Zurich'), '2026-03-29T00:00Z', 2)).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:00',
    ]);
  });

  it('several times in the repeated hour are due at their first coming only', () => {
    expect(series(cron('*/20 2 * * *', 'Europe/Zurich'), '2026-10-25T00:00Z', 4)).toEqual([
      '2026-10-25T00:20',
      '2026-10-25T00:40',
      '2026-10-26T01:00',
      '2026-10-26T01:20',
    ]);
  });

  it('with * as the hour time flows on: no hole, no repetition', () => {
    const spring = series(cron('0 * * * *', 'Europe/Zurich'), '2026-03-28T23:30Z', 4);
    const autumn = series(cron('0 * * * *', 'Europe/Zurich'), '2026-10-24T22:30Z', 4);
    expect(spring).toEqual([
      '2026-03-29T00:00',
      '2026-03-29T01:00',
      '2026-03-29T02:00',
      '2026-03-29T03:00',
    ]);
    expect(autumn).toEqual([
      '2026-10-24T23:00',
      '2026-10-25T00:00',
      '2026-10-25T01:00',
      '2026-10-25T02:00',
    ]);
  });

  it('goes forward from any moment of a change', () => {
    for (const timezone of [
      'Europe/Zurich',
      'Australia/Lord_Howe',
      'America/New_York',
      'Antarctica/Troll',
    ]) {
      const times = cron('*/10 0-5 * * *', timezone);
      for (const day of [
        '2026-03-29T00:00Z',
        '2026-10-25T00:00Z',
        '2026-04-04T12:00Z',
        '2026-11-01T04:00Z',
      ]) {
        for (let at = Date.parse(day); at < Date.parse(day) + 6 * HOUR; at += 5 * 60_000) {
          expect(times.next(at)).toBeGreaterThan(at);
        }
      }
    }
  });
});

describe('other times', () => {
  it('intervals count from their anchor and do not drift', () => {
    const anchor = Date.parse('2026-01-01T00:00:07.000Z');
    const times = dueTimes(scheduleSpecSchema.parse({ every_ms: 60_000 }), anchor);
    expect(times.next(anchor)).toBe(anchor + 60_000);
    expect(times.next(anchor + 60_000 * 1000 + 59_999)).toBe(anchor + 60_000 * 1001);
    expect(times.next(anchor - 5)).toBe(anchor + 60_000);
  });

  it('a one-off is due once', () => {
    const at = '2026-06-01T10:00:00.000Z';
    const times = dueTimes(scheduleSpecSchema.parse({ at }), 0);
    expect(times.next(Date.parse(at) - 1)).toBe(Date.parse(at));
    expect(times.next(Date.parse(at))).toBeNull();
  });

  it('looks back a year without counting each minute of it', () => {
    const times = cron('* * * * *', 'Europe/Zurich');
    const range = {
      firstMs: Date.parse('2025-01-01T00:00Z'),
      untilMs: Date.parse('2026-01-01T00:00Z'),
      max: 100,
    };
    const { dueMs, earlier } = dueBetween(times, range);
    expect(dueMs).toHaveLength(100);
    expect(earlier).toBe(true);
    expect(dueMs.at(-1)).toBe(range.untilMs);
    expect(dueBetween(times, { ...range, firstMs: range.untilMs - 60_000 })).toEqual({
      dueMs: [range.untilMs - 60_000, range.untilMs],
      earlier: false,
    });
  });
});

describe('checkScheduleSpec', () => {
  const problems = (spec: object) => checkScheduleSpec(scheduleSpecSchema.parse(spec));
  it.each([
    [{ cron: '0 3 * * *', timezone: 'Mars/Base' }, '/timezone', 'no time zone'],
    [{ cron: '0 0 30 2 *' }, '/cron', 'never comes'],
    [{ cron: '61 * * * *' }, '/cron', '61'],
    [{ cron: '* * * *' }, '/cron', '4 fields'],
    [{ cron: '0 * * * * *' }, '/cron', '6 fields'],
    [{ cron: '@daily' }, '/cron', '1 fields'],
  ])('%o', (spec, pointer, message) => {
    expect(problems(spec)).toEqual([
      { pointer, message: expect.stringContaining(message) as string },
    ]);
  });

  it('takes what is sound', () => {
    expect(problems({ cron: '0 9 * * MON-FRI', timezone: 'Asia/Kathmandu' })).toEqual([]);
    expect(problems({ cron: '0 0 29 2 *' })).toEqual([]);
    expect(problems({ every_ms: 1_000 })).toEqual([]);
  });
});
