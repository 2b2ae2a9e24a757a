'use client';

import dynamic from 'next/dynamic';
import { ButtonLink } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { formatCost, formatNumber, plural } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { useUsageByDay } from './dashboard-queries.ts';
import { costOf, fillDays } from './fill-days.ts';

const UsageChart = dynamic(async () => (await import('./usage-chart.tsx')).UsageChart, {
  ssr: false,
  loading: () => <Skeleton className="h-55" />,
});

const DAYS = 14;

/** What models used in the last two weeks: drawn for the eye, as a table for screen readers. */
export function UsageCard() {
  const usage = useUsageByDay(DAYS);
  return (
    <Section
      title={`Tokens, last ${DAYS} days`}
      actions={
        <ButtonLink href="/usage" size="sm" variant="ghost">
          Usage and cost
        </ButtonLink>
      }
    >
      <div className="p-5">
        {usage.isError ? (
          <ErrorState
            what="Usage could not be loaded"
            error={usage.error}
            onRetry={() => void usage.refetch()}
          />
        ) : usage.data === undefined ? (
          <Skeleton className="h-60" />
        ) : (
          <UsagePicture data={usage.data} />
        )}
      </div>
    </Section>
  );
}

function UsagePicture({ data }: { data: NonNullable<ReturnType<typeof useUsageByDay>['data']> }) {
  const days = fillDays(data.items, DAYS, useNow(60_000));
  const { total } = data;
  return (
    <>
      <p className="mb-3 flex flex-wrap gap-x-5 gap-y-1 text-sm text-ink-soft">
        <span className="inline-flex items-center gap-1.5">
          <span aria-hidden className="size-2.5 rounded-sm bg-accent" />
          {formatNumber(total.input_tokens)} in
        </span>
        <span className="inline-flex items-center gap-1.5">
          <span aria-hidden className="size-2.5 rounded-sm bg-busy" />
          {formatNumber(total.output_tokens)} out
        </span>
        <span>{plural(total.calls, 'model call')}</span>
        <span>
          {total.unpriced_calls === 0
            ? costOf(total)
            : total.unpriced_calls === total.calls
              ? 'cost unknown'
              : `${costOf(total)} and ${plural(total.unpriced_calls, 'call')} without a known price`}
        </span>
      </p>
      <div aria-hidden>
        <UsageChart days={days} />
      </div>
      <table className="sr-only">
        <caption>Tokens by day</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">Tokens in</th>
            <th scope="col">Tokens out</th>
            <th scope="col">Cost</th>
          </tr>
        </thead>
        <tbody>
          {days
            .filter((day) => day.calls > 0)
            .map((day) => (
              <tr key={day.day}>
                <th scope="row">{day.day}</th>
                <td>{day.input}</td>
                <td>{day.output}</td>
                <td>{formatCost(day.costMicros)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </>
  );
}
