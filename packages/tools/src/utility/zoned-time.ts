import { toolError } from '../tool-error.ts';

/** Wall clock of a place. */
export interface WallTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

export function invalidDate(message: string) {
  return toolError('tools.date.invalid', 'invalid-input', message);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  try {
    const made = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    if (formats.size < 1000) formats.set(zone, made);
    return made;
  } catch {
    throw invalidDate(
      `"${zone.slice(0, 60)}" is no time zone. Give a name such as Europe/Berlin, America/New_York or UTC.`,
    );
  }
}

/** What a clock in the zone shows at that moment. */
export function wallTime(epochMs: number, zone: string): WallTime {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(epochMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  };
}

const utcOf = ({ year, month, day, hour, minute, second }: WallTime): number =>
  Date.UTC(year, month - 1, day, hour, minute, second);

/** Minutes that the zone is ahead of UTC at that moment. */
export function offsetMinutes(epochMs: number, zone: string): number {
  return Math.round((utcOf(wallTime(epochMs, zone)) - Math.floor(epochMs / 1000) * 1000) / 60_000);
}

/**
 * The moment at which clocks of the zone show this time. Where clocks go back the first of the two; a time that clocks jump over is
 * moved on by the jump.
 */
export function momentOf(wall: WallTime, zone: string): number {
  const asUtc = utcOf(wall);
  // Offsets of a day before and after cover both sides of any change.
  const offsets = [asUtc - 86_400_000, asUtc + 86_400_000].map((at) => offsetMinutes(at, zone));
  const fitting = offsets
    .map((offset) => asUtc - offset * 60_000)
    .filter((moment) => utcOf(wallTime(moment, zone)) === asUtc);
  if (fitting.length > 0) return Math.min(...fitting);
  return asUtc - (offsets[0] ?? 0) * 60_000;
}

const FORM =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/** Milliseconds since 1970 of an ISO date or time; one without an offset is read in the zone. Throws `tools.date.invalid`. */
export function parseMoment(text: string, zone: string): number {
  const found = FORM.exec(text.trim());
  if (found === null)
    throw invalidDate(
      `"${text.slice(0, 60)}" is no date. Give it like 2026-03-31, 2026-03-31T18:00 or 2026-03-31T18:00:00+02:00.`,
    );
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', offset] =
    found;
  const wall = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
  };
  const back = new Date(utcOf(wall));
  if (
    back.getUTCMonth() + 1 !== wall.month ||
    back.getUTCDate() !== wall.day ||
    wall.hour > 23 ||
    wall.minute > 59 ||
    wall.second > 59
  )
    throw invalidDate(`"${text.slice(0, 60)}" does not exist in the calendar.`);
  const rest = Math.floor(Number(`0.${fraction}`) * 1000);
  if (offset === undefined) return momentOf(wall, zone) + rest;
  if (offset.toUpperCase() === 'Z') return utcOf(wall) + rest;
  const sign = offset.startsWith('-') ? -1 : 1;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return utcOf(wall) - sign * minutes * 60_000 + rest;
}

const two = (value: number) => String(value).padStart(2, '0');

/** With the offset of the zone, e.g. `2026-03-31T18:00:00+02:00`. */
export function formatMoment(epochMs: number, zone: string): string {
  const wall = wallTime(epochMs, zone);
  const offset = offsetMinutes(epochMs, zone);
  const ahead = Math.abs(offset);
  const zoneText =
    zone === 'UTC'
      ? 'Z'
      : `${offset < 0 ? '-' : '+'}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`;
  return `${String(wall.year).padStart(4, '0')}-${two(wall.month)}-${two(wall.day)}T${two(wall.hour)}:${two(wall.minute)}:${two(wall.second)}${zoneText}`;
}
