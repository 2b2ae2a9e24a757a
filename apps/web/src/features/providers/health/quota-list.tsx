'use client';

import { Badge } from '../../../components/ui/badge.tsx';
import { Bar } from '../../../components/ui/bar.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { formatCompact, formatNumber, plural } from '../../../lib/format.ts';
import type { VendorQuota } from '../provider-types.ts';

const KINDS: Record<VendorQuota['kind'], string> = {
  requests: 'Requests',
  tokens: 'Tokens',
  concurrency: 'Calls at the same time',
};

/** What is left of limits towards a vendor: own ones and those that its answers told. */
export function QuotaList({ quotas }: { quotas: readonly VendorQuota[] }) {
  return (
    <ul aria-label="Limits towards the vendor" className="divide-y divide-line">
      {quotas.map((quota) => {
        const { limit, remaining } = quota;
        const left = limit === null || remaining === null || limit <= 0 ? null : remaining / limit;
        return (
          <li
            key={`${quota.provider} ${quota.model ?? ''} ${quota.kind} ${quota.source}`}
            className="px-5 py-3 text-sm"
          >
            <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
              <p className="min-w-0">
                <span className="font-medium">{KINDS[quota.kind]}</span>
                <span className="ml-2 font-mono text-xs text-ink-soft wrap-anywhere">
                  {quota.model ?? 'all models'}
                </span>
              </p>
              <Badge>{quota.source === 'own' ? 'Set here' : 'Told by the vendor'}</Badge>
            </div>
            <p className="mt-0.5 text-[0.8125rem] text-ink-soft tabular-nums">
              {remaining === null ? 'unknown' : formatCompact(remaining)} left of{' '}
              {limit === null ? 'an unknown limit' : formatNumber(limit)}
              {quota.waiting === 0 ? '' : `, ${plural(quota.waiting, 'call')} waiting`}
              {quota.resets_at === null ? null : (
                <>
                  , full again <RelativeTime time={quota.resets_at} />
                </>
              )}
            </p>
            {left === null ? null : (
              <Bar
                className="mt-1.5"
                parts={[
                  { from: 0, to: left, tone: left < 0.1 ? 'bad' : left < 0.3 ? 'warn' : 'ok' },
                ]}
              />
            )}
          </li>
        );
      })}
    </ul>
  );
}
