import type { ScheduleSpec, ScheduleSpecInput } from '@automatos/sdk';
import { formatDuration } from '../../../lib/format.ts';
import { cronWords } from './cron-words.ts';

/** The schedule a form holds, and back. Pure. */

export interface ScheduleForm {
  kind: 'cron' | 'every' | 'at';
  name: string;
  cron: string;
  timezone: string;
  every: string;
  unit: keyof typeof UNITS;
  /** As `datetime-local` holds it, in the reader's zone. */
  at: string;
  misfire: ScheduleSpec['misfire'];
  overlap: ScheduleSpec['overlap'];
  enabled: boolean;
}

export const UNITS = {
  seconds: 1_000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
} as const;

const two = (value: number) => String(value).padStart(2, '0');

export function toLocalInput(time: Date): string {
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day}T${two(time.getHours())}:${two(time.getMinutes())}`;
}

export function newSchedule(timezone: string, now: Date): ScheduleForm {
  return {
    kind: 'cron',
    name: '',
    cron: '0 8 * * *',
    timezone,
    every: '1',
    unit: 'hours',
    at: toLocalInput(new Date(now.getTime() + UNITS.days)),
    misfire: 'once',
    overlap: 'skip',
    enabled: true,
  };
}

export function formOf(spec: ScheduleSpec, fallback: ScheduleForm): ScheduleForm {
  const { misfire, overlap, enabled, name = '' } = spec;
  const shared = { ...fallback, misfire, overlap, enabled, name };
  if ('cron' in spec) return { ...shared, kind: 'cron', cron: spec.cron, timezone: spec.timezone };
  if ('at' in spec) return { ...shared, kind: 'at', at: toLocalInput(new Date(spec.at)) };
  const units = Object.keys(UNITS) as (keyof typeof UNITS)[];
  const unit = units.findLast((each) => spec.every_ms % UNITS[each] === 0) ?? 'seconds';
  return { ...shared, kind: 'every', unit, every: String(spec.every_ms / UNITS[unit]) };
}

export type Spec = { spec: ScheduleSpecInput } | { error: string };

export function specOf(form: ScheduleForm, inputs: ScheduleSpecInput['inputs']): Spec {
  const { misfire, overlap, enabled } = form;
  const name = form.name.trim() === '' ? {} : { name: form.name.trim() };
  const shared = {
    misfire,
    overlap,
    enabled,
    ...name,
    ...(inputs === undefined ? {} : { inputs }),
  };
  if (form.kind === 'cron') {
    if (form.cron.trim().split(/\s+/).length !== 5) {
      return {
        error: 'Five fields are needed: minute, hour, day of the month, month, day of the week.',
      };
    }
    return { spec: { cron: form.cron.trim(), timezone: form.timezone, ...shared } };
  }
  if (form.kind === 'at') {
    const time = new Date(form.at);
    return Number.isNaN(time.getTime())
      ? { error: 'Choose a day and a time.' }
      : { spec: { at: time.toISOString(), ...shared } };
  }
  const ms = Math.round(Number(form.every) * UNITS[form.unit]);
  if (form.every.trim() === '' || !Number.isFinite(ms) || ms < UNITS.seconds) {
    return { error: 'Enter a span of at least one second.' };
  }
  return { spec: { every_ms: ms, ...shared } };
}

/** When it starts, in words: `At 08:30 on Monday to Friday, Europe/Zurich`. */
export function scheduleWords(spec: ScheduleSpec): string {
  if ('cron' in spec) return `${cronWords(spec.cron) ?? spec.cron}, ${spec.timezone}`;
  if ('every_ms' in spec) return `Every ${formatDuration(spec.every_ms)}`;
  return `Once, ${new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(spec.at))}`;
}

export const MISFIRES = [
  {
    value: 'once',
    label: 'Catch up once',
    help: 'However many times passed while nothing ran, one run starts for all of them.',
  },
  {
    value: 'skip',
    label: 'Leave them out',
    help: 'Times that passed while nothing ran are not made up for.',
  },
  { value: 'all', label: 'Catch up each', help: 'Every missed time starts a run of its own.' },
] as const;

export const OVERLAPS = [
  {
    value: 'skip',
    label: 'Skip this time',
    help: 'The run before goes on; the next time is tried again.',
  },
  { value: 'queue', label: 'Wait', help: 'The new run starts as soon as the one before is over.' },
  { value: 'allow', label: 'Run beside it', help: 'Both run at the same time.' },
  {
    value: 'cancel_previous',
    label: 'Cancel the one before',
    help: 'The older run is cancelled, the new one starts.',
  },
] as const;
