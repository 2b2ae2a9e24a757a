import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { inKeyOrder } from '../workspace/count-by.ts';
import { percentOf } from './percent-of.ts';
import type { LoadResult } from './run-load.ts';

const ERRORS_MIN = 0.01;
const TAIL_RATIO = 10;
const SLOWER_RATIO = 5;
/** Less may be the machine that measures. */
const SLOWER_MS = 100;

const input = z.strictObject({
  url: z.string().min(1).max(2000).describe('Address to load; with routes, their base'),
  routes: z
    .array(z.string().min(1).max(1000))
    .max(20)
    .optional()
    .describe('Paths below url, measured one after the other and held against each other'),
  method: z.enum(['GET', 'HEAD']).default('GET'),
  headers: z.record(z.string().max(100), z.string().max(4000)).default({}),
  requests: z.int().min(1).max(5000).default(200).describe('Requests per address'),
  concurrency: z.int().min(1).max(50).default(10),
  duration_ms: z
    .int()
    .min(100)
    .max(60_000)
    .default(15_000)
    .describe('At most this long per address'),
  tail_ms: z
    .int()
    .min(1)
    .max(60_000)
    .default(200)
    .describe('A p95 that much above the median, and ten times of it, is a long tail'),
  slow_ms: z.int().min(1).max(60_000).default(1000).describe('A p95 above this is a finding'),
});
const latency = z.object({
  p10: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
  mean: z.number(),
});
const result = z.object({
  url: z.string(),
  requests: z.int(),
  errors: z.int(),
  error_share: z.number(),
  latency: latency.describe('ms; requests that open the connections are left out'),
  throughput_per_second: z.number(),
  statuses: z.record(z.string(), z.int()),
  stopped: z.enum(['duration', 'errors']).nullable(),
});
const output = z.object({
  latency: latency.describe('Of the first address'),
  results: z.array(result),
});

/** Addresses to load; throws when they cannot be put together or leave the host. */
function addressesOf({ url, routes }: z.output<typeof input>): string[] {
  const base = URL.parse(url);
  if (base === null)
    throw toolError(
      'tools.network.url_invalid',
      'invalid-input',
      `"${url.slice(0, 200)}" is not an absolute URL such as https://example.com.`,
    );
  if (routes === undefined || routes.length === 0) return [base.href];
  return routes.map((route) => {
    const address = URL.parse(route, base.href);
    if (address !== null && address.origin === base.origin) return address.href;
    throw toolError(
      'tools.network.url_invalid',
      'invalid-input',
      `The route "${route.slice(0, 200)}" leads away from ${base.origin}; give paths below it.`,
    );
  });
}

interface Judgement {
  rule: string;
  severity: Finding['severity'];
  message: string;
  evidence: string;
  fix: string;
}

interface Limits {
  slow_ms: number;
  tail_ms: number;
}

function judge(
  one: LoadResult,
  others: readonly LoadResult[],
  { slow_ms: slowMs, tail_ms: tailMs }: Limits,
): Judgement[] {
  const { latency: times, url } = one;
  const share = one.requests === 0 ? 0 : one.errors / one.requests;
  const found: Judgement[] = [];
  const statuses = [...one.statuses].map(([status, count]) => `${status}: ${count}`).join(', ');
  if (share >= ERRORS_MIN)
    found.push({
      rule: 'performance.error_rate',
      severity: share >= 0.05 ? 'high' : 'medium',
      message: `${url} failed in ${percentOf(share)} of ${one.requests} requests.`,
      evidence: statuses,
      fix: 'Find the errors in the log of the server before speed is looked at.',
    });
  if (times.p95 > slowMs)
    found.push({
      rule: 'performance.slow_response',
      severity: 'medium',
      message: `${url} needs ${times.p95} ms at the 95th percentile; ${slowMs} ms are allowed.`,
      evidence: `p50 ${times.p50} ms, p95 ${times.p95} ms, p99 ${times.p99} ms`,
      fix: 'Profile the handler, and look at what it waits for.',
    });
  if (one.requests >= 40 && times.p95 >= times.p50 * TAIL_RATIO && times.p95 - times.p50 >= tailMs)
    found.push({
      rule: 'performance.long_tail',
      severity: 'medium',
      message: `${url} answers in ${times.p50} ms as a rule, but one request in twenty takes ${times.p95} ms or more.`,
      evidence: `p50 ${times.p50} ms, p95 ${times.p95} ms, p99 ${times.p99} ms, max ${times.max} ms`,
      fix: 'Look for locks, cold caches, exhausted pools and collections of garbage: they hit some requests only.',
    });
  const slower = judgeAgainstFastest(one, others);
  return slower === undefined ? found : [...found, slower];
}

/** Nine requests in ten must be far slower than the median of another route: a busy machine delays some of both, not most of one. */
function judgeAgainstFastest(
  { latency: times, url }: LoadResult,
  others: readonly LoadResult[],
): Judgement | undefined {
  const fastest = others.toSorted((a, b) => a.latency.p50 - b.latency.p50)[0];
  if (fastest === undefined) return undefined;
  const base = fastest.latency.p50;
  if (times.p10 < base * SLOWER_RATIO || times.p10 - base < SLOWER_MS) return undefined;
  return {
    rule: 'performance.slow_route',
    severity: 'medium',
    message: `${url} is ${Math.round(times.p50 / Math.max(base, 0.01))} times slower than ${fastest.url}.`,
    evidence: `p50 ${times.p50} ms against ${base} ms`,
    fix: 'Compare what the two do: queries, calls to others, size of the answer.',
  };
}

export const loadTest = defineTool({
  name: 'load_test',
  title: 'Load test',
  description:
    'Loads a URL (or several routes of one host) with bounded concurrency and tells latency percentiles, errors and throughput; finds error rates, long tails and routes much slower than the others.',
  group: 'performance',
  input,
  output,
  capabilities: ['network'],
  timeoutMs: 900_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['latency', 'p95', 'p99', 'throughput', 'benchmark', 'load'],
  async run(request, env) {
    const { runLoad } = await import('./run-load.ts');
    const addresses = addressesOf(request);
    const results: LoadResult[] = [];
    for (const [index, url] of addresses.entries()) {
      env.progress(`Loading ${url}`, index / addresses.length);
      const { method, headers, requests, concurrency, duration_ms: durationMs } = request;
      results.push(await runLoad({ url, method, headers, requests, concurrency, durationMs }, env));
    }
    const findings = results.flatMap((one) =>
      judge(
        one,
        results.filter((other) => other !== one),
        request,
      ).map((judged) => ({
        ...judged,
        tool: 'load_test',
      })),
    );
    return {
      output: {
        latency: results[0]?.latency ?? { p10: 0, p50: 0, p95: 0, p99: 0, max: 0, mean: 0 },
        results: results.map((one) => ({
          url: one.url,
          requests: one.requests,
          errors: one.errors,
          error_share: one.requests === 0 ? 0 : one.errors / one.requests,
          latency: one.latency,
          throughput_per_second: one.throughputPerSecond,
          statuses: inKeyOrder(one.statuses),
          stopped: one.stopped,
        })),
      },
      summary: results
        .map(
          (one) =>
            `${one.url}: ${one.requests} requests, ${one.errors} errors, p50 ${one.latency.p50} ms, p95 ${one.latency.p95} ms, ${one.throughputPerSecond}/s.`,
        )
        .join(' '),
      findings,
    };
  },
});
