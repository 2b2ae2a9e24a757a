import { observedPoints, stepOf, type MetricPoint, type MetricSeries } from './metric-series.ts';
import {
  bestStepShare,
  ewma,
  findSeason,
  fitLine,
  median,
  neighbourNoise,
  recurringPart,
  robustSpread,
  rollingMedian,
  seasonalPart,
} from './series-shape.ts';

export const POINTS_MIN = 16;
/** Series that are longer are looked at from their end. */
const POINTS_MAX = 20_000;
const LOCAL_WIDTH = 31;
const BLOCK = 64;
const EWMA_WEIGHT = 0.1;

/** A stretch of values that do not fit the rest. */
export interface Anomaly {
  kind: 'spike' | 'drop' | 'missing' | 'flat' | 'drift';
  from: MetricPoint;
  to: MetricPoint;
  /** Number of values; of missing ones how many lack. */
  length: number;
  /** Distance in units of noise at its worst; 0 where that means nothing. */
  score: number;
  value: number;
  expected: number;
}

/** What is known of a series before anything is judged. */
export interface Examined {
  series: MetricSeries;
  /** Finite values, counters as rates. */
  points: MetricPoint[];
  values: number[];
  stepMs: number;
  season: number | null;
  /** Without season. */
  level: number[];
  noise: number;
  /** A straight line explains the series better than any step. */
  isTrend: boolean;
}

function noiseFloor(values: readonly number[]): number {
  const size = Math.abs(median(values));
  return Math.max(size * 0.002, 1e-9);
}

const NATURAL_MS = [3_600_000, 86_400_000, 604_800_000];
const RECURRING_NOISE_MIN = 6;

/** Takes out single spikes that come each hour, day or week; at least three times. */
function withoutRecurring(
  level: readonly number[],
  slots: readonly number[],
  stepMs: number,
): number[] {
  let rest = [...level];
  for (const naturalMs of NATURAL_MS) {
    const period = Math.round(naturalMs / Math.max(1, stepMs));
    if (period < 4 || rest.length < period * 3) continue;
    const local = rollingMedian(rest, LOCAL_WIDTH);
    const sharp = rest.map((value, index) => value - (local[index] ?? 0));
    const again = recurringPart(sharp, slots, period);
    const least = Math.max(neighbourNoise(rest), noiseFloor(rest)) * RECURRING_NOISE_MIN;
    rest = rest.map((value, index) =>
      Math.abs(again[index] ?? 0) > least ? value - (again[index] ?? 0) : value,
    );
  }
  return rest;
}

/** Takes a series apart into season, level and noise; undefined when it is too short. */
export function examine(series: MetricSeries): Examined | undefined {
  const points = observedPoints(series)
    .filter(({ value }) => Number.isFinite(value))
    .slice(-POINTS_MAX);
  if (points.length < POINTS_MIN) return undefined;
  const values = points.map(({ value }) => value);
  const line = fitLine(rollingMedian(values, 5));
  const isTrend = line.share > 0.6 && line.share > bestStepShare(rollingMedian(values, 5));
  const straight = isTrend ? values.map((value, index) => value - line.slope * index) : values;
  const stepMs = stepOf(points);
  const firstMs = points[0]?.timeMs ?? 0;
  const slots = points.map(({ timeMs }) => Math.round((timeMs - firstMs) / Math.max(1, stepMs)));
  const naturals = NATURAL_MS.map((naturalMs) => Math.round(naturalMs / Math.max(1, stepMs)));
  const season = findSeason(straight, naturals);
  const seasonal = season === null ? undefined : seasonalPart(straight, slots, season);
  const even = values.map((value, index) => value - (seasonal?.[index] ?? 0));
  const level = withoutRecurring(even, slots, stepMs);
  const noise = Math.max(neighbourNoise(level), noiseFloor(values));
  return { series, points, values, stepMs, season, level, noise, isTrend };
}

function anomalyOf(
  { points, level, values }: Examined,
  range: { from: number; to: number },
  local: readonly number[],
): { at: number; anomaly: Omit<Anomaly, 'score'> } | undefined {
  let at = range.from;
  for (let index = range.from; index <= range.to; index++)
    if (
      Math.abs((level[index] ?? 0) - (local[index] ?? 0)) >
      Math.abs((level[at] ?? 0) - (local[at] ?? 0))
    )
      at = index;
  const [from, to] = [points[range.from], points[range.to]];
  if (from === undefined || to === undefined) return undefined;
  const difference = (level[at] ?? 0) - (local[at] ?? 0);
  const value = values[at] ?? 0;
  return {
    at,
    anomaly: {
      kind: difference > 0 ? 'spike' : 'drop',
      from,
      to,
      length: range.to - range.from + 1,
      value,
      expected: value - difference,
    },
  };
}

