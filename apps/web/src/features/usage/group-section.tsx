'use client';

import { getRun, type UsageBucket } from '@automatos/sdk';
import { useQueries } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Bar } from '../../components/ui/bar.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Select } from '../../components/ui/input.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { formatCompact, formatCostInText, plural } from '../../lib/format.ts';
import { measureOf } from './stack-days.ts';
import { useUsageBy } from './usage-queries.ts';
import { GROUPINGS, keyLabel, type Grouping } from './usage-words.ts';

const FEW = 8;

/** Titles of runs by id, as far as they could be read; runs may be deleted. */
function useRunTitles(ids: readonly string[]): ReadonlyMap<string, string> {
  const client = useApi();
  const runs = useQueries({
    queries: ids.map((id) => ({
      queryKey: ['runs', 'title', id],
      queryFn: async ({ signal }: { signal: AbortSignal }) =>
        (await getRun({ client, path: { run_id: id }, signal })).data.title,
      staleTime: Number.POSITIVE_INFINITY,
    })),
  });
  return new Map(
    ids.flatMap((id, index) => {
      const title = runs[index]?.data;
      return title === undefined ? [] : [[id, title] as const];
    }),
  );
}

function Key({
  by,
  bucket,
  titles,
}: {
  by: Grouping;
  bucket: UsageBucket;
  titles: ReadonlyMap<string, string>;
}) {
  const look = 'font-medium text-accent-strong underline underline-offset-2 wrap-anywhere';
  if (by === 'run' && bucket.key !== '') {
    return (
      <Link href={`/runs/${bucket.key}`} className={look}>
        {titles.get(bucket.key) ?? bucket.key.slice(0, 13)}
      </Link>
    );
  }
  if (by === 'agent' && bucket.key !== '') {
    return (
      <Link href={`/usage?tab=calls&agent=${encodeURIComponent(bucket.key)}`} className={look}>
        {bucket.key}
      </Link>
    );
  }
  if (by === 'provider') {
    return (
      <Link href={`/providers/${encodeURIComponent(bucket.key)}`} className={look}>
        {bucket.key}
      </Link>
    );
  }
  return <span className="font-medium wrap-anywhere">{keyLabel(by, bucket.key)}</span>;
}

/** What groups of calls cost, side by side. */
export function GroupSection({ days }: { days: number }) {
  const [by, setBy] = useState<Grouping>('model');
  const [all, setAll] = useState(false);
  const usage = useUsageBy(by, days);
  const items = (usage.data?.items ?? []).toSorted(
    (a, b) =>
      measureOf(b, 'cost') - measureOf(a, 'cost') ||
      measureOf(b, 'tokens') - measureOf(a, 'tokens'),
  );
  const shown = all ? items : items.slice(0, FEW);
  const titles = useRunTitles(
    by === 'run' ? shown.flatMap(({ key }) => (key === '' ? [] : [key])) : [],
  );
  // Without any cost the tokens are compared, so that free models have a picture too.
  const measure = items.some((item) => measureOf(item, 'cost') > 0) ? 'cost' : 'tokens';
  const most = Math.max(1, ...items.map((item) => measureOf(item, measure)));
  return (
    <Section
      title="Compared"
      actions={
        <Select
          aria-label="Compared by"
          className="max-w-40"
          value={by}
          onChange={({ target }) => {
            setBy(target.value as Grouping);
            setAll(false);
          }}
        >
          {Object.entries(GROUPINGS).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      }
    >
      {usage.isError && usage.data === undefined ? (
        <ErrorState
          what="Usage could not be loaded"
          error={usage.error}
          onRetry={() => void usage.refetch()}
        />
      ) : usage.data === undefined ? (
        <div className="p-5">
          <SkeletonList label="comparison" rows={4} height="h-10" />
        </div>
      ) : items.length === 0 ? (
        <p className="px-5 py-4 text-sm text-ink-soft">No call in this time.</p>
      ) : (
        <>
          <ul
            aria-label={`Usage by ${GROUPINGS[by].toLowerCase()}`}
            className="divide-y divide-line"
          >
            {shown.map((bucket) => (
              <li key={bucket.key} className="px-5 py-3 text-sm">
                <p className="flex flex-wrap items-baseline justify-between gap-x-4">
                  <Key by={by} bucket={bucket} titles={titles} />
                  <span className="font-medium tabular-nums">
                    {formatCostInText(bucket.cost_micros)}
                  </span>
                </p>
                <Bar
                  className="mt-1.5"
                  parts={[{ from: 0, to: measureOf(bucket, measure) / most, tone: 'accent' }]}
                />
                <p className="mt-1 text-xs text-ink-soft tabular-nums">
                  {plural(bucket.calls, 'call')}, {formatCompact(bucket.input_tokens)} tokens in,{' '}
                  {formatCompact(bucket.output_tokens)} out
                  {bucket.unpriced_calls === 0 ? null : (
                    <span className="text-warn">
                      , {plural(bucket.unpriced_calls, 'call')} of unknown price
                    </span>
                  )}
                </p>
              </li>
            ))}
          </ul>
          <div className="flex flex-wrap items-center justify-between gap-2 border-t border-line px-5 py-2.5">
            <p className="text-xs text-ink-soft">
              Bars compare {measure === 'cost' ? 'known cost' : 'tokens: no call has a cost'}.
            </p>
            {items.length > FEW ? (
              <Button size="sm" variant="ghost" onClick={() => setAll(!all)}>
                {all ? 'Show the first few' : `Show all ${items.length}`}
              </Button>
            ) : null}
          </div>
        </>
      )}
    </Section>
  );
}
