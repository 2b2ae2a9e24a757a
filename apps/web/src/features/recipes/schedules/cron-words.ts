/** A cron expression of five fields in plain words, and the simple ones as choices of a form. Pure. */

export type Rhythm =
  | { kind: 'hourly'; minute: number }
  | { kind: 'daily'; hour: number; minute: number }
  | { kind: 'weekdays'; hour: number; minute: number }
  | { kind: 'weekly'; day: number; hour: number; minute: number }
  | { kind: 'monthly'; dayOfMonth: number; hour: number; minute: number };

export const WEEKDAYS = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
] as const;
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const SHORT_DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const SHORT_MONTHS = [
  'JAN',
  'FEB',
  'MAR',
  'APR',
  'MAY',
  'JUN',
  'JUL',
  'AUG',
  'SEP',
  'OCT',
  'NOV',
  'DEC',
];

export function toCron(rhythm: Rhythm): string {
  switch (rhythm.kind) {
    case 'hourly':
      return `${rhythm.minute} * * * *`;
    case 'daily':
      return `${rhythm.minute} ${rhythm.hour} * * *`;
    case 'weekdays':
      return `${rhythm.minute} ${rhythm.hour} * * 1-5`;
    case 'weekly':
      return `${rhythm.minute} ${rhythm.hour} * * ${rhythm.day}`;
    case 'monthly':
      return `${rhythm.minute} ${rhythm.hour} ${rhythm.dayOfMonth} * *`;
  }
}

const numberOf = (field: string): number | null => (/^\d{1,2}$/.test(field) ? Number(field) : null);

/** The choice that an expression is; null when it is none of them. */
export function toRhythm(cron: string): Rhythm | null {
  const [minutes = '', hours = '', days = '', months, weekdays = '', ...rest] = cron
    .trim()
    .split(/\s+/);
  const minute = numberOf(minutes);
  const hour = numberOf(hours);
  if (minute === null || months !== '*' || rest.length > 0) return null;
  const free = days === '*';
  if (hours === '*' && free && weekdays === '*') return { kind: 'hourly', minute };
  if (hour === null) return null;
  if (free && weekdays === '*') return { kind: 'daily', hour, minute };
  if (free && /^(?:1-5|MON-FRI)$/i.test(weekdays)) return { kind: 'weekdays', hour, minute };
  const day = free ? dayOf(weekdays) : null;
  if (day !== null) return { kind: 'weekly', day, hour, minute };
  const dayOfMonth = weekdays === '*' ? numberOf(days) : null;
  return dayOfMonth === null ? null : { kind: 'monthly', dayOfMonth, hour, minute };
}

function dayOf(field: string): number | null {
  const number = numberOf(field);
  if (number !== null) return number <= 7 ? number % 7 : null;
  const named = SHORT_DAYS.indexOf(field.toUpperCase());
  return named === -1 ? null : named;
}

const two = (value: number) => String(value).padStart(2, '0');

function list(words: string[]): string {
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

/** One field in words; null when it is written in a way that is left to the preview. */
function words(field: string, name: (value: string) => string | null): string | null {
  const parts = field.split(',').map((part) => {
    const [from, to, ...more] = part.split('-');
    if (more.length > 0 || from === undefined) return null;
    const first = name(from);
    const last = to === undefined ? null : name(to);
    if (first === null || (to !== undefined && last === null)) return null;
    return last === null ? first : `${first} to ${last}`;
  });
  return parts.includes(null) ? null : list(parts as string[]);
}

const inRange = (value: string, max: number) => {
  const number = numberOf(value);
  return number !== null && number <= max ? number : null;
};

function timeWords(minutes: string, hours: string): string | null {
  const every = /^\*\/(\d{1,2})$/;
  const step = every.exec(minutes)?.[1];
  if (minutes === '*' && hours === '*') return 'every minute';
  if (step !== undefined && hours === '*') return `every ${step} minutes`;
  const minute = inRange(minutes, 59);
  const hourStep = every.exec(hours)?.[1];
  if (minute !== null && hourStep !== undefined)
    return `every ${hourStep} hours at minute ${minute}`;
  if (minute !== null && hours === '*') return `every hour at minute ${minute}`;
  if (minute === null) return null;
  const at = words(hours, (hour) => {
    const number = inRange(hour, 23);
    return number === null ? null : `${two(number)}:${two(minute)}`;
  });
  return at === null ? null : at.includes(' to ') ? `every hour from ${at}` : `at ${at}`;
}

/** `At 08:30 on Monday to Friday`; null for what has no short words. */
export function cronWords(cron: string): string | null {
  const fields = cron.trim().split(/\s+/);
  const [minutes = '', hours = '', days = '', months = '', weekdays = ''] = fields;
  if (fields.length !== 5) return null;
  const time = timeWords(minutes, hours);
  const day = words(days, (value) => (inRange(value, 31) === null ? null : value));
  const month = words(months, (value) => {
    const named = SHORT_MONTHS.indexOf(value.toUpperCase());
    return MONTHS[named === -1 ? (inRange(value, 12) ?? 0) - 1 : named] ?? null;
  });
  const weekday = words(weekdays, (value) => WEEKDAYS[dayOf(value) ?? -1] ?? null);
  const given = [
    [days, day],
    [months, month],
    [weekdays, weekday],
  ] as const;
  if (time === null || given.some(([field, said]) => field !== '*' && said === null)) return null;
  const on = [
    days === '*' ? null : `on day ${day ?? ''} of the month`,
    weekdays === '*' ? null : `on ${weekday ?? ''}`,
  ].filter((part) => part !== null);
  // When both are given, cron means either.
  const when = on.join(' or ');
  const text = [time, when, months === '*' ? '' : `in ${month ?? ''}`]
    .filter((part) => part !== '')
    .join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
