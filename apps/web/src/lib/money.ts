/** Dollars as people type them, and back. Whole micro-dollars, never a sum of fractions. */

const DOLLARS = /^(\d{1,9})(?:[.,](\d{1,6}))?$/;

/** Micro-dollars of a text like `0.25`, `$3` or `1,5`; null when it is no amount or finer than a micro-dollar. */
export function parseDollars(text: string): number | null {
  const match = DOLLARS.exec(text.trim().replace(/^\$\s*/, ''));
  if (match === null) return null;
  return Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0'));
}

/** What stands in a field for an amount: all its decimals and no more. */
export function dollarsText(micros: number): string {
  const whole = Math.floor(micros / 1_000_000);
  const rest = String(micros % 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return rest === '' ? String(whole) : `${whole}.${rest}`;
}

/** A price per million tokens; unlike a cost it is never rounded, and an unknown one is never 0. */
export function formatPrice(micros: number | null): string {
  if (micros === null) return 'unknown';
  const text = dollarsText(micros);
  const [whole = '0', rest = ''] = text.split('.');
  return `$${whole}.${rest.padEnd(2, '0')}`;
}
