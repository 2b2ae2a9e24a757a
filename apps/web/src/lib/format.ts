/** Numbers, money, spans and times as people read them; times in the reader's own zone. */

const decimals = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export function formatNumber(value: number): string {
  return whole.format(value);
}

export function formatCompact(value: number): string {
  return value < 10_000 ? whole.format(value) : compact.format(value);
}

/** `1.2 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${decimals.format(Math.floor(seconds * 10) / 10)} s`;
  const minutes = Math.floor(seconds / 60);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** Micro-dollars as dollars; null is an unknown price and says so. */
export function formatCost(micros: number | null): string {
  if (micros === null) return 'unknown';
  if (micros === 0) return '$0.00';
  const dollars = micros / 1_000_000;
  if (dollars >= 1) return `$${dollars.toFixed(2)}`;
  const digits = dollars.toFixed(dollars >= 0.01 ? 3 : 6);
  // Always cents, e.g. `$0.30`, and no more zeros than that.
  return `$${digits.replace(/^(\d+\.\d\d\d*?)0+$/, '$1')}`;
}

/** The same where no label says what the figure is: an unknown price is `cost unknown`. */
export function formatCostInText(micros: number | null): string {
  return micros === null ? 'cost unknown' : formatCost(micros);
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${decimals.format(value)} ${units[unit]}`;
}

export function formatDateTime(time: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' }).format(
    new Date(time),
  );
}

export function formatClock(time: string): string {
  return new Intl.DateTimeFormat(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(new Date(time));
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

export function formatRelative(time: string, nowMs: number): string {
  const seconds = Math.round((Date.parse(time) - nowMs) / 1000);
  const distance = Math.abs(seconds);
  // A clock that is a little ahead of this one makes nothing a future.
  if (distance < 45) return seconds > 5 ? 'in a moment' : 'just now';
  if (distance < 45 * 60) return relative.format(Math.round(seconds / 60), 'minute');
  if (distance < 22 * 3600) return relative.format(Math.round(seconds / 3600), 'hour');
  if (distance < 26 * 86_400) return relative.format(Math.round(seconds / 86_400), 'day');
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }).format(new Date(time));
}

/** `1 run`, `2 runs`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

/** A machine's word as people write it: `code_architect` → `Code architect`. */
export function sentence(word: string): string {
  const words = word.replace(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
