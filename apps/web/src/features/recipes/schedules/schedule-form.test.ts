import { expect, it } from 'vitest';
import { formOf, newSchedule, scheduleWords, specOf, type ScheduleForm } from './schedule-form.ts';

const fresh = newSchedule('Europe/Zurich', new Date('2026-11-21T12:00:00Z'));
const shared = { inputs: {}, misfire: 'all', overlap: 'queue', enabled: false } as const;

it.each([
  { cron: '30 8 * * 1-5', timezone: 'Asia/Tokyo', name: 'Mornings', ...shared },
  { every_ms: 5_400_000, ...shared },
  { every_ms: 172_800_000, ...shared },
  { at: '2026-12-24T17:00:00.000Z', ...shared },
])('%j is the same after the form held it', (spec) => {
  expect(specOf(formOf(spec, fresh), {})).toEqual({ spec });
});

it.each<Partial<ScheduleForm>>([
  { kind: 'cron', cron: '* * *' },
  { kind: 'every', every: 'x' },
  { kind: 'every', every: '0.1', unit: 'seconds' },
  { kind: 'at', at: '' },
])('says what is wrong with %j', (change) => {
  expect(specOf({ ...fresh, ...change }, {})).toHaveProperty('error');
});

it('says in words when it starts', () => {
  expect(scheduleWords({ cron: '30 8 * * 1-5', timezone: 'Asia/Tokyo', ...shared })).toBe(
    'At 08:30 on Monday to Friday, Asia/Tokyo',
  );
  expect(scheduleWords({ every_ms: 5_400_000, ...shared })).toBe('Every 1 h 30 min');
});