/** Spread around each value, at least that of the whole: where a series scatters more, more is usual. */
function localSpread(rest: readonly number[], least: number): number[] {
  const blocks = Array.from({ length: Math.ceil(rest.length / BLOCK) }, (_, block) =>
    robustSpread(rest.slice(block * BLOCK, (block + 1) * BLOCK), 0),
  );
  return rest.map((_, index) => {
    const block = Math.floor(index / BLOCK);
    return Math.max(least, ...blocks.slice(Math.max(0, block - 1), block + 2));
  });
}

/** Single values and short stretches far from their neighbourhood, after the season was taken out. */
export function findSpikes(examined: Examined, scoreMin: number): Anomaly[] {
  const { level, values } = examined;
  const local = rollingMedian(level, LOCAL_WIDTH);
  const rest = level.map((value, index) => value - (local[index] ?? 0));
  const least = Math.max(robustSpread(rest, 0), examined.noise * 0.7, noiseFloor(values));
  const spreads = localSpread(rest, least);
  const scores = rest.map((value, index) => Math.abs(value) / (spreads[index] ?? least));
  const found: Anomaly[] = [];
  for (let index = 0; index < rest.length; index++) {
    if ((scores[index] ?? 0) < scoreMin) continue;
    const from = index;
    while (index + 1 < rest.length && (scores[index + 1] ?? 0) >= scoreMin / 2) index += 1;
    const one = anomalyOf(examined, { from, to: index }, local);
    if (one !== undefined) found.push({ ...one.anomaly, score: scores[one.at] ?? 0 });
  }
  return rareOnes(found, rest.length);
}

/** What happens again and again is how the series is; then only what stands out even among that is odd. */
function rareOnes(found: readonly Anomaly[], length: number): Anomaly[] {
  if (found.length <= Math.max(5, length * 0.005)) return [...found];
  const usual = median(found.map(({ score }) => score));
  return found.filter(({ score }) => score > usual * 3);
}

/** Times without values: longer than two usual steps, or values that are there and empty. */
export function findGaps({ points, stepMs }: Pick<Examined, 'points' | 'stepMs'>): Anomaly[] {
  if (stepMs <= 0) return [];
  return points.flatMap((to, index): Anomaly[] => {
    const from = points[index - 1];
    const lacking = from === undefined ? 0 : Math.round((to.timeMs - from.timeMs) / stepMs) - 1;
    return from === undefined || lacking < 2
      ? []
      : [
          {
            kind: 'missing',
            from,
            to,
            length: lacking,
            score: 0,
            value: Number.NaN,
            expected: from.value,
          },
        ];
  });
}

/** A long run of one and the same value in a series that otherwise moves all the time. */
export function findFlatLines({ points, values }: Examined): Anomaly[] {
  const least = Math.max(12, Math.ceil(values.length * 0.08));
  const found: Anomaly[] = [];
  let start = 0;
  let moves = 0;
  for (let index = 1; index <= values.length; index++) {
    if (index < values.length && values[index] === values[index - 1]) continue;
    moves += 1;
    const [from, to] = [points[start], points[index - 1]];
    if (index - start >= least && from !== undefined && to !== undefined)
      found.push({
        kind: 'flat',
        from,
        to,
        length: index - start,
        score: 0,
        value: from.value,
        expected: Number.NaN,
      });
    start = index;
  }
  const still = found.reduce((sum, one) => sum + one.length, 0);
  // Settings, limits and states stand still by nature: elsewhere nearly each value must differ from the one before.
  const restless = (moves - found.length) / Math.max(1, values.length - still);
  return restless > 0.7 && values.length - still >= POINTS_MIN ? found : [];
}

/** A slow growth or fall: where the weighted mean left for good what the first quarter allowed. */
export function findDrift(examined: Examined, scoreMin: number): Anomaly[] {
  const { isTrend, level, points, values } = examined;
  if (!isTrend) return [];
  const first = level.slice(0, Math.max(8, level.length >> 2));
  const centre = median(first);
  const spread = Math.max(robustSpread(first, centre), examined.noise);
  const limit = spread * scoreMin * Math.sqrt(EWMA_WEIGHT / (2 - EWMA_WEIGHT));
  const smooth = ewma(
    level.map((value) => value - centre),
    EWMA_WEIGHT,
  );
  let at = smooth.length;
  while (at > 0 && Math.abs(smooth[at - 1] ?? 0) > limit) at -= 1;
  const [from, to] = [points[at], points.at(-1)];
  if (from === undefined || to === undefined || at >= smooth.length - 3) return [];
  return [
    {
      kind: 'drift',
      from,
      to,
      length: points.length - at,
      score: Math.abs(smooth.at(-1) ?? 0) / spread,
      value: values.at(-1) ?? 0,
      expected: centre,
    },
  ];
}

/** Everything odd about one series, in order of time. */
export function findAnomalies(examined: Examined, scoreMin: number): Anomaly[] {
  return [
    ...findSpikes(examined, scoreMin),
    ...findGaps(examined),
    ...findFlatLines(examined),
    ...findDrift(examined, scoreMin),
  ].toSorted((a, b) => a.from.timeMs - b.from.timeMs);
}
