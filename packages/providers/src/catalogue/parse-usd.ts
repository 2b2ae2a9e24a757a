const DECIMAL = /^(\d{1,12})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/;

/** The highest price that is believed: 10,000 dollars per million tokens. */
export const PRICE_MICROS_MAX = 10_000_000_000;

/**
 * Turns a price in dollars into integer micro-dollars without any floating point; what is finer than a micro-dollar is rounded up, so
 * that a price is never too low. Null for anything that is not a decimal number from 0 to {@link PRICE_MICROS_MAX}.
 */
export function parseUsdMicros(price: string | number): number | null {
  // The shortest decimal that reads back as the same number is what was written in the JSON.
  const parts = DECIMAL.exec(typeof price === 'number' ? String(price) : price.trim());
  if (parts === null) return null;
  const [, whole = '', fraction = '', exponent = '0'] = parts;
  const digits = BigInt(`${whole}${fraction}`);
  const scale = fraction.length - Number(exponent) - 6;
  const micros =
    scale <= 0 ? digits * 10n ** BigInt(-scale) : divideUp(digits, 10n ** BigInt(scale));
  return micros <= BigInt(PRICE_MICROS_MAX) ? Number(micros) : null;
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}
