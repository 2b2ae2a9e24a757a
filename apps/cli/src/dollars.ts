import { UsageError } from './exit-codes.ts';

const DOLLARS = /^\$?(\d{1,9})(?:\.(\d{1,6}))?$/;

/** Micro-dollars of an amount like `0.25`. Throws {@link UsageError} that names the option. */
export function readDollars(option: string, text: string): number {
  const match = DOLLARS.exec(text);
  if (match === null)
    throw new UsageError(
      `${option} takes dollars such as 0.25, with at most six decimals, not "${text}".`,
    );
  return Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0'));
}

/** A price or cost for a table; an unknown one is never 0. */
export function dollars(micros: number | null): string {
  if (micros === null) return 'unknown';
  return `$${(micros / 1_000_000).toFixed(6).replace(/0{1,4}$/, '')}`;
}
