'use client';

import { Ban, CircleCheck, CircleX, Gauge, PlugZap, Wallet, ZapOff } from 'lucide-react';
import { cn } from '../../../components/ui/cn.ts';
import { Bar } from '../../../components/ui/bar.tsx';
import { formatDuration, formatNumber } from '../../../lib/format.ts';
import { refText, type CallAttempt } from '../provider-types.ts';

const OUTCOMES: Record<
  CallAttempt['outcome'],
  { label: string; look: string; Icon: typeof CircleX }
> = {
  answered: { label: 'Answered', look: 'text-ok', Icon: CircleCheck },
  failed: { label: 'Failed', look: 'text-bad', Icon: CircleX },
  circuit_open: { label: 'Passed over, its circuit is open', look: 'text-warn', Icon: ZapOff },
  rate_limited: { label: 'Passed over, no room in its limits', look: 'text-warn', Icon: Gauge },
  over_budget: { label: 'Refused by a budget', look: 'text-warn', Icon: Wallet },
  not_configured: { label: 'Passed over, not configured', look: 'text-ink-soft', Icon: PlugZap },
  not_capable: { label: 'Passed over, cannot do this', look: 'text-ink-soft', Icon: Ban },
};

/** What became of each candidate, in the order they were asked. */
export function AttemptList({ attempts }: { attempts: readonly CallAttempt[] }) {
  const longest = Math.max(1, ...attempts.map(({ duration_ms }) => duration_ms));
  return (
    <ol aria-label="Attempts" className="divide-y divide-line">
      {attempts.map((attempt, index) => {
        const { label, look, Icon } = OUTCOMES[attempt.outcome];
        return (
          // Candidates are asked in a fixed order, the same one more than once at times.
          <li key={`${index} ${refText(attempt)}`} className="flex gap-3 py-3 text-sm">
            <Icon aria-hidden className={cn('mt-0.5 size-5 shrink-0', look)} />
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-baseline justify-between gap-x-3">
                <span className="font-mono text-[0.8125rem] wrap-anywhere">{refText(attempt)}</span>
                <span className="text-xs text-ink-soft tabular-nums">
                  {attempt.duration_ms === 0 ? 'nothing sent' : formatDuration(attempt.duration_ms)}
                </span>
              </p>
              <p className={look}>{label}</p>
              {attempt.message === null ? null : (
                <p className="mt-0.5 text-[0.8125rem] wrap-anywhere">
                  {attempt.message}
                  {attempt.code === null ? null : (
                    <code className="ml-1.5 font-mono text-xs text-ink-soft">{attempt.code}</code>
                  )}
                </p>
              )}
              {attempt.discarded_chars === 0 ? null : (
                <p className="mt-0.5 text-[0.8125rem] text-ink-soft">
                  {formatNumber(attempt.discarded_chars)} characters of its answer were discarded.
                </p>
              )}
              {attempt.duration_ms === 0 ? null : (
                <Bar
                  className="mt-1.5"
                  parts={[
                    {
                      from: 0,
                      to: attempt.duration_ms / longest,
                      tone: attempt.outcome === 'answered' ? 'ok' : 'bad',
                    },
                  ]}
                />
              )}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
