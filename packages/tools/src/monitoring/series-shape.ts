/** Mathematics of single series: everything here is pure, and the same values give the same result. */

export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Spread of values by their median deviation, scaled to a standard deviation; outliers do not move it. */
export function robustSpread(values: readonly number[], centre = median(values)): number {
  return median(values.map((value) => Math.abs(value - centre))) * 1.4826;
}

/** Spread of single values from differences of neighbours: lasting changes of level do not count. */
export function neighbourNoise(values: readonly number[]): number {
  const differences = values.slice(1).map((value, index) => Math.abs(value - (values[index] ?? 0)));
  return (median(differences) * 1.4826) / Math.SQRT2;
}

/** Median of the values around each; edges use what there is. It keeps steps and removes spikes. */
export function rollingMedian(values: readonly number[], width: number): number[] {
  const half = width >> 1;
  return values.map((_, index) =>
    median(values.slice(Math.max(0, index - half), index + half + 1)),
  );
}

/** Exponentially weighted mean: `weight` is that of the newest value. */
export function ewma(values: readonly number[], weight: number): number[] {
  let state = 0;
  return values.map(
    (value, index) => (state = index === 0 ? value : weight * value + (1 - weight) * state),
  );
}

function correlationAtLag(values: readonly number[], lag: number): number {
  let product = 0;
  let square = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0;
    square += value * value;
    if (index >= lag) product += value * (values[index - lag] ?? 0);
  }
  return square === 0 ? 0 : (product / square) * (values.length / (values.length - lag));
}

const CYCLES_MIN = 3;
const LAG_MAX = 3000;

/**
 * Length of the season in values, or null; `naturals` are likely ones, such as those of a day. It must repeat at least three times, and explain half of the variation: the best lag
 * at which the series resembles itself, after a dip below half of that (else it would only be smooth).
 */
export function findSeason(
  values: readonly number[],
  naturals: readonly number[] = [],
): number | null {
  const centre = median(values);
  const spread = robustSpread(values, centre) || 1;
  // Single spikes must neither hide nor feign a season.
  const clipped = values.map((value) => Math.max(-4, Math.min(4, (value - centre) / spread)));
  const average = mean(clipped);
  const even = clipped.map((value) => value - average);
  const limit = Math.min(Math.floor(values.length / CYCLES_MIN), LAG_MAX);
  const shares = Array.from({ length: limit + 1 }, (_, lag) =>
    lag < 2 ? 0 : correlationAtLag(even, lag),
  );
  const dip = shares.findIndex((share, lag) => lag >= 2 && share < 0.25);
  if (dip < 0) return null;
  // Noise moves a peak by a few places: a known length nearby that resembles nearly as much is the true one.
  const highest = Math.max(...shares.slice(dip));
  if (highest <= 0.5) return null;
  const near = (lag: number) => Math.max(1, Math.round(lag * 0.05));
  const isPeak = (lag: number) =>
    (shares[lag] ?? 0) >=
    Math.max(...shares.slice(Math.max(dip, lag - near(lag)), lag + near(lag) + 1));
  const found = shares.findIndex(
    (share, lag) => lag >= dip && share >= highest * 0.9 && isPeak(lag),
  );
  const known = naturals.find(
    (lag) => Math.abs(lag - found) <= near(found) && (shares[lag] ?? 0) >= highest * 0.85,
  );
  const season = known ?? found;
  return season < 4 ? null : season;
}

/** Values by their place in a period; `slots` number the steps of time, so that missing values shift nothing. */
function byPhase(values: readonly number[], slots: readonly number[], period: number): number[][] {
  const phases = Array.from({ length: period }, (): number[] => []);
  for (const [index, value] of values.entries()) phases[(slots[index] ?? 0) % period]?.push(value);
  return phases;
}

/**
 * The usual value at each place of the season, as a series of the same length around zero. Neighbouring places are joined: the
 * median of three values would be one of them, and what is left of the series would look calmer than it is.
 */
export function seasonalPart(
  values: readonly number[],
  slots: readonly number[],
  season: number,
): number[] {
  const centre = median(values);
  const phases = byPhase(values, slots, season);
  const half = Math.max(1, Math.round(season / 48));
  const profile = phases.map((_, phase) => {
    const near = Array.from({ length: half * 2 + 1 }, (_unused, offset) => {
      const here = phases[(phase + offset - half + season) % season] ?? [];
      return here.length === 0 ? [] : [median(here)];
    });
    return mean(near.flat()) - centre;
  });
  return slots.map((slot) => profile[slot % season] ?? 0);
}

/**
 * What comes again at the same place of a known period (an hour, a day), such as a nightly job: of the values at each place one of
 * the smallest, so that only what comes nearly each time counts.
 */
export function recurringPart(
  values: readonly number[],
  slots: readonly number[],
  period: number,
): number[] {
  const usual = byPhase(values, slots, period).map((phase) => {
    const sorted = phase.toSorted((a, b) => Math.abs(a) - Math.abs(b));
    return sorted[(sorted.length - 1) >> 2] ?? 0;
  });
  return slots.map((slot) => usual[slot % period] ?? 0);
}

/** Share of the variation that a straight line explains, and its slope per value. */
export function fitLine(values: readonly number[]): {
  slope: number;
  share: number;
  start: number;
} {
  const centreX = (values.length - 1) / 2;
  const centreY = mean(values);
  let product = 0;
  let squareX = 0;
  let squareY = 0;
  for (const [index, value] of values.entries()) {
    product += (index - centreX) * (value - centreY);
    squareX += (index - centreX) ** 2;
    squareY += (value - centreY) ** 2;
  }
  const slope = squareX === 0 ? 0 : product / squareX;
  return {
    slope,
    share: squareY === 0 ? 0 : (slope * product) / squareY,
    start: centreY - slope * centreX,
  };
}

/** Share of the variation that the best single step explains. */
export function bestStepShare(values: readonly number[]): number {
  const total = values.reduce((sum, value) => sum + value, 0);
  const average = total / values.length;
  const squares = values.reduce((sum, value) => sum + (value - average) ** 2, 0);
  let left = 0;
  let best = 0;
  for (let index = 1; index < values.length; index++) {
    left += values[index - 1] ?? 0;
    const [a, b] = [left / index, (total - left) / (values.length - index)];
    best = Math.max(
      best,
      index * (a - average) ** 2 + (values.length - index) * (b - average) ** 2,
    );
  }
  return squares === 0 ? 0 : best / squares;
}
