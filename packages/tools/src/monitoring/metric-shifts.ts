import { findChangePoints } from '../logs/find-changes.ts';
import { findFlatLines, type Examined } from './examine-series.ts';
import type { MetricPoint } from './metric-series.ts';
import { median, rollingMedian } from './series-shape.ts';

/** A time from which a series has another level or another spread. */
export interface Shift {
  kind: 'level' | 'variance';
  at: MetricPoint;
  index: number;
  before: number;
  after: number;
  score: number;
}

const CHANGES_MAX = 20;
/** Spread of the logarithm of how far normal values lie from their centre. */
const LOG_NOISE = 1.1;
const VARIANCE_RATIO_MIN = 2;

/** The series without the stretches in which it stood still: they are told as flat lines, not as other levels. */
export function withoutFlatLines(examined: Examined): Examined {
  const flats = findFlatLines(examined);
  if (flats.length === 0) return examined;
  const moves = examined.points.map(({ timeMs }) =>
    flats.every(({ from, to }) => timeMs < from.timeMs || timeMs > to.timeMs),
  );
  const keep = <T>(items: readonly T[]) => items.filter((_, index) => moves[index]);
  const { points, values, level } = examined;
  return { ...examined, points: keep(points), values: keep(values), level: keep(level) };
}

function lengthMin(values: readonly number[]): number {
  return Math.max(6, Math.ceil(values.length / 20));
}

/** Lasting changes of level, after season and spikes were taken out. A series that grows in a line has none. */
export function levelShifts(
  { points, level, noise, isTrend }: Examined,
  scoreMin: number,
): Shift[] {
  if (isTrend) return [];
  const calm = rollingMedian(level, 5);
  const found = findChangePoints(calm, {
    scoreMin,
    lengthMin: lengthMin(level),
    changesMax: CHANGES_MAX,
    noise,
  });
  return found.flatMap(({ index, score }, position): Shift[] => {
    const before = median(calm.slice(found[position - 1]?.index ?? 0, index));
    const after = median(calm.slice(index, found[position + 1]?.index ?? calm.length));
    const at = points[index];
    // Many values prove even a tiny change, and a short incident moves the mean of a long stretch: the middle must move, and visibly.
    return at === undefined || Math.abs(after - before) < noise * 2
      ? []
      : [{ kind: 'level', at, index, before, after, score }];
  });
}

/** Lasting changes of how much single values scatter around their neighbours. */
export function varianceShifts(examined: Examined, scoreMin: number): Shift[] {
  const { points, level, noise } = examined;
  const local = rollingMedian(level, 9);
  const least = Math.max(noise * 0.02, 1e-9);
  const distances = level.map((value, index) => Math.abs(value - (local[index] ?? 0)));
  const scatter = distances.map((distance) => Math.log(distance + least));
  return findChangePoints(scatter, {
    scoreMin,
    lengthMin: Math.max(20, lengthMin(level)),
    changesMax: CHANGES_MAX,
    noise: LOG_NOISE,
  }).flatMap(({ index, score }, _, all): Shift[] => {
    const position = all.findIndex((one) => one.index === index);
    const [from, to] = [
      all[position - 1]?.index ?? 0,
      all[position + 1]?.index ?? distances.length,
    ];
    const [before, after] = [
      median(distances.slice(from, index)) * 1.4826,
      median(distances.slice(index, to)) * 1.4826,
    ];
    const ratio = Math.max(before, after) / Math.max(Math.min(before, after), least);
    const at = points[index];
    return at === undefined || ratio < VARIANCE_RATIO_MIN
      ? []
      : [{ kind: 'variance', at, index, before, after, score }];
  });
}
