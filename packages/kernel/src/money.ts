/** Integer micro-dollars: 1 USD = 1,000,000. */
export type Micros = number;

/**
 * Cost of `tokens` at a price in micro-dollars per million tokens, as an exact rational numerator; add several
 * with {@link roundUpMicros} so that a call is rounded once.
 */
export function tokenCost(tokens: number, microsPerMillion: number): bigint {
  return BigInt(Math.max(0, Math.trunc(tokens))) * BigInt(Math.trunc(microsPerMillion));
}

/** Sums the parts of one call and rounds up to whole micro-dollars, once. */
export function roundUpMicros(parts: bigint[]): Micros {
  const total = parts.reduce((sum, part) => sum + part, 0n);
  return Number((total + 999_999n) / 1_000_000n);
}

/** Dollars for people, e.g. `$0.0123`; whole cents above one dollar. */
export function formatMicros(micros: Micros): string {
  const dollars = micros / 1_000_000;
  return dollars >= 1 || dollars === 0
    ? `$${dollars.toFixed(2)}`
    : `$${dollars.toFixed(6).replace(/0{1,4}$/, '')}`;
}
