/** Local time of one IANA time zone. Local times are "naive": the milliseconds that a UTC clock would show for them. */
export interface TimeZone {
  readonly name: string;
  toLocal(instantMs: number): number;
  /**
   * The instant at which the clocks show `localMs`. A time that the clocks pass twice gives the first of the two; one that
   * they leave out gives the first instant after the gap.
   */
  toInstant(localMs: number): number;
}

const DAY_MS = 86_400_000;

/** The zone of this name, or null when there is none. */
export function findTimeZone(name: string): TimeZone | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return null;
  }
  const offsetAt = (instantMs: number): number => localOf(format, instantMs) - instantMs;
  return {
    name,
    toLocal: (instantMs) => localOf(format, instantMs),
    toInstant(localMs) {
      const before = offsetAt(localMs - DAY_MS);
      const after = offsetAt(localMs + DAY_MS);
      if (before === after) return localMs - before;
      const fitting = [localMs - before, localMs - after].filter(
        (instant) => instant + offsetAt(instant) === localMs,
      );
      return fitting.length > 0 ? Math.min(...fitting) : changeAround(offsetAt, localMs);
    },
  };
}

function localOf(format: Intl.DateTimeFormat, instantMs: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(instantMs)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const ofSecond = ((instantMs % 1000) + 1000) % 1000;
  return Date.UTC(year, month - 1, day, hour, minute, second) + ofSecond;
}

/** First instant of the new offset, of the one change within a day of `localMs`. */
function changeAround(offsetAt: (instantMs: number) => number, localMs: number): number {
  let low = localMs - DAY_MS;
  let high = localMs + DAY_MS;
  const old = offsetAt(low);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === old) low = middle;
    else high = middle;
  }
  return high;
}
