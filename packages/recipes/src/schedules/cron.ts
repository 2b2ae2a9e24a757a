import { Cron } from 'croner';
import type { TimeZone } from './time-zone.ts';

/** When a cron expression is due. */
export interface CronTimes {
  /** First due time after `afterMs`; null when there is none any more. */
  next(afterMs: number): number | null;
}

/** Longer than any change of the clocks. */
const CHANGE_MS_MAX = 3 * 3_600_000;

/**
 * Reads five fields: minute, hour, day of month, month, day of week (when both days are given, either counts). Throws an
 * Error that says what is wrong.
 *
 * Where clocks are put forward, a time that does not exist is due once, at the first instant after the gap; where they
 * are put back, a time that comes twice is due at its first coming only. With `*` as the hour the expression means the
 * flow of time, not times of the day: it is due in both hours and has no gap.
 */
export function parseCron(expression: string, zone: TimeZone): CronTimes {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 5) {
    throw new Error(
      `has ${fields.length} fields; give five: minute hour day-of-month month day-of-week`,
    );
  }
  const isEveryHour = fields[1] === '*';
  const pattern = build(fields.join(' '), isEveryHour ? zone.name : 'UTC');
  const following = (ms: number) => pattern.nextRun(new Date(ms))?.getTime() ?? null;
  if (isEveryHour || zone.name === 'UTC') return { next: following };
  return {
    next(afterMs) {
      const isNearChange =
        offset(zone, afterMs - CHANGE_MS_MAX) !== offset(zone, afterMs + CHANGE_MS_MAX);
      const start = zone.toLocal(afterMs) - (isNearChange ? CHANGE_MS_MAX : 0);
      for (let local = following(start); local !== null; local = following(local)) {
        const instant = zone.toInstant(local);
        if (instant > afterMs) return instant;
      }
      return null;
    },
  };
}

function offset(zone: TimeZone, instantMs: number): number {
  return zone.toLocal(instantMs) - instantMs;
}

function build(expression: string, timezone: string): Cron {
  try {
    return new Cron(expression, { timezone, paused: true, mode: '5-part' });
  } catch (error) {
    throw new Error((error as Error).message.replace(/^Cron\w+: /, ''), { cause: error });
  }
}
