import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { commonFolder, pathBelow } from '../workspace/common-folder.ts';
import type { HostReport } from './rate-limits.ts';
import type { Exchange } from './read-http-log.ts';

const input = z.strictObject({
  http_log: z
    .string()
    .min(1)
    .max(4096)
    .describe(
      'Recorded requests: HAR, or JSON lines with time, method, url, status and headers of the answer',
    ),
  headroom_min: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('Less of the limit left than this share is a finding'),
});
const host = z.object({
  host: z.string(),
  requests: z.int(),
  peak_per_minute: z.int(),
  throttled: z.int(),
  limit: z.number().nullable(),
  window_s: z.number().nullable(),
  remaining_least: z.number().nullable(),
  headroom: z.number().nullable().describe('Least share of the limit that was left'),
  pacing: z.object({ requests_per_minute: z.number(), interval_ms: z.int() }).nullable(),
});
const output = z.object({
  requests: z.int(),
  first: z.string(),
  last: z.string(),
  rate_limits: z.array(host),
});

function headroom({ limit, remainingLeast }: HostReport): number | null {
  return limit === null || limit <= 0 || remainingLeast === null
    ? null
    : Math.round((remainingLeast / limit) * 1000) / 1000;
}

function advice({ pacing }: HostReport): string {
  return pacing === null
    ? 'Send fewer requests, and wait as long as answers ask.'
    : `Send at most ${pacing.requestsPerMinute} requests per minute (one every ${pacing.intervalMs} ms).`;
}

function place(path: string, { line }: Exchange): Pick<Finding, 'location'> {
  return { location: { path, ...(line === null ? {} : { line }) } };
}

function judge(report: HostReport, path: string, least: number): Finding[] {
  const findings: Finding[] = [];
  const add = (
    about: Pick<Finding, 'rule' | 'severity' | 'message' | 'evidence' | 'fix'>,
    at: Exchange,
  ): void => {
    findings.push({ ...about, ...place(path, at), tool: 'rate_limit_report' });
  };
  for (const burst of report.bursts) {
    const [from] = burst;
    const to = burst.at(-1);
    if (from !== undefined && to !== undefined)
      add(
        {
          rule: 'rate_limit.burst',
          severity: 'high',
          message: `${report.host} refused ${burst.length} requests in a row because of its rate limit.`,
          evidence: `${burst.length} answers 429 from ${new Date(from.timeMs).toISOString()} to ${new Date(to.timeMs).toISOString()}`,
          fix: advice(report),
        },
        from,
      );
  }
  for (const { refused, sent, waitS } of report.ignored.slice(0, 20))
    add(
      {
        rule: 'rate_limit.retry_after_ignored',
        severity: 'medium',
        message: `A request went to ${report.host} before the wait that it asked for had ended.`,
        evidence: `Retry-After: ${Math.round(waitS)} s, next request after ${Math.round((sent.timeMs - refused.timeMs) / 100) / 10} s`,
        fix: 'Hold requests to the host back until the wait has ended.',
      },
      sent,
    );
  const left = headroom(report);
  if (left !== null && left < least && report.lowest !== null)
    add(
      {
        rule: 'rate_limit.low_headroom',
        severity: 'medium',
        message: `Only ${report.remainingLeast} of ${report.limit} requests to ${report.host} were left.`,
        evidence: `headroom ${Math.round(left * 100)} %, peak ${report.peakPerMinute} requests per minute`,
        fix: advice(report),
      },
      report.lowest,
    );
  return findings;
}

export const rateLimitReport = defineTool({
  name: 'rate_limit_report',
  title: 'Report on rate limits',
  description:
    'Reads recorded HTTP traffic (HAR or JSON lines) and reports per host its rate limit, what was left, refusals, waits that were not kept, and a pace that stays within the limit.',
  group: 'integration',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['throttle', '429', 'quota', 'pacing', 'retry-after', 'har', 'headroom'],
  async run(request, env) {
    const { readHttpLog } = await import('./read-http-log.ts');
    const { reportLimits } = await import('./rate-limits.ts');
    const { exchanges, real } = await readHttpLog(request.http_log, env);
    const reports = reportLimits(exchanges);
    const path = pathBelow(await commonFolder([real], env), real);
    const throttled = reports.reduce((sum, one) => sum + one.throttled, 0);
    const known = reports.filter(({ limit }) => limit !== null).length;
    return {
      output: {
        requests: exchanges.length,
        first: new Date(exchanges[0]?.timeMs ?? 0).toISOString(),
        last: new Date(exchanges.at(-1)?.timeMs ?? 0).toISOString(),
        rate_limits: reports.map((one) => ({
          host: one.host,
          requests: one.requests,
          peak_per_minute: one.peakPerMinute,
          throttled: one.throttled,
          limit: one.limit,
          window_s: one.windowS,
          remaining_least: one.remainingLeast,
          headroom: headroom(one),
          pacing:
            one.pacing === null
              ? null
              : {
                  requests_per_minute: one.pacing.requestsPerMinute,
                  interval_ms: one.pacing.intervalMs,
                },
        })),
      },
      summary: `${exchanges.length} requests to ${reports.length} hosts; ${throttled} refused; ${known} hosts tell their limit.`,
      findings: reports.flatMap((report) => judge(report, path, request.headroom_min)),
    };
  },
});
