/** Sums of the calls of a minute, of one model. Latencies as counts per step of {@link LATENCY_STEP}. */
export interface Figures {
  calls: number;
  /** Calls that tell about the vendor, and those of them that were answered. */
  judged: number;
  answered: number;
  latency: Record<string, number>;
  firstToken: Record<string, number>;
  outputTokens: number;
  /** Time in which `outputTokens` were made, from the first token on. */
  outputMs: number;
  costMicros: number;
  /** Calls with a known cost. */
  priced: number;
  lastError: { code: string; message: string; at: number } | null;
}

/** Each step of the histogram is this much longer than the one before: percentiles are right to half of it. */
const LATENCY_STEP = 1.1;

export function emptyFigures(): Figures {
  return {
    calls: 0,
    judged: 0,
    answered: 0,
    latency: {},
    firstToken: {},
    outputTokens: 0,
    outputMs: 0,
    costMicros: 0,
    priced: 0,
    lastError: null,
  };
}

/** Counts a duration in ms into a histogram. */
export function countInto(histogram: Record<string, number>, ms: number): void {
  const step = Math.max(0, Math.round(Math.log(Math.max(1, ms)) / Math.log(LATENCY_STEP)));
  histogram[step] = (histogram[step] ?? 0) + 1;
}

/** The duration in ms below which that share of a histogram lies; null = it is empty. */
export function percentileOf(
  histogram: Readonly<Record<string, number>>,
  share: number,
): number | null {
  const steps = Object.entries(histogram)
    .map(([step, count]) => ({ step: Number(step), count }))
    .toSorted((a, b) => a.step - b.step);
  const total = steps.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  for (const { step, count } of steps) {
    seen += count;
    if (seen >= share * total) return Math.round(LATENCY_STEP ** step);
  }
  return null;
}

/** Adds `more` to `sum`. */
export function addFigures(sum: Figures, more: Figures): void {
  sum.calls += more.calls;
  sum.judged += more.judged;
  sum.answered += more.answered;
  sum.outputTokens += more.outputTokens;
  sum.outputMs += more.outputMs;
  sum.costMicros += more.costMicros;
  sum.priced += more.priced;
  for (const [step, count] of Object.entries(more.latency))
    sum.latency[step] = (sum.latency[step] ?? 0) + count;
  for (const [step, count] of Object.entries(more.firstToken))
    sum.firstToken[step] = (sum.firstToken[step] ?? 0) + count;
  if (more.lastError !== null && more.lastError.at >= (sum.lastError?.at ?? 0))
    sum.lastError = more.lastError;
}
