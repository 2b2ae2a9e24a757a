import { toolError } from '../tool-error.ts';

/** Digits after the point that a division or a root keeps. */
export const DECIMALS = 30;
/** Digits of a number in all: results beyond are refused instead of taking for ever. */
const DIGITS_MAX = 5_000;

/** `units` × 10^-`scale`, exact. */
export interface Decimal {
  units: bigint;
  scale: number;
}

const pow10 = (exponent: number): bigint => 10n ** BigInt(exponent);

export function invalid(message: string) {
  return toolError('tools.calculator.invalid', 'invalid-input', message);
}

/** Without zeros at the end, and refused when too long to be worked with. */
function tidy({ units, scale }: Decimal): Decimal {
  if (units === 0n) return { units, scale: 0 };
  let own = units;
  let places = scale;
  while (places > 0 && own % 10n === 0n) {
    own /= 10n;
    places -= 1;
  }
  if (own.toString().length > DIGITS_MAX)
    throw invalid(`A result has more than ${DIGITS_MAX} digits.`);
  return { units: own, scale: places };
}

/** Reads `12`, `.5`, `1_000.25` and `1.5e3`. */
export function parseDecimal(text: string): Decimal {
  const found = /^(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?$/i.exec(text.replaceAll('_', ''));
  const [, whole = '', part = '', exponent = '0'] = found ?? [];
  if (found === null || whole + part === '') throw invalid(`"${text.slice(0, 50)}" is no number.`);
  const scale = part.length - Number(exponent);
  const units = BigInt(whole + part);
  return scale >= 0 ? tidy({ units, scale }) : tidy({ units: units * pow10(-scale), scale: 0 });
}

export function formatDecimal({ units, scale }: Decimal): string {
  if (scale === 0) return units.toString();
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const sign = units < 0n ? '-' : '';
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function aligned(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale);
  return [a.units * pow10(scale - a.scale), b.units * pow10(scale - b.scale), scale];
}

export function add(a: Decimal, b: Decimal): Decimal {
  const [left, right, scale] = aligned(a, b);
  return tidy({ units: left + right, scale });
}

export const negate = ({ units, scale }: Decimal): Decimal => ({ units: -units, scale });

export const multiply = (a: Decimal, b: Decimal): Decimal =>
  tidy({ units: a.units * b.units, scale: a.scale + b.scale });

export function compare(a: Decimal, b: Decimal): number {
  const [left, right] = aligned(a, b);
  return left === right ? 0 : left < right ? -1 : 1;
}

/** Half away from zero, as people round. */
export function roundTo({ units, scale }: Decimal, places: number): Decimal {
  if (scale <= places) return { units, scale };
  const step = pow10(scale - places);
  const half = units < 0n ? -(step / 2n) : step / 2n;
  const rounded = (units + half) / step;
  return places >= 0
    ? tidy({ units: rounded, scale: places })
    : tidy({ units: rounded * pow10(-places), scale: 0 });
}

/** To 30 digits after the point. */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (b.units === 0n) throw invalid('A division by zero has no result.');
  const places = DECIMALS + 1;
  const units = (a.units * pow10(places + b.scale)) / (b.units * pow10(a.scale));
  return roundTo({ units, scale: places }, DECIMALS);
}

/** Remainder with the sign of the dividend. */
export function remainder(a: Decimal, b: Decimal): Decimal {
  if (b.units === 0n) throw invalid('A division by zero has no result.');
  const [left, right, scale] = aligned(a, b);
  return tidy({ units: left % right, scale });
}

export function floor({ units, scale }: Decimal): Decimal {
  const step = pow10(scale);
  const cut = units / step;
  return { units: units < 0n && units % step !== 0n ? cut - 1n : cut, scale: 0 };
}

/** For whole exponents exact; others have no exact result and are refused here. */
export function power(base: Decimal, exponent: Decimal): Decimal {
  if (exponent.scale !== 0) throw invalid('An exponent must be whole; use sqrt for roots.');
  const times = exponent.units < 0n ? -exponent.units : exponent.units;
  const digits = BigInt(base.units.toString().length) * times;
  if (digits > BigInt(DIGITS_MAX)) throw invalid(`A result has more than ${DIGITS_MAX} digits.`);
  const result = { units: base.units ** times, scale: base.scale * Number(times) };
  return exponent.units < 0n ? divide({ units: 1n, scale: 0 }, tidy(result)) : tidy(result);
}

/** Square root to 30 digits after the point. */
export function squareRoot({ units, scale }: Decimal): Decimal {
  if (units < 0n) throw invalid('The square root of a negative number is not real.');
  const places = DECIMALS + 1;
  const wanted = units * pow10(2 * places - scale + (scale > 2 * places ? scale : 0));
  let root = 1n << BigInt(Math.ceil(wanted.toString(2).length / 2));
  for (let next = (root + wanted / root) >> 1n; next < root; next = (root + wanted / root) >> 1n)
    root = next;
  return wanted === 0n
    ? { units: 0n, scale: 0 }
    : roundTo({ units: root, scale: places }, DECIMALS);
}
