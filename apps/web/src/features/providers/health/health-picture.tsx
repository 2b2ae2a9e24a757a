'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import { Bar, type BarPart, type BarTone } from '../../../components/ui/bar.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { formatCost, formatDuration, formatNumber, plural } from '../../../lib/format.ts';
import { refText, type ModelHealth } from '../provider-types.ts';
import { healthScale, percent, type HealthScale } from './health-state.ts';

function Figure({
  label,
  value,
  note,
  parts,
}: {
  label: string;
  value: ReactNode;
  note?: ReactNode;
  parts: readonly BarPart[];
}) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-ink-soft">{label}</dt>
      <dd className="text-sm">
        <span className="font-medium tabular-nums">{value}</span>
        {note === undefined ? null : (
          <span className="ml-1.5 text-xs text-ink-soft tabular-nums">{note}</span>
        )}
        <Bar className="mt-1" parts={parts} />
      </dd>
    </div>
  );
}

const successTone = (rate: number): BarTone => (rate >= 0.98 ? 'ok' : rate >= 0.8 ? 'warn' : 'bad');

const NONE = '–';

function Figures({ model, scale }: { model: ModelHealth; scale: HealthScale }) {
  const { success_rate, p50_ms, p95_ms, first_token_p50_ms, tokens_per_second, cost_micros } =
    model;
  return (
    <dl className="grid grid-cols-2 gap-x-5 gap-y-3 lg:grid-cols-[1fr_1.6fr_1fr_1fr]">
      <Figure
        label="Answered"
        value={success_rate === null ? NONE : percent(success_rate)}
        note={plural(model.calls, 'call')}
        parts={
          success_rate === null
            ? []
            : [
                { from: 0, to: success_rate, tone: successTone(success_rate) },
                { from: success_rate, to: 1, tone: 'bad', hatched: true },
              ]
        }
      />
      <Figure
        label="Time, half and 95 % of calls"
        value={
          p50_ms === null
            ? NONE
            : `${formatDuration(p50_ms)}${p95_ms === null ? '' : ` – ${formatDuration(p95_ms)}`}`
        }
        {...(first_token_p50_ms === null
          ? {}
          : { note: `first token ${formatDuration(first_token_p50_ms)}` })}
        parts={[
          { from: 0, to: (first_token_p50_ms ?? 0) / scale.ms, tone: 'idle' },
          {
            from: (first_token_p50_ms ?? 0) / scale.ms,
            to: (p50_ms ?? 0) / scale.ms,
            tone: 'busy',
          },
          {
            from: (p50_ms ?? 0) / scale.ms,
            to: (p95_ms ?? 0) / scale.ms,
            tone: 'busy',
            hatched: true,
          },
        ]}
      />
      <Figure
        label="Tokens per second"
        value={tokens_per_second === null ? NONE : formatNumber(Math.round(tokens_per_second))}
        parts={[{ from: 0, to: (tokens_per_second ?? 0) / scale.tokensPerSecond, tone: 'accent' }]}
      />
      <Figure
        label="Cost"
        value={model.calls === 0 ? NONE : formatCost(cost_micros)}
        parts={[{ from: 0, to: (cost_micros ?? 0) / scale.costMicros, tone: 'accent' }]}
      />
    </dl>
  );
}

/** How models did in the window, side by side on the same scales. */
export function HealthPicture({
  models,
  linked = false,
}: {
  models: readonly ModelHealth[];
  /** Names lead to the pages of their providers. */
  linked?: boolean;
}) {
  const scale = healthScale(models);
  const rows = models.toSorted((a, b) => b.calls - a.calls);
  return (
    <>
      <ul aria-label="Health of models" className="divide-y divide-line">
        {rows.map((model) => (
          <li key={refText(model)} className="px-5 py-4">
            <p className="mb-2 flex flex-wrap items-baseline justify-between gap-x-3 gap-y-1">
              <span className="min-w-0 font-mono text-[0.8125rem] wrap-anywhere">
                {linked ? (
                  <Link
                    href={`/providers/${encodeURIComponent(model.provider)}`}
                    className="font-medium text-accent-strong underline underline-offset-2"
                  >
                    {model.provider}
                  </Link>
                ) : (
                  model.provider
                )}
                /{model.model}
              </span>
              {model.in_flight === 0 ? null : (
                <span className="text-xs text-busy">{formatNumber(model.in_flight)} under way</span>
              )}
            </p>
            <Figures model={model} scale={scale} />
            {model.last_error === null ? null : (
              <p className="mt-2 text-[0.8125rem] text-ink-soft wrap-anywhere">
                Last failure <RelativeTime time={model.last_error.at} />:{' '}
                <span className="text-ink">{model.last_error.message}</span>{' '}
                <code className="font-mono text-xs">{model.last_error.code}</code>
              </p>
            )}
          </li>
        ))}
      </ul>
      <p className="border-t border-line px-5 py-2.5 text-xs text-ink-soft">
        Bars of the same kind share one scale. Time: grey up to the first token, solid up to the
        median, hatched up to the time that 95 % of the calls keep.
      </p>
    </>
  );
}
