/** A day like 2026-11-21, as charts write it. */
export const shortDay = (day: string) =>
  new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
    new Date(day),
  );

const look = {
  tick: { fontSize: 12, fill: 'var(--ink-soft)' },
  tickLine: false,
  axisLine: false,
} as const;

/** Days below a chart. The library wants its axes as direct children, so their looks are shared as properties. */
export const DAY_AXIS = {
  dataKey: 'day',
  tickFormatter: shortDay,
  minTickGap: 28,
  ...look,
} as const;

/** Values beside a chart. */
export const VALUE_AXIS = look;
