import type { UsageBucket } from '@automatos/sdk';
import { lastDays } from '../../lib/days.ts';
import { formatCost } from '../../lib/format.ts';
import type { UsageDay } from './usage-chart.tsx';

/** One entry per UTC day up to today, zero where nothing was used, so that gaps show as gaps. */
export function fillDays(buckets: readonly UsageBucket[], days: number, nowMs: number): UsageDay[] {
  const byDay = new Map(buckets.map((bucket) => [bucket.key.slice(0, 10), bucket]));
  return lastDays(days, nowMs).map((day) => {
    const bucket = byDay.get(day);
    return {
      day,
      input: bucket?.input_tokens ?? 0,
      output: bucket?.output_tokens ?? 0,
      calls: bucket?.calls ?? 0,
      costMicros: bucket === undefined ? 0 : bucket.cost_micros,
    };
  });
}

/** What calls cost, in words: nothing when there was none, and what is missing when some had no known price. */
export function costOf(bucket: Omit<UsageBucket, 'key'>): string {
  return formatCost(bucket.calls === 0 ? 0 : bucket.cost_micros);
}
