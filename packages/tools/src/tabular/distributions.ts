/** Probabilities of the usual test statistics. All are upper tails in 0–1, good to about eight digits. */

const STEPS_MAX = 300;
const TINY = 1e-300;

/** Logarithm of the gamma function, by Stirling's series after moving the argument up. */
export function logGamma(value: number): number {
  let shift = 0;
  let x = value;
  while (x < 10) {
    shift -= Math.log(x);
    x += 1;
  }
  const inverse = 1 / (x * x);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / x;
  return shift + (x - 0.5) * Math.log(x) - x + 0.918_938_533_204_672_8 + series;
}

/** Upper part of the regularised incomplete gamma function. */
function upperGamma(shape: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(-x + shape * Math.log(x) - logGamma(shape));
  if (x < shape + 1) {
    let term = 1 / shape;
    let sum = term;
    for (let n = 1; n < STEPS_MAX && term > sum * 1e-15; n++) sum += term *= x / (shape + n);
    return 1 - sum * scale;
  }
  // Continued fraction from its far end.
  let tail = 0;
  for (let n = STEPS_MAX; n >= 1; n--) tail = (n * (n - shape)) / (x + 2 * n + 1 - shape - tail);
  return scale / (x + 1 - shape - tail);
}

/** Chance of a chi-square value at least this large. */
export function chiSquareTail(value: number, freedom: number): number {
  return Math.min(1, Math.max(0, upperGamma(freedom / 2, value / 2)));
}

/** Regularised incomplete beta function, by its continued fraction (Lentz's way). */
function betaPart(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on one side only; the other side is its mirror.
  if (x > (a + 1) / (a + b + 2)) return 1 - betaPart(b, a, 1 - x);
  const front =
    Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x)) /
    a;
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < STEPS_MAX; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    value *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-14) break;
  }
  return front * value;
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** Chance of a t value at least this far from 0, on both sides. */
export function studentTwoSided(t: number, freedom: number): number {
  return betaPart(freedom / 2, 0.5, freedom / (freedom + t * t));
}

/** Chance of a normal value at least this far from 0, on both sides. */
export function normalTwoSided(z: number): number {
  return chiSquareTail(z * z, 1);
}

/** The t value that is exceeded on both sides together with the chance `alpha`. */
export function studentQuantile(alpha: number, freedom: number): number {
  let [low, high] = [0, 1000];
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (studentTwoSided(middle, freedom) > alpha) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Holm's correction: what a p value is worth among all that were computed, in the given order. */
export function holm(values: readonly number[]): number[] {
  const order = values
    .map((value, index) => ({ value, index }))
    .toSorted((a, b) => a.value - b.value);
  const adjusted = Array.from({ length: values.length }, () => 1);
  let worst = 0;
  for (const [rank, { value, index }] of order.entries()) {
    worst = Math.max(worst, Math.min(1, value * (values.length - rank)));
    adjusted[index] = worst;
  }
  return adjusted;
}
