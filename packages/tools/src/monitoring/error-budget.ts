/** Requests of a short span of time. */
export interface BudgetBucket {
  startMs: number;
  total: number;
  errors: number;
  path: string;
  line: number;
}

/** Condition of an alert on two windows: the long one shows that it matters, the short one that it goes on. */
export interface BurnRule {
  severity: 'page' | 'ticket';
  longMs: number;
  shortMs: number;
  /** How many times faster than allowed the budget burns. */
  rate: number;
}

const HOUR = 3_600_000;

/** The pairs of the workbook for a window of 30 days: 2 % of the budget in 1 h, 5 % in 6 h, 10 % in 3 days. */
export const BURN_RULES: readonly BurnRule[] = [
  { severity: 'page', longMs: HOUR, shortMs: HOUR / 12, rate: 14.4 },
  { severity: 'page', longMs: 6 * HOUR, shortMs: HOUR / 2, rate: 6 },
  { severity: 'ticket', longMs: 72 * HOUR, shortMs: 6 * HOUR, rate: 1 },
];

/** `1h`, `30m`, `3d` in ms. */
export function windowText(ms: number): string {
  if (ms % (24 * HOUR) === 0) return `${ms / (24 * HOUR)}d`;
  return ms % HOUR === 0 ? `${ms / HOUR}h` : `${Math.round(ms / 60_000)}m`;
}

/** Sums over windows that end at a bucket; buckets are in order, without gaps. */
export function createBudget(buckets: readonly BudgetBucket[], objective: number) {
  const totals = [0];
  const errors = [0];
  for (const bucket of buckets) {
    totals.push((totals.at(-1) ?? 0) + bucket.total);
    errors.push((errors.at(-1) ?? 0) + bucket.errors);
  }
  const stepMs = buckets.length < 2 ? 0 : (buckets[1]?.startMs ?? 0) - (buckets[0]?.startMs ?? 0);
  const sum = (sums: readonly number[], from: number, to: number) =>
    (sums[to] ?? 0) - (sums[Math.max(0, from)] ?? 0);
  return {
    stepMs,
    spanMs: stepMs * buckets.length,
    /** Share of errors ÷ allowed share, over the window that ends with bucket `index`; null when the data do not reach back so far. */
    burnRate(index: number, windowMs: number): number | null {
      const width = Math.max(1, Math.round(windowMs / Math.max(1, stepMs)));
      if (index + 1 < width || stepMs === 0) return null;
      const total = sum(totals, index + 1 - width, index + 1);
      return total === 0 ? 0 : sum(errors, index + 1 - width, index + 1) / total / (1 - objective);
    },
    /** Requests and errors of the window that ends with the last bucket, or of all there is. */
    spent(windowMs: number) {
      const from = stepMs === 0 ? 0 : buckets.length - Math.round(windowMs / stepMs);
      const total = sum(totals, from, buckets.length);
      const failed = sum(errors, from, buckets.length);
      const allowed = total * (1 - objective);
      return { total, errors: failed, allowed, used: allowed === 0 ? 0 : failed / allowed };
    },
  };
}

export interface BurnEpisode {
  rule: BurnRule;
  from: BudgetBucket;
  to: BudgetBucket;
  /** Highest rate of the long window meanwhile. */
  peak: number;
}

/** The times at which the alerts of the rules would have fired. */
export function burnEpisodes(buckets: readonly BudgetBucket[], objective: number): BurnEpisode[] {
  const budget = createBudget(buckets, objective);
  return BURN_RULES.flatMap((rule) => {
    const found: BurnEpisode[] = [];
    let current: BurnEpisode | undefined;
    for (const [index, bucket] of buckets.entries()) {
      const long = budget.burnRate(index, rule.longMs);
      const short = budget.burnRate(index, rule.shortMs);
      const fires = long !== null && short !== null && long > rule.rate && short > rule.rate;
      if (!fires) current = undefined;
      else if (current === undefined)
        found.push((current = { rule, from: bucket, to: bucket, peak: long }));
      else {
        current.to = bucket;
        current.peak = Math.max(current.peak, long);
      }
    }
    return found;
  });
}
