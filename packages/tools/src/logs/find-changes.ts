export interface ChangePoint {
  /** Index of the first value after the change. */
  index: number;
  before: number;
  after: number;
  /** Size of the change in units of noise. */
  score: number;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Noise of a series from differences of neighbours: a level change touches one difference only, so it does not count
 * as noise. Counts of events vary by about their root even where the sample shows no variation.
 */
export function noiseOf(values: readonly number[]): number {
  const differences = values.slice(1).map((value, index) => Math.abs(value - (values[index] ?? 0)));
  const robust = differences.length === 0 ? 0 : (median(differences) * 1.4826) / Math.SQRT2;
  const level = Math.abs(median(values));
  return Math.max(
    robust,
    Math.sqrt(level) * 0.5,
    mean(differences.length === 0 ? [0] : differences) * 0.5,
    1e-9,
  );
}

/** The split of values[from, to) with the largest cumulative deviation from the mean (CUSUM). */
function bestSplit(
  values: readonly number[],
  range: { from: number; to: number; lengthMin: number },
  noise: number,
): ChangePoint | undefined {
  const part = values.slice(range.from, range.to);
  const average = mean(part);
  let sum = 0;
  let best: { at: number; size: number } | undefined;
  for (const [index, value] of part.entries()) {
    sum += value - average;
    const at = index + 1;
    if (at < range.lengthMin || part.length - at < range.lengthMin) continue;
    const size = Math.abs(sum);
    if (best === undefined || size > best.size) best = { at, size };
  }
  if (best === undefined) return undefined;
  const left = part.slice(0, best.at);
  const right = part.slice(best.at);
  const before = mean(left);
  const after = mean(right);
  const score = Math.abs(after - before) / (noise * Math.sqrt(1 / left.length + 1 / right.length));
  return { index: range.from + best.at, before, after, score };
}

/**
 * Finds lasting changes of level by splitting again and again while the split stands out of the noise. In order of time.
 * `noise` is the spread of single values; default: that of counts, by {@link noiseOf}.
 */
export function findChangePoints(
  values: readonly number[],
  options: { scoreMin: number; lengthMin: number; changesMax: number; noise?: number },
): ChangePoint[] {
  const noise = options.noise ?? noiseOf(values);
  const found: ChangePoint[] = [];
  const visit = (from: number, to: number): void => {
    if (to - from < options.lengthMin * 2 || found.length >= options.changesMax) return;
    const split = bestSplit(values, { from, to, lengthMin: options.lengthMin }, noise);
    if (split === undefined || split.score < options.scoreMin) return;
    found.push(split);
    visit(from, split.index);
    visit(split.index, to);
  };
  visit(0, values.length);
  const ordered = found.toSorted((a, b) => a.index - b.index);
  // Levels beside a change are those up to the next changes, once all are known.
  return ordered.map((change, position) => {
    const before = mean(values.slice(ordered[position - 1]?.index ?? 0, change.index));
    const after = mean(values.slice(change.index, ordered[position + 1]?.index ?? values.length));
    return { ...change, before, after };
  });
}
