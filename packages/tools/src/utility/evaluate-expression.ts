import {
  add,
  compare,
  divide,
  floor,
  invalid,
  multiply,
  negate,
  parseDecimal,
  power,
  remainder,
  roundTo,
  squareRoot,
} from './decimal.ts';
import type { Decimal } from './decimal.ts';

const EXPRESSION_MAX = 10_000;
const DEPTH_MAX = 100;

interface Token {
  kind: 'number' | 'name' | 'sign';
  text: string;
  at: number;
}

interface Reader {
  tokens: Token[];
  next: number;
  depth: number;
  variables: ReadonlyMap<string, Decimal>;
}

const one: Decimal = { units: 1n, scale: 0 };
const fromFloat = (value: number): Decimal => {
  if (!Number.isFinite(value)) throw invalid('A function has no finite value there.');
  const text = Math.abs(value).toString();
  return value < 0 ? negate(parseDecimal(text)) : parseDecimal(text);
};
const toFloat = ({ units, scale }: Decimal): number => Number(units) / 10 ** scale;
const least = (values: Decimal[]) => values.reduce((a, b) => (compare(a, b) <= 0 ? a : b));
const most = (values: Decimal[]) => values.reduce((a, b) => (compare(a, b) >= 0 ? a : b));
const total = (values: Decimal[]) => values.reduce(add);
const size = (values: Decimal[]): Decimal => ({ units: BigInt(values.length), scale: 0 });

function median(values: Decimal[]): Decimal {
  const sorted = values.toSorted(compare);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? one;
  return sorted.length % 2 === 1
    ? upper
    : divide(add(sorted[middle - 1] ?? one, upper), { units: 2n, scale: 0 });
}

/** Exact unless said otherwise; `least` and `most` arguments. */
const FUNCTIONS: Readonly<
  Record<string, { least: number; most: number; of: (values: Decimal[]) => Decimal }>
> = {
  abs: { least: 1, most: 1, of: ([a = one]) => (a.units < 0n ? negate(a) : a) },
  floor: { least: 1, most: 1, of: ([a = one]) => floor(a) },
  ceil: { least: 1, most: 1, of: ([a = one]) => negate(floor(negate(a))) },
  round: {
    least: 1,
    most: 2,
    of: ([a = one, places]) => roundTo(a, places === undefined ? 0 : smallWhole(places)),
  },
  sqrt: { least: 1, most: 1, of: ([a = one]) => squareRoot(a) },
  min: { least: 1, most: 1000, of: least },
  max: { least: 1, most: 1000, of: most },
  sum: { least: 1, most: 1000, of: total },
  avg: { least: 1, most: 1000, of: (values) => divide(total(values), size(values)) },
  mean: { least: 1, most: 1000, of: (values) => divide(total(values), size(values)) },
  median: { least: 1, most: 1000, of: median },
  // To the 15 to 17 digits of a double.
  ln: { least: 1, most: 1, of: ([a = one]) => fromFloat(Math.log(toFloat(a))) },
  log10: { least: 1, most: 1, of: ([a = one]) => fromFloat(Math.log10(toFloat(a))) },
  log2: { least: 1, most: 1, of: ([a = one]) => fromFloat(Math.log2(toFloat(a))) },
  exp: { least: 1, most: 1, of: ([a = one]) => fromFloat(Math.exp(toFloat(a))) },
  sin: { least: 1, most: 1, of: ([a = one]) => fromFloat(Math.sin(toFloat(a))) },
  cos: { least: 1, most: 1, of: ([a = one]) => fromFloat(Math.cos(toFloat(a))) },
  tan: { least: 1, most: 1, of: ([a = one]) => fromFloat(Math.tan(toFloat(a))) },
};
const CONSTANTS: Readonly<Record<string, string>> = {
  pi: '3.141592653589793238462643383279',
  e: '2.718281828459045235360287471352',
};

function smallWhole(value: Decimal): number {
  const number = toFloat(value);
  if (!Number.isInteger(number) || Math.abs(number) > 1000)
    throw invalid('The number of places must be whole and at most 1000.');
  return number;
}

/**
 * Value of an arithmetic expression: `+ - * / % ^`, brackets, percent after a number (`20%`), functions and variables. Throws
 * `tools.calculator.invalid` with the place.
 */
