import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { formatMoment, invalidDate, momentOf, parseMoment, wallTime } from './zoned-time.ts';
import type { WallTime } from './zoned-time.ts';

const DAY_MS = 86_400_000;
/** Ten years either way: enough, and quickly counted. */
const BUSINESS_DAYS_MAX = 2_600;
const WEEKDAYS = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
] as const;

const amount = z.int().min(-100_000_000).max(100_000_000);
const input = z.strictObject({
  operation: z
    .enum(['now', 'convert', 'difference', 'add', 'business_days'])
    .describe(
      'now; convert `date` to `to_zone`; difference from `date` to `until`; add to `date`; business_days between `date` and `until`, or `business_days` after `date`',
    ),
  date: z
    .string()
    .max(60)
    .optional()
    .describe('ISO date or time; without an offset it is read in `zone`'),
  until: z.string().max(60).optional(),
  zone: z.string().max(60).default('UTC').describe('For example Europe/Berlin'),
  to_zone: z.string().max(60).optional(),
  add: z
    .strictObject({
      years: amount.optional(),
      months: amount.optional(),
      weeks: amount.optional(),
      days: amount.optional(),
      hours: amount.optional(),
      minutes: amount.optional(),
      seconds: amount.optional(),
    })
    .optional(),
  business_days: z.int().min(-BUSINESS_DAYS_MAX).max(BUSINESS_DAYS_MAX).optional(),
  holidays: z
    .array(z.string().regex(/^\d{4}-\d{2}-\d{2}$/))
    .max(1000)
    .default([])
    .describe('Days that are no business days beside Saturdays and Sundays'),
});
type Input = z.output<typeof input>;
const output = z.object({
  result: z.string().nullable().describe('Date and time with its offset'),
  weekday: z.string().nullable(),
  zone: z.string(),
  days: z.number().nullable(),
  hours: z.number().nullable(),
  seconds: z.number().nullable(),
  business_days: z.int().nullable(),
});
type Output = z.output<typeof output>;

const EMPTY = {
  result: null,
  weekday: null,
  days: null,
  hours: null,
  seconds: null,
  business_days: null,
};

export const dateTime = defineTool({
  name: 'date_time',
  title: 'Date and time',
  description:
    'Tells the time, converts between time zones, counts the time between two dates, adds to a date in calendar time, and counts business days.',
  group: 'utility',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 5_000,
  // Asked twice, `now` must not be answered from the first time.
  idempotent: false,
  repeatable: () => true,
  isolation: 'inline',
  tainted: false,
  keywords: [
    'clock',
    'calendar',
    'timezone',
    'today',
    'weekday',
    'duration',
    'deadline',
    'working days',
  ],
  async run(request) {
    const result = answer(request, Date.now());
    return { output: result, summary: summaryOf(request, result) };
  },
});

function required(request: Input, field: 'date' | 'until'): number {
  const text = request[field];
  if (text === undefined) throw invalidDate(`"${request.operation}" needs the field "${field}".`);
  return parseMoment(text, request.zone);
}

function moment(epochMs: number, zone: string): Output {
  const result = formatMoment(epochMs, zone);
  return { ...EMPTY, zone, result, weekday: WEEKDAYS[weekdayOf(wallTime(epochMs, zone))] ?? null };
}

function answer(request: Input, nowMs: number): Output {
  const { zone } = request;
  switch (request.operation) {
    case 'now':
      return moment(nowMs, request.to_zone ?? zone);
    case 'convert':
      return moment(required(request, 'date'), request.to_zone ?? zone);
    case 'add':
      return moment(addTo(required(request, 'date'), request), zone);
    case 'difference': {
      const seconds = (required(request, 'until') - required(request, 'date')) / 1000;
      return { ...EMPTY, zone, days: seconds / 86_400, hours: seconds / 3600, seconds };
    }
    case 'business_days':
      return request.business_days === undefined
        ? { ...EMPTY, zone, business_days: countBusinessDays(request) }
        : moment(afterBusinessDays(required(request, 'date'), request), zone);
  }
}

/** Calendar parts move the wall clock, hours and less the moment: a day over a change of clocks is no 24 hours. */
function addTo(epochMs: number, { add = {}, zone }: Input): number {
  const wall = wallTime(epochMs, zone);
  const months = wall.year * 12 + (wall.month - 1) + (add.years ?? 0) * 12 + (add.months ?? 0);
  const year = Math.floor(months / 12);
  const month = (months % 12) + 1;
  if (year < 1 || year > 9999) throw invalidDate('The result lies outside of the years 1 to 9999.');
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const start = Date.UTC(year, month - 1, Math.min(wall.day, lastDay));
  const day = new Date(start + ((add.weeks ?? 0) * 7 + (add.days ?? 0)) * DAY_MS);
  const years = day.getUTCFullYear();
  if (Number.isNaN(years) || years < 1 || years > 9999)
    throw invalidDate('The result lies outside of the years 1 to 9999.');
  const moved = {
    ...wall,
    year: years,
    month: day.getUTCMonth() + 1,
    day: day.getUTCDate(),
  };
  const isSame = moved.year === wall.year && moved.month === wall.month && moved.day === wall.day;
  const base = isSame ? epochMs : momentOf(moved, zone);
  const exact = (add.hours ?? 0) * 3600 + (add.minutes ?? 0) * 60 + (add.seconds ?? 0);
  return base + exact * 1000;
}

const weekdayOf = ({ year, month, day }: WallTime): number =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDay();
const dayOf = ({ year, month, day }: WallTime): number => Date.UTC(year, month - 1, day) / DAY_MS;

function isBusinessDay(day: number, holidays: ReadonlySet<string>): boolean {
  const date = new Date(day * DAY_MS);
  const weekday = date.getUTCDay();
  return weekday !== 0 && weekday !== 6 && !holidays.has(date.toISOString().slice(0, 10));
}

/** From the day of `date` (counted) to the day of `until` (not counted); negative when that lies before. */
function countBusinessDays(request: Input): number {
  const from = dayOf(wallTime(required(request, 'date'), request.zone));
  const to = dayOf(wallTime(required(request, 'until'), request.zone));
  const holidays = new Set(request.holidays);
  const [first, last] = from <= to ? [from, to] : [to, from];
  if (last - first > BUSINESS_DAYS_MAX * 2)
    throw invalidDate('Business days are counted over at most fourteen years.');
  let count = 0;
  for (let day = first; day < last; day += 1) if (isBusinessDay(day, holidays)) count += 1;
  return from <= to ? count : -count;
}

function afterBusinessDays(epochMs: number, request: Input): number {
  const holidays = new Set(request.holidays);
  const wall = wallTime(epochMs, request.zone);
  const wanted = request.business_days ?? 0;
  const step = wanted < 0 ? -1 : 1;
  let day = dayOf(wall);
  for (let left = Math.abs(wanted); left > 0;) {
    day += step;
    if (isBusinessDay(day, holidays)) left -= 1;
  }
  const date = new Date(day * DAY_MS);
  const moved = {
    ...wall,
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
  };
  return momentOf(moved, request.zone);
}

function summaryOf(request: Input, result: Output): string {
  if (result.result !== null) return `${result.result} in ${result.zone}, a ${result.weekday}.`;
  if (result.business_days !== null) return `${result.business_days} business days.`;
  return `${result.days} days (${result.seconds} seconds) from ${request.date} to ${request.until}.`;
}
