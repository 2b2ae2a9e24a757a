/** How exact a date is. */
export type DatePrecision = 'year' | 'quarter' | 'month' | 'day' | 'minute';

export interface FoundDate {
  text: string;
  /** Offset in the text. */
  at: number;
  /** Begin of what it names, in ms UTC; NaN for a date that does not exist. */
  startMs: number;
  precision: DatePrecision;
  /** Only with `minute`. */
  zone: 'given' | 'missing' | null;
  /** Day and month could be the other way round. */
  ambiguous: boolean;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH =
  '(?<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\\.?';
/** Offsets in minutes; only names that mean one zone. */
const ZONES: Readonly<Record<string, number>> = {
  Z: 0,
  UTC: 0,
  GMT: 0,
  CET: 60,
  CEST: 120,
  EET: 120,
  EEST: 180,
  EST: -300,
  EDT: -240,
  CDT: -300,
  MDT: -360,
  MST: -420,
  PST: -480,
  PDT: -420,
  JST: 540,
  AEST: 600,
  AEDT: 660,
};
const CLOCK =
  '(?:(?:T|,?\\s+(?:at\\s+)?)(?<hour>\\d{1,2}):(?<minute>\\d{2})(?::(?<second>\\d{2})(?:[.,]\\d+)?)?(?:\\s*(?<half>[ap]\\.?m\\.?))?(?:\\s*(?<zone>Z|[+-]\\d{2}:?\\d{2}|[A-Z]{3,4}\\b))?)?';
const YEAR = '(?<year>(?:19|20)\\d{2})';
const DAY = '(?<day>\\d{1,2})(?:st|nd|rd|th)?';

const PATTERNS: readonly RegExp[] = [
  new RegExp(`(?<![\\d.-])${YEAR}-(?<number>\\d{2})-(?<day>\\d{2})(?!\\d)${CLOCK}`, 'g'),
  new RegExp(`(?<![\\w])${DAY}\\s+(?:of\\s+)?${MONTH},?\\s+${YEAR}\\b${CLOCK}`, 'gi'),
  new RegExp(`(?<![\\w])${MONTH}\\s+${DAY},?\\s+${YEAR}\\b${CLOCK}`, 'gi'),
  new RegExp(`(?<![\\w])${MONTH}\\s+${YEAR}\\b`, 'gi'),
  new RegExp(`\\bQ(?<quarter>[1-4])[\\s/-]*${YEAR}\\b`, 'g'),
  new RegExp(
    `(?<![\\d/.-])(?<first>\\d{1,2})(?<sign>[/.])(?<second2>\\d{1,2})\\k<sign>${YEAR}(?![\\d/]|\\.\\d)${CLOCK}`,
    'g',
  ),
  new RegExp(
    `\\b(?:in|since|by|until|during|of|from|before|after|year)\\s+(?<alone>(?:19|20)\\d{2})\\b(?![-/.:]\\w)`,
    'gi',
  ),
];

type Groups = Record<string, string | undefined>;

function monthOf(groups: Groups): number | null {
  if (groups['number'] !== undefined) return Number(groups['number']) - 1;
  const name = groups['month']?.slice(0, 3).toLowerCase();
  return name === undefined ? null : MONTHS.indexOf(name);
}

/** NaN when the calendar has no such day. */
function dayMs(year: number, month: number, day: number): number {
  const date = new Date(Date.UTC(year, month, day));
  const exists =
    month >= 0 && month < 12 && date.getUTCMonth() === month && date.getUTCDate() === day;
  return exists ? date.getTime() : Number.NaN;
}

function offsetMinutes(zone: string | undefined): number | null {
  if (zone === undefined) return null;
  const signed = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (signed !== null)
    return (signed[1] === '-' ? -1 : 1) * (Number(signed[2]) * 60 + Number(signed[3]));
  return ZONES[zone] ?? null;
}

/** Adds the time of day, if one is given, and says what is known of its zone. */
function withClock(day: number, groups: Groups): Pick<FoundDate, 'startMs' | 'precision' | 'zone'> {
  if (groups['hour'] === undefined) return { startMs: day, precision: 'day', zone: null };
  const half = groups['half']?.[0]?.toLowerCase();
  const written = Number(groups['hour']);
  const hour = half === undefined ? written : (written % 12) + (half === 'p' ? 12 : 0);
  const minute = Number(groups['minute']);
  if (hour > 23 || minute > 59) return { startMs: Number.NaN, precision: 'minute', zone: null };
  const offset = offsetMinutes(groups['zone']);
  const second = Number(groups['second'] ?? 0);
  return {
    startMs: day + (hour * 60 + minute - (offset ?? 0)) * 60_000 + second * 1000,
    precision: 'minute',
    zone: offset === null ? 'missing' : 'given',
  };
}

function toDate(match: RegExpExecArray): FoundDate {
  const groups = (match.groups ?? {}) as Groups;
  const base = { text: match[0].trim(), at: match.index, zone: null, ambiguous: false } as const;
  const year = Number(groups['year'] ?? groups['alone']);
  if (groups['alone'] !== undefined) {
    const at = match.index + match[0].indexOf(groups['alone']);
    return { ...base, text: groups['alone'], at, startMs: Date.UTC(year, 0, 1), precision: 'year' };
  }
  if (groups['quarter'] !== undefined) {
    const startMs = Date.UTC(year, (Number(groups['quarter']) - 1) * 3, 1);
    return { ...base, startMs, precision: 'quarter' };
  }
  if (groups['first'] !== undefined) {
    const first = Number(groups['first']);
    const second = Number(groups['second2']);
    // Dots are written day first; with slashes only a number above 12 tells.
    const dayFirst = groups['sign'] === '.' || first > 12;
    const day = dayFirst ? dayMs(year, second - 1, first) : dayMs(year, first - 1, second);
    const ambiguous = groups['sign'] === '/' && first <= 12 && second <= 12 && first !== second;
    return { ...base, ...withClock(day, groups), ambiguous };
  }
  const month = monthOf(groups) ?? 0;
  if (groups['day'] === undefined)
    return { ...base, startMs: Date.UTC(year, month, 1), precision: 'month' };
  return { ...base, ...withClock(dayMs(year, month, Number(groups['day'])), groups) };
}

/** Dates and times of a text in order of place; the most exact reading of each. */
export function findDates(text: string): FoundDate[] {
  const found: FoundDate[] = [];
  for (const pattern of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const date = toDate(match as RegExpExecArray);
      const overlaps = found.some(
        (other) => date.at < other.at + other.text.length && other.at < date.at + date.text.length,
      );
      if (!overlaps) found.push(date);
    }
  }
  return found.toSorted((a, b) => a.at - b.at);
}

/** The instant or, without a time of day, the date as text; `2026-Q1`, `2026-03` and `2026` for what is less exact. */
export function dateText({ startMs, precision }: Pick<FoundDate, 'startMs' | 'precision'>): string {
  const iso = new Date(startMs).toISOString();
  if (precision === 'minute') return iso;
  if (precision === 'day') return iso.slice(0, 10);
  if (precision === 'month') return iso.slice(0, 7);
  if (precision === 'year') return iso.slice(0, 4);
  return `${iso.slice(0, 4)}-Q${Math.floor(new Date(startMs).getUTCMonth() / 3) + 1}`;
}

/** A date as pages and feeds give it, as RFC 3339 (or only its day); null when it is none. */
export function calendarDate(text: string): string | null {
  const found = findDates(text.replace(/^[A-Z][a-z]{2},\s+/, ''))[0];
  if (found === undefined || Number.isNaN(found.startMs) || found.ambiguous) return null;
  return found.precision === 'minute' || found.precision === 'day' ? dateText(found) : null;
}