export function evaluateExpression(
  text: string,
  variables: ReadonlyMap<string, Decimal> = new Map(),
): Decimal {
  if (text.length > EXPRESSION_MAX)
    throw invalid(`An expression may have ${EXPRESSION_MAX} characters.`);
  const reader: Reader = { tokens: tokensOf(text), next: 0, depth: 0, variables };
  const value = readSum(reader);
  const left = reader.tokens[reader.next];
  if (left !== undefined) throw unexpected(left);
  return value;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern =
    /\s*(?:(?<number>(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)|(?<name>[a-z_][a-z\d_]*)|(?<sign>\*\*|[-+*/%^(),×÷]))/iy;
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const at = pattern.lastIndex;
    const found = pattern.exec(text);
    const { number, name, sign } = found?.groups ?? {};
    if (number !== undefined) tokens.push({ kind: 'number', text: number, at });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name, at });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, at });
    else throw invalid(`"${text.slice(at, at + 10).trim()}" at ${at + 1} cannot be read.`);
  }
  return tokens;
}

function unexpected(token: Token | undefined) {
  return invalid(
    token === undefined
      ? 'The expression ends where a value should stand.'
      : `"${token.text}" at ${token.at + 1} does not belong there.`,
  );
}

function take(reader: Reader, ...signs: string[]): string | null {
  const token = reader.tokens[reader.next];
  if (token?.kind !== 'sign' || !signs.includes(token.text)) return null;
  reader.next += 1;
  return token.text;
}

function readSum(reader: Reader): Decimal {
  reader.depth += 1;
  if (reader.depth > DEPTH_MAX) throw invalid('The expression is nested too deep.');
  let value = readProduct(reader);
  for (let sign = take(reader, '+', '-'); sign !== null; sign = take(reader, '+', '-')) {
    const right = readProduct(reader);
    value = add(value, sign === '+' ? right : negate(right));
  }
  reader.depth -= 1;
  return value;
}

const PRODUCTS = ['*', '/', '%', '×', '÷'] as const;

function readProduct(reader: Reader): Decimal {
  let value = readSigned(reader);
  for (let sign = take(reader, ...PRODUCTS); sign !== null; sign = take(reader, ...PRODUCTS)) {
    if (sign === '%' && endsHere(reader)) {
      value = divide(value, { units: 100n, scale: 0 });
      continue;
    }
    const right = readSigned(reader);
    if (sign === '*' || sign === '×') value = multiply(value, right);
    else value = sign === '%' ? remainder(value, right) : divide(value, right);
  }
  return value;
}

/** After a percent sign: what cannot begin a value, so that it meant hundredths and no remainder. */
function endsHere({ tokens, next }: Reader): boolean {
  const token = tokens[next];
  return token === undefined || (token.kind === 'sign' && token.text !== '(');
}

function readSigned(reader: Reader): Decimal {
  let negative = false;
  for (let sign = take(reader, '-', '+'); sign !== null; sign = take(reader, '-', '+'))
    if (sign === '-') negative = !negative;
  const value = readPower(reader);
  return negative ? negate(value) : value;
}

function readPower(reader: Reader): Decimal {
  const base = readValue(reader);
  if (take(reader, '^', '**') === null) return base;
  reader.depth += 1;
  if (reader.depth > DEPTH_MAX) throw invalid('The expression is nested too deep.');
  const exponent = readSigned(reader);
  reader.depth -= 1;
  return power(base, exponent);
}

function readValue(reader: Reader): Decimal {
  const token = reader.tokens[reader.next];
  reader.next += 1;
  if (token?.kind === 'number') return parseDecimal(token.text);
  if (token?.kind === 'sign' && token.text === '(') {
    const value = readSum(reader);
    if (take(reader, ')') === null) throw unexpected(reader.tokens[reader.next]);
    return value;
  }
  if (token?.kind !== 'name') throw unexpected(token);
  if (take(reader, '(') !== null) return readCall(reader, token);
  const constant = Object.hasOwn(CONSTANTS, token.text) ? CONSTANTS[token.text] : undefined;
  const value = reader.variables.get(token.text);
  if (value !== undefined) return value;
  if (constant !== undefined) return parseDecimal(constant);
  throw invalid(
    `"${token.text}" at ${token.at + 1} is neither a variable nor a constant (pi, e). Functions: ${Object.keys(FUNCTIONS).join(', ')}.`,
  );
}

function readCall(reader: Reader, name: Token): Decimal {
  const known = Object.hasOwn(FUNCTIONS, name.text) ? FUNCTIONS[name.text] : undefined;
  if (known === undefined)
    throw invalid(
      `There is no function "${name.text}". Functions: ${Object.keys(FUNCTIONS).join(', ')}.`,
    );
  const values: Decimal[] = [];
  if (take(reader, ')') === null) {
    do values.push(readSum(reader));
    while (take(reader, ',') !== null);
    if (take(reader, ')') === null) throw unexpected(reader.tokens[reader.next]);
  }
  if (values.length < known.least || values.length > known.most)
    throw invalid(
      `"${name.text}" takes ${known.least === known.most ? known.least : `${known.least} to ${known.most}`} values, not ${values.length}.`,
    );
  return known.of(values);
}
