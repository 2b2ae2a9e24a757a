'use client';

import dynamic from 'next/dynamic';
import { useState } from 'react';
import { Section } from '../../components/ui/card.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Select } from '../../components/ui/input.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { useNow } from '../../lib/use-now.ts';
import { seriesColour } from './series-colours.ts';
import { stackDays, type Stack } from './stack-days.ts';
import { useUsageSplit } from './usage-queries.ts';
import { keyLabel, MEASURES, SPLITS, type Measure, type Split } from './usage-words.ts';

const StackedChart = dynamic(async () => (await import('./stacked-chart.tsx')).StackedChart, {
  ssr: false,
  loading: () => <Skeleton className="h-65" />,
});

/** The same figures for those who do not see the picture. */
function DayTable({
  stack,
  measure,
  label,
}: {
  stack: Stack;
  measure: Measure;
  label: (key: string | null) => string;
}) {
  const { label: what, format } = MEASURES[measure];
  return (
    <div className="sr-only">
      <table>
        <caption>{what} by day</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            {stack.series.map((key) => (
              <th key={key ?? 'rest'} scope="col">
                {label(key)}
              </th>
            ))}
            <th scope="col">Calls of unknown price</th>
          </tr>
        </thead>
        <tbody>
          {stack.days
            .filter(({ total, unpriced }) => total > 0 || unpriced > 0)
            .map((day) => (
              <tr key={day.day}>
                <th scope="row">{day.day}</th>
                {stack.series.map((key, index) => (
                  <td key={key ?? 'rest'}>{format(day.values[index] ?? 0)}</td>
                ))}
                <td>{day.unpriced}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}

function Legend({
  stack,
  measure,
  label,
}: {
  stack: Stack;
  measure: Measure;
  label: (key: string | null) => string;
}) {
  return (
    <ul aria-label="Series" className="mb-3 flex flex-wrap gap-x-5 gap-y-1 text-sm text-ink-soft">
      {stack.series.map((key, index) => (
        <li key={key ?? 'rest'} className="inline-flex min-w-0 items-center gap-1.5">
          <span
            aria-hidden
            className="size-2.5 shrink-0 rounded-sm"
            style={{ background: seriesColour(index, key) }}
          />
          <span className="wrap-anywhere">{label(key)}</span>
          <span className="font-medium text-ink tabular-nums">
            {MEASURES[measure].format(stack.sums[index] ?? 0)}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Usage day by day, stacked by what tells the calls apart. */
export function DaySection({ days }: { days: number }) {
  const [split, setSplit] = useState<Split>('model');
  const [measure, setMeasure] = useState<Measure>('cost');
  const usage = useUsageSplit(days, split);
  const nowMs = useNow(60_000);
  const stack = stackDays(usage.data?.items ?? [], measure, { days, nowMs });
  const label = (key: string | null) => (key === null ? 'All others' : keyLabel(split, key));
  return (
    <Section
      title="By day"
      actions={
        <div className="flex gap-2">
          <Select
            aria-label="What is measured"
            value={measure}
            onChange={({ target }) => setMeasure(target.value as Measure)}
          >
            {Object.entries(MEASURES).map(([value, each]) => (
              <option key={value} value={value}>
                {each.label}
              </option>
            ))}
          </Select>
          <Select
            aria-label="Stacked by"
            value={split}
            onChange={({ target }) => setSplit(target.value as Split)}
          >
            {Object.entries(SPLITS).map(([value, each]) => (
              <option key={value} value={value}>
                {each}
              </option>
            ))}
          </Select>
        </div>
      }
    >
      <div className="p-5">
        {usage.isError && usage.data === undefined ? (
          <ErrorState
            what="Usage could not be loaded"
            error={usage.error}
            onRetry={() => void usage.refetch()}
          />
        ) : usage.data === undefined ? (
          <Skeleton className="h-72" />
        ) : (
          <>
            <Legend stack={stack} measure={measure} label={label} />
            <div aria-hidden data-chart="usage-by-day">
              <StackedChart stack={stack} measure={measure} label={label} />
            </div>
            <DayTable stack={stack} measure={measure} label={label} />
            <p className="mt-2 text-xs text-ink-soft">
              Days in UTC.
              {measure === 'cost' && usage.data.total.unpriced_calls > 0
                ? ` ${usage.data.total.unpriced_calls} calls of unknown price are not in the picture.`
                : ''}
            </p>
          </>
        )}
      </div>
    </Section>
  );
}
