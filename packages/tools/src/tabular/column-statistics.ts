import { max, mean, min, quantileSorted, standardDeviation } from 'simple-statistics';
import { inKeyOrder } from '../workspace/count-by.ts';
import type { Cell } from './read-rows.ts';

const DISTINCT_MAX = 50_000;
const SAMPLE_MAX = 100_000;

export type ColumnType = 'number' | 'integer' | 'boolean' | 'date' | 'text' | 'empty' | 'mixed';

const DATE_FORMATS: readonly [string, RegExp][] = [
  ['iso', /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/],
  ['slash_year_first', /^\d{4}\/\d{1,2}\/\d{1,2}$/],
  ['slash', /^\d{1,2}\/\d{1,2}\/\d{2,4}$/],
  ['dotted', /^\d{1,2}\.\d{1,2}\.\d{2,4}$/],
  ['dashed', /^\d{1,2}-\d{1,2}-\d{2,4}$/],
];

/** Name of the notation of a date, or undefined for other texts. */
export function dateFormatOf(text: string): string | undefined {
  return DATE_FORMATS.find(([, expression]) => expression.test(text))?.[0];
}

/** Kind of one cell as far as columns are concerned. */
export function kindOf(cell: Cell): 'missing' | 'integer' | 'number' | 'boolean' | 'date' | 'text' {
  if (cell === null || cell === '') return 'missing';
  if (typeof cell === 'number') return Number.isInteger(cell) ? 'integer' : 'number';
  if (typeof cell === 'boolean') return 'boolean';
  return dateFormatOf(cell) === undefined ? 'text' : 'date';
}

/** Four decimals are enough for people and keep outputs small. */
export function round(value: number): number {
  return Number(value.toPrecision(8));
}

export interface NumberSummary {
  min: number;
  max: number;
  mean: number;
  stddev: number;
  p25: number;
  median: number;
  p75: number;
  p95: number;
}

/** Statistics of numbers; null without any. */
export function summariseNumbers(values: readonly number[]): NumberSummary | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => round(quantileSorted(sorted, share));
  return {
    min: round(min(sorted)),
    max: round(max(sorted)),
    mean: round(mean(sorted)),
    stddev: round(standardDeviation(sorted)),
    p25: at(0.25),
    median: at(0.5),
    p75: at(0.75),
    p95: at(0.95),
  };
}

/** Collects what a profile says about one column while rows stream by; memory is bounded. */
export interface ColumnCollector {
  add(cell: Cell): void;
  profile(): ColumnProfile;
}

export interface ColumnProfile {
  type: ColumnType;
  count: number;
  missing: number;
  distinct: number;
  /** False when there were too many different values to keep: `distinct` is then a lower bound. */
  distinct_exact: boolean;
  types: Record<string, number>;
  numbers: NumberSummary | null;
  /** True when quantiles rest on an evenly spaced sample. */
  numbers_sampled: boolean;
  text_length: { min: number; max: number } | null;
  date_range: { first: string; last: string } | null;
  date_formats: Record<string, number>;
  top: { value: string; count: number }[];
}

/** Keeps every n-th number and doubles n when full: an evenly spaced sample without randomness. */
function createSample() {
  let values: number[] = [];
  let step = 1;
  let seen = 0;
  return {
    add(value: number) {
      if (seen % step === 0) values.push(value);
      seen += 1;
      if (values.length >= SAMPLE_MAX * 2) {
        values = values.filter((_, index) => index % 2 === 0);
        step *= 2;
      }
    },
    values: () => values,
    isSampled: () => step > 1,
  };
}

function typeOf(kinds: ReadonlyMap<string, number>): ColumnType {
  const present = [...kinds.keys()].filter((kind) => kind !== 'missing');
  if (present.length === 0) return 'empty';
  if (present.length === 1) return present[0] as ColumnType;
  return present.every((kind) => kind === 'integer' || kind === 'number') ? 'number' : 'mixed';
}

/** Lengths of texts, and the first and last date among them; counts notations of dates in `formats`. */
function createTextRange(formats: Map<string, number>) {
  let shortest = Number.POSITIVE_INFINITY;
  let longest = 0;
  let first = '';
  let last = '';
  return {
    add(text: string) {
      shortest = Math.min(shortest, text.length);
      longest = Math.max(longest, text.length);
      const format = dateFormatOf(text);
      if (format === undefined) return;
      formats.set(format, (formats.get(format) ?? 0) + 1);
      if (format !== 'iso') return; // only this notation sorts as text
      if (first === '' || text < first) first = text;
      if (text > last) last = text;
    },
    lengths: () => (longest === 0 ? null : { min: shortest, max: longest }),
    dates: () => (first === '' ? null : { first, last }),
  };
}

/** Makes the collector of one column. */
export function createColumnCollector(): ColumnCollector {
  const kinds = new Map<string, number>();
  const formats = new Map<string, number>();
  const distinct = new Map<string, number>();
  const sample = createSample();
  let distinctExact = true;
  let count = 0;
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  const texts = createTextRange(formats);

  return {
    add(cell) {
      count += 1;
      const kind = kindOf(cell);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (cell === null || kind === 'missing') return;
      const key = String(cell).slice(0, 100);
      if (distinct.has(key) || distinct.size < DISTINCT_MAX)
        distinct.set(key, (distinct.get(key) ?? 0) + 1);
      else distinctExact = false;
      if (typeof cell === 'number') {
        sample.add(cell);
        lowest = Math.min(lowest, cell);
        highest = Math.max(highest, cell);
      } else if (typeof cell === 'string') texts.add(cell);
    },
    profile() {
      const numbers = summariseNumbers(sample.values());
      const top = [...distinct]
        .toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
        .slice(0, 10);
      return {
        type: typeOf(kinds),
        count,
        missing: kinds.get('missing') ?? 0,
        distinct: distinct.size,
        distinct_exact: distinctExact,
        types: inKeyOrder(kinds),
        numbers: numbers === null ? null : { ...numbers, min: round(lowest), max: round(highest) },
        numbers_sampled: sample.isSampled(),
        text_length: texts.lengths(),
        date_range: texts.dates(),
        date_formats: inKeyOrder(formats),
        top: top.map(([value, times]) => ({ value, count: times })),
      };
    },
  };
}
