import type { ScheduleSpec } from '@automatos/contracts';
import type { FieldError } from '@automatos/kernel';
import { parseCron } from './cron.ts';
import { findTimeZone } from './time-zone.ts';

/** Due times of a schedule, as pure functions of its spec. All times are ms since the epoch. */
export interface DueTimes {
  /** First due time after `afterMs`; null when there is none any more. */
  next(afterMs: number): number | null;
  /** Zone in which people read the due times. */
  timezone: string;
  /** Wall clock of that zone at a due time, `YYYY-MM-DD HH:mm:ss`. */
  local(instantMs: number): string;
}

/**
 * What keeps a spec from ever being due, with JSON pointers into it: broken cron expression, unknown time zone, a date
 * that never comes. Empty when it is sound. `at` in the past is sound.
 */
export function checkScheduleSpec(spec: ScheduleSpec): FieldError[] {
  if (!('cron' in spec)) return [];
  const zone = findTimeZone(spec.timezone);
  if (zone === null) {
    const message = `"${spec.timezone}" is no time zone; use an IANA name such as Europe/Zurich`;
    return [{ pointer: '/timezone', message }];
  }
  try {
    if (parseCron(spec.cron, zone).next(Date.UTC(2024, 0, 1)) !== null) return [];
    return [{ pointer: '/cron', message: 'names a date that never comes' }];
  } catch (error) {
    return [{ pointer: '/cron', message: (error as Error).message }];
  }
}

/** Due times of a sound spec; `anchorMs` is where intervals count from. */
export function dueTimes(spec: ScheduleSpec, anchorMs: number): DueTimes {
  if ('cron' in spec) {
    const zone = findTimeZone(spec.timezone) ?? unsound(spec.timezone);
    return {
      ...parseCron(spec.cron, zone),
      timezone: zone.name,
      local: (ms) => wallClock(zone.toLocal(ms)),
    };
  }
  const utc = { timezone: 'UTC', local: wallClock };
  if ('at' in spec) {
    const at = Date.parse(spec.at);
    return { ...utc, next: (afterMs) => (at > afterMs ? at : null) };
  }
  const every = spec.every_ms;
  return {
    ...utc,
    next: (afterMs) => anchorMs + Math.max(1, Math.floor((afterMs - anchorMs) / every) + 1) * every,
  };
}

function unsound(timezone: string): never {
  throw new Error(`unknown time zone ${timezone}`);
}

function wallClock(localMs: number): string {
  return new Date(localMs).toISOString().slice(0, 19).replace('T', ' ');
}

/**
 * Due times from `firstMs`, which is one, to `untilMs`, the newest `max` of them in order. `earlier`: there are more before.
 */
export function dueBetween(
  times: Pick<DueTimes, 'next'>,
  range: { firstMs: number; untilMs: number; max: number },
): { dueMs: number[]; earlier: boolean } {
  const { firstMs, untilMs, max } = range;
  if (firstMs > untilMs) return { dueMs: [], earlier: false };
  // From near the end backwards: a year of missed minutes must not be counted one by one.
  for (let windowMs = 3_600_000; ; windowMs *= 8) {
    const fromMs = untilMs - windowMs;
    const isWhole = fromMs <= firstMs;
    const found: number[] = isWhole ? [firstMs] : [];
    let last = times.next(isWhole ? firstMs : fromMs);
    while (last !== null && last <= untilMs) {
      found.push(last);
      last = times.next(last);
    }
    if (isWhole || found.length >= max) {
      return { dueMs: found.slice(-max), earlier: found.length > max || !isWhole };
    }
  }
}
