import type { Exchange } from './read-http-log.ts';

/** What an answer says of the limit. */
export interface LimitSeen {
  limit: number | null;
  remaining: number | null;
  /** Until the window starts anew, in seconds. */
  resetS: number | null;
  /** Length of the window, in seconds. */
  windowS: number | null;
}

function first(
  headers: Readonly<Record<string, string>>,
  names: readonly string[],
): string | undefined {
  return names.map((name) => headers[name]).find((value) => value !== undefined);
}

function toNumber(text: string | undefined): number | null {
  const digits = /-?\d+(?:\.\d+)?/.exec(text ?? '')?.[0];
  return digits === undefined ? null : Number(digits);
}

/** Reads `RateLimit`, `RateLimit-Policy`, `RateLimit-*` and `X-RateLimit-*`; null when an answer has none of them. */
export function limitOf({ headers, timeMs }: Exchange): LimitSeen | null {
  const policy = headers['ratelimit-policy'];
  const combined = headers['ratelimit'];
  const parameter = (text: string | undefined, name: string): number | null =>
    toNumber(new RegExp(`(?:^|[;,\\s])${name}\\s*=\\s*"?(\\d+)`).exec(text ?? '')?.[1]);
  const limit =
    toNumber(first(headers, ['x-ratelimit-limit', 'ratelimit-limit', 'x-rate-limit-limit'])) ??
    parameter(policy, 'q') ??
    parameter(combined, 'limit');
  const remaining =
    toNumber(
      first(headers, ['x-ratelimit-remaining', 'ratelimit-remaining', 'x-rate-limit-remaining']),
    ) ??
    parameter(combined, 'r') ??
    parameter(combined, 'remaining');
  const rawReset =
    toNumber(first(headers, ['x-ratelimit-reset', 'ratelimit-reset', 'x-rate-limit-reset'])) ??
    parameter(combined, 't') ??
    parameter(combined, 'reset');
  if (limit === null && remaining === null) return null;
  // Some give the second of the day of the reset, others the seconds until then.
  const resetS =
    rawReset === null
      ? null
      : rawReset > 1e9
        ? Math.max(0, (rawReset > 1e11 ? rawReset : rawReset * 1000) - timeMs) / 1000
        : rawReset;
  return { limit, remaining, resetS, windowS: parameter(policy, 'w') };
}

/** Seconds that an answer asks to wait, from a number or a date. */
export function retryAfterS({ headers, timeMs }: Exchange): number | null {
  const text = headers['retry-after'];
  if (text === undefined) return null;
  if (/^\s*\d+\s*$/.test(text)) return Number(text);
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : Math.max(0, (ms - timeMs) / 1000);
}

export interface HostReport {
  host: string;
  requests: number;
  /** Most requests within any 60 seconds. */
  peakPerMinute: number;
  throttled: number;
  limit: number | null;
  windowS: number | null;
  remainingLeast: number | null;
  /** Answer with the least left. */
  lowest: Exchange | null;
  /** Runs of refusals: at least three, each within a minute of the one before. */
  bursts: Exchange[][];
  /** Requests sent before the wait that was asked for had ended, with the refusal. */
  ignored: { refused: Exchange; sent: Exchange; waitS: number }[];
  pacing: { requestsPerMinute: number; intervalMs: number } | null;
}

const MINUTE_MS = 60_000;
const BURST_MIN = 3;
/** Room for others who use the same key. */
const SHARE = 0.8;

function peak(times: readonly number[]): number {
  let from = 0;
  let most = 0;
  for (const [to, time] of times.entries()) {
    while (time - (times[from] ?? time) >= MINUTE_MS) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

function burstsOf(refused: readonly Exchange[]): Exchange[][] {
  const runs: Exchange[][] = [];
  for (const one of refused) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last !== undefined && one.timeMs - last.timeMs <= MINUTE_MS)
      run.push(one);
    else runs.push([one]);
  }
  return runs.filter((run) => run.length >= BURST_MIN);
}

function ignoredOf(exchanges: readonly Exchange[]): HostReport['ignored'] {
  return exchanges.flatMap((refused, index) => {
    const waitS = refused.status === 429 || refused.status === 503 ? retryAfterS(refused) : null;
    const next = exchanges[index + 1];
    return waitS === null ||
      next === undefined ||
      next.timeMs - refused.timeMs >= waitS * 1000 - 500
      ? []
      : [{ refused, sent: next, waitS }];
  });
}

function windowOf(seen: readonly { exchange: Exchange; limit: LimitSeen }[]): number | null {
  const told = seen.find(({ limit }) => limit.windowS !== null)?.limit.windowS;
  if (told !== undefined && told !== null) return told;
  // Right after a reset the time until the next one is the whole window; common lengths are what remains to choose from.
  const longest = Math.max(0, ...seen.map(({ limit }) => limit.resetS ?? 0));
  return longest === 0
    ? null
    : ([1, 10, 60, 300, 900, 3600, 86_400].find((length) => longest <= length) ??
        Math.ceil(longest));
}

function reportHost(host: string, exchanges: readonly Exchange[]): HostReport {
  const seen = exchanges.flatMap((exchange) => {
    const limit = limitOf(exchange);
    return limit === null ? [] : [{ exchange, limit }];
  });
  const limits = seen.map(({ limit }) => limit.limit).filter((limit) => limit !== null);
  const limit = limits.length === 0 ? null : Math.min(...limits);
  const counted = seen.filter((one) => one.limit.remaining !== null);
  const lowest = counted.reduce<(typeof counted)[number] | undefined>(
    (low, one) =>
      low === undefined || (one.limit.remaining ?? 0) < (low.limit.remaining ?? 0) ? one : low,
    undefined,
  );
  const windowS = windowOf(seen);
  const refused = exchanges.filter(({ status }) => status === 429);
  const perMinute = limit === null || windowS === null ? null : ((limit * SHARE) / windowS) * 60;
  return {
    host,
    requests: exchanges.length,
    peakPerMinute: peak(exchanges.map(({ timeMs }) => timeMs)),
    throttled: refused.length,
    limit,
    windowS,
    remainingLeast: lowest?.limit.remaining ?? null,
    lowest: lowest?.exchange ?? null,
    bursts: burstsOf(refused),
    ignored: ignoredOf(exchanges),
    pacing:
      perMinute === null || perMinute <= 0
        ? null
        : {
            requestsPerMinute: Math.floor(perMinute * 100) / 100,
            intervalMs: Math.ceil(MINUTE_MS / perMinute),
          },
  };
}

/** One report per host, in order of name. */
export function reportLimits(exchanges: readonly Exchange[]): HostReport[] {
  const hosts = Map.groupBy(exchanges, ({ url }) => url.host);
  return [...hosts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([host, own]) => reportHost(host, own));
}
