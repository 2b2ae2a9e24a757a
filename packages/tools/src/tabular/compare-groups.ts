import { mean, sampleVariance } from 'simple-statistics';
import { ranks } from './data-correlations.ts';
import {
  chiSquareTail,
  normalTwoSided,
  studentQuantile,
  studentTwoSided,
} from './distributions.ts';

/** A test with how large the effect is, whatever the number of rows. */
export interface TestResult {
  test: string;
  statistic: number;
  p: number;
  /** Epsilon squared (0.06 medium), Cramér's V (0.3 medium), R² (0.13 medium). */
  effect: number;
  effect_name: string;
}

/** Mean with the interval that holds the true one with the given confidence; null with fewer than two values. */
export function meanInterval(
  values: readonly number[],
  confidence: number,
): { mean: number; low: number; high: number } | null {
  if (values.length < 2) return null;
  const list = [...values];
  const centre = mean(list);
  const half =
    studentQuantile(1 - confidence, list.length - 1) *
    Math.sqrt(sampleVariance(list) / list.length);
  return { mean: centre, low: centre - half, high: centre + half };
}

/** Shape of a distribution and whether it may be normal (Jarque–Bera); null with fewer than 20 values or without variation. */
export function shapeOf(
  values: readonly number[],
): { skewness: number; kurtosis: number; p_normal: number } | null {
  const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
  const moment = (power: number) =>
    values.reduce((sum, value) => sum + (value - centre) ** power, 0) / values.length;
  const spread = moment(2);
  if (values.length < 20 || spread === 0) return null;
  const skewness = moment(3) / spread ** 1.5;
  const kurtosis = moment(4) / spread ** 2 - 3;
  const statistic = (values.length / 6) * (skewness ** 2 + kurtosis ** 2 / 4);
  return { skewness, kurtosis, p_normal: chiSquareTail(statistic, 2) };
}

/** Test of groups by ranks, which single wild values do not move (Kruskal–Wallis; with two groups Mann–Whitney); effect is epsilon squared. */
export function kruskal(groups: readonly (readonly number[])[]): TestResult | null {
  const all = groups.flat();
  if (groups.length < 2 || groups.some((group) => group.length < 5)) return null;
  const ranked = ranks(all);
  let from = 0;
  let sum = 0;
  for (const group of groups) {
    const total = ranked.slice(from, from + group.length).reduce((left, rank) => left + rank, 0);
    sum += total ** 2 / group.length;
    from += group.length;
  }
  const ties = [...Map.groupBy(all, (value) => value).values()].reduce(
    (left, same) => left + same.length ** 3 - same.length,
    0,
  );
  const correction = 1 - ties / (all.length ** 3 - all.length);
  if (correction <= 0) return null;
  const statistic =
    ((12 / (all.length * (all.length + 1))) * sum - 3 * (all.length + 1)) / correction;
  return {
    test: groups.length === 2 ? 'Mann–Whitney' : 'Kruskal–Wallis',
    statistic,
    p: chiSquareTail(statistic, groups.length - 1),
    effect: Math.max(0, statistic / (all.length - 1)),
    effect_name: 'epsilon²',
  };
}

/** Chi-square test of a table of counts; effect is Cramér's V. Null when there are too few for it to hold. */
export function association(pairs: readonly (readonly [string, string])[]): TestResult | null {
  const rows = Map.groupBy(pairs, ([row]) => row);
  const columns = new Map(
    [...Map.groupBy(pairs, ([, column]) => column)].map(([name, list]) => [name, list.length]),
  );
  if (rows.size < 2 || columns.size < 2) return null;
  let statistic = 0;
  let small = 0;
  for (const list of rows.values()) {
    const counts = Map.groupBy(list, ([, column]) => column);
    for (const [column, total] of columns) {
      const expected = (list.length * total) / pairs.length;
      if (expected < 5) small += 1;
      statistic += ((counts.get(column)?.length ?? 0) - expected) ** 2 / expected;
    }
  }
  if (small > rows.size * columns.size * 0.2) return null;
  const freedom = (rows.size - 1) * (columns.size - 1);
  return {
    test: 'chi-square',
    statistic,
    p: chiSquareTail(statistic, freedom),
    effect: Math.sqrt(statistic / (pairs.length * Math.min(rows.size - 1, columns.size - 1))),
    effect_name: "Cramér's V",
  };
}

export interface LineFit extends TestResult {
  slope: number;
  intercept: number;
  slope_low: number;
  slope_high: number;
  rows: number;
}

/** Straight line through points with the interval of its slope; effect is R². Null with fewer than ten points or without variation. */
export function fitLine(
  x: readonly number[],
  y: readonly number[],
  confidence: number,
): LineFit | null {
  const rows = x.length;
  if (rows < 10) return null;
  const [centreX, centreY] = [mean([...x]), mean([...y])];
  let [product, squareX, squareY] = [0, 0, 0];
  for (const [index, value] of x.entries()) {
    const [dx, dy] = [value - centreX, (y[index] ?? 0) - centreY];
    product += dx * dy;
    squareX += dx * dx;
    squareY += dy * dy;
  }
  if (squareX === 0 || squareY === 0) return null;
  const slope = product / squareX;
  const share = (slope * product) / squareY;
  const error = Math.sqrt(Math.max(0, (squareY - slope * product) / (rows - 2) / squareX));
  const half = error * studentQuantile(1 - confidence, rows - 2);
  const statistic = error === 0 ? Number.MAX_VALUE : slope / error;
  return {
    test: 'linear regression',
    statistic: Math.min(statistic, 1e9),
    p: error === 0 ? 0 : studentTwoSided(statistic, rows - 2),
    effect: share,
    effect_name: 'R²',
    slope,
    intercept: centreY - slope * centreX,
    slope_low: slope - half,
    slope_high: slope + half,
    rows,
  };
}

/** Mann–Kendall test: whether values rise or fall with their order, in whatever curve; effect is Kendall's tau. */
export function mannKendall(values: readonly number[]): TestResult | null {
  const rows = values.length;
  if (rows < 10) return null;
  let score = 0;
  for (let i = 0; i < rows; i++)
    for (let j = i + 1; j < rows; j++) score += Math.sign((values[j] ?? 0) - (values[i] ?? 0));
  const ties = [...Map.groupBy(values, (value) => value).values()].reduce(
    (left, { length }) => left + length * (length - 1) * (2 * length + 5),
    0,
  );
  const variance = (rows * (rows - 1) * (2 * rows + 5) - ties) / 18;
  if (variance <= 0) return null;
  const statistic = (score - Math.sign(score)) / Math.sqrt(variance);
  return {
    test: 'Mann–Kendall',
    statistic,
    p: normalTwoSided(statistic),
    effect: Math.abs(score) / ((rows * (rows - 1)) / 2),
    effect_name: "Kendall's tau",
  };
}
