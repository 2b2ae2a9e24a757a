/** The UTC days up to that of `lastMs`, oldest first, as `YYYY-MM-DD`. */
export function lastDays(days: number, lastMs: number): string[] {
  return Array.from({ length: days }, (_, index) =>
    new Date(lastMs - (days - 1 - index) * 86_400_000).toISOString().slice(0, 10),
  );
}

/** A day as date inputs hold it; null for anything else. */
export function dayOf(value: string | null): string | null {
  return value !== null && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : null;
}

/** Midnight in the reader's zone at the start of a day, or of the day after. */
export function midnight(value: string, daysLater: number): string {
  const [year = 0, month = 1, date = 1] = value.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater).toISOString();
}
