/** Whether one of two samples tends to larger values. */
export interface RankTest {
  /** U of the second sample: pairs in which its value is larger, ties by half. */
  u: number;
  /** Two-sided. */
  p: number;
  /** Cliff's delta, -1 to 1: positive when the second sample is larger. */
  delta: number;
  method: 'exact' | 'normal';
}

const EXACT_MAX = 20;

/** Ways to choose U values: counts of arrangements of m and n ranks by their U. */
function arrangements(m: number, n: number): number[] {
  // counts[j][u]: arrangements of i firsts and j seconds; the largest value is either a first or a second.
  let counts: number[][] = Array.from({ length: n + 1 }, () => [1]);
  for (let i = 1; i <= m; i += 1) {
    const next: number[][] = [[1]];
    for (let j = 1; j <= n; j += 1) {
      const size = i * j + 1;
      const withFirst = counts[j] ?? [];
      const withSecond = next[j - 1] ?? [];
      next.push(
        Array.from(
          { length: size },
          (_, u) => (u >= j ? (withFirst[u - j] ?? 0) : 0) + (withSecond[u] ?? 0),
        ),
      );
    }
    counts = next;
  }
  return counts[n] ?? [1];
}

function exactP(u: number, m: number, n: number): number {
  const counts = arrangements(m, n);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const smaller = Math.min(u, m * n - u);
  const tail = counts.slice(0, Math.floor(smaller) + 1).reduce((sum, count) => sum + count, 0);
  return Math.min(1, (2 * tail) / total);
}

/** Upper tail of the standard normal distribution; error below 1.2e-7 (rational approximation of erfc by Chebyshev fitting). */
function normalTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  const terms = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398,
    1.48851587, -0.82215223, 0.17087277,
  ];
  const series = terms.reduceRight((sum, term) => term + t * sum, 0);
  const erfc = t * Math.exp(-x * x + series);
  return z >= 0 ? erfc / 2 : 1 - erfc / 2;
}

/** Σ(t³ − t) over groups of equal values. */
function tieSum(values: readonly number[]): number {
  const groups = new Map<number, number>();
  for (const value of values) groups.set(value, (groups.get(value) ?? 0) + 1);
  return [...groups.values()].reduce((sum, count) => sum + count ** 3 - count, 0);
}

/**
 * Mann–Whitney U of two samples. Exact for up to 20 values each without ties, else by the normal distribution with corrections for
 * ties and continuity. Samples must not be empty.
 */
export function mannWhitney(first: readonly number[], second: readonly number[]): RankTest {
  const m = first.length;
  const n = second.length;
  let u = 0;
  for (const b of second) for (const a of first) u += b > a ? 1 : b === a ? 0.5 : 0;
  const delta = (2 * u) / (m * n) - 1;
  const ties = tieSum([...first, ...second]);
  if (ties === 0 && m <= EXACT_MAX && n <= EXACT_MAX)
    return { u, p: exactP(u, m, n), delta, method: 'exact' };
  const all = m + n;
  const variance = ((m * n) / 12) * (all + 1 - ties / (all * (all - 1)));
  if (variance <= 0) return { u, p: 1, delta, method: 'normal' };
  const distance = Math.max(0, Math.abs(u - (m * n) / 2) - 0.5);
  return {
    u,
    p: Math.min(1, 2 * normalTail(distance / Math.sqrt(variance))),
    delta,
    method: 'normal',
  };
}

/** Holm's correction: p-values that may be held against one level together. Order is kept. */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((p, index) => ({ p, index })).toSorted((a, b) => a.p - b.p);
  const adjusted = Array.from(ps);
  let highest = 0;
  for (const [rank, { p, index }] of order.entries()) {
    highest = Math.max(highest, Math.min(1, p * (ps.length - rank)));
    adjusted[index] = highest;
  }
  return adjusted;
}
