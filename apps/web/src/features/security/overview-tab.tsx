'use client';

import { getSecurityOverview } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import type { ReactNode } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge } from '../../components/ui/badge.tsx';
import { Bar } from '../../components/ui/bar.tsx';
import { Card, Section } from '../../components/ui/card.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Skeleton, SkeletonList } from '../../components/ui/skeleton.tsx';
import { formatNumber, plural } from '../../lib/format.ts';
import { replaceSearchParams } from '../../lib/use-search-param.ts';
import { fillDays } from './fill-days.ts';
import {
  CATEGORIES,
  LEVEL_ORDER,
  LEVELS,
  type Category,
  type Overview,
  type Scope,
} from './security-words.ts';

const DayChart = dynamic(async () => (await import('./day-chart.tsx')).DayChart, {
  ssr: false,
  loading: () => <Skeleton className="h-55" />,
});

const DAYS = 14;

function Figure({ label, value, note }: { label: string; value: ReactNode; note?: string }) {
  return (
    <Card className="p-4">
      <p className="text-sm text-ink-soft">{label}</p>
      <p className="mt-1 text-2xl font-semibold tabular-nums">{value}</p>
      {note === undefined ? null : <p className="mt-1 text-[0.8125rem] text-ink-soft">{note}</p>}
    </Card>
  );
}

const inMilliseconds = (microseconds: number) => `${(microseconds / 1000).toFixed(2)} ms`;

function Figures({ overview }: { overview: Overview }) {
  const { detector } = overview;
  return (
    <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Figure
        label="Assessed"
        value={formatNumber(overview.assessed)}
        note={`${formatNumber(overview.scored)} with a score`}
      />
      <Figure
        label="Acted on"
        value={formatNumber(overview.enforced)}
        note="asked, slowed down or blocked"
      />
      <Figure label="Blocks in force" value={formatNumber(overview.blocks_active)} />
      <Figure
        label="The detector takes"
        value={inMilliseconds(detector.latency_p50_us)}
        note={`at the median; 95 of 100 within ${inMilliseconds(detector.latency_p95_us)}`}
      />
    </div>
  );
}

/** Failures of the detector itself: requests went on under the other walls, and somebody should know. */
function DetectorNotes({ detector }: { detector: Overview['detector'] }) {
  if (detector.failed === 0 && detector.dropped === 0) return null;
  return (
    <p role="status" className="rounded-card bg-warn-soft p-4 text-sm text-warn">
      Since this process started {plural(detector.failed, 'request')} went on without an assessment
      and {plural(detector.dropped, 'assessment')} could not be stored. Sign-in and permissions do
      not depend on the detector; the log says what failed.
    </p>
  );
}

function Days({ overview }: { overview: Overview }) {
  return (
    <Section title="By day">
      <div className="p-4">
        <ul aria-label="Levels" className="mb-3 flex flex-wrap gap-x-5 gap-y-1 text-sm">
          {LEVEL_ORDER.map((level) => (
            <li key={level} className="inline-flex items-center gap-1.5 text-ink-soft">
              <span
                aria-hidden
                className="size-2.5 rounded-sm"
                style={{ background: LEVELS[level].colour }}
              />
              {LEVELS[level].label}
              <span className="font-medium text-ink tabular-nums">
                {formatNumber(overview.by_level.find(({ key }) => key === level)?.count ?? 0)}
              </span>
            </li>
          ))}
        </ul>
        <div aria-hidden>
          <DayChart days={fillDays(overview, DAYS)} />
        </div>
        <table className="sr-only">
          <caption>Scored requests by day</caption>
          <thead>
            <tr>
              <th scope="col">Day</th>
              {LEVEL_ORDER.map((level) => (
                <th key={level} scope="col">
                  {LEVELS[level].label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {overview.by_day.map((day) => (
              <tr key={day.day}>
                <th scope="row">{day.day}</th>
                {LEVEL_ORDER.map((level) => (
                  <td key={level}>{day[level]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function Counted({
  title,
  empty,
  rows,
}: {
  title: string;
  empty: string;
  rows: { key: string; label: string; count: number; note?: ReactNode; open: () => void }[];
}) {
  const most = Math.max(1, ...rows.map(({ count }) => count));
  return (
    <Section title={title}>
      {rows.length === 0 ? (
        <p className="p-5 text-sm text-ink-soft">{empty}</p>
      ) : (
        <ul className="divide-y divide-line">
          {rows.map((row) => (
            <li key={row.key} className="px-5 py-2.5 text-sm">
              <p className="flex items-baseline justify-between gap-3">
                <button
                  type="button"
                  onClick={row.open}
                  className="-my-2 inline-flex min-h-9 items-center text-left font-medium wrap-anywhere hover:text-accent-strong"
                >
                  {row.label}
                </button>
                <span className="flex items-baseline gap-2 whitespace-nowrap tabular-nums">
                  {row.note}
                  {formatNumber(row.count)}
                </span>
              </p>
              <Bar
                className="mt-1.5 h-1.5"
                parts={[{ from: 0, to: row.count / most, tone: 'accent' }]}
              />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

const openAssessments = (changes: Record<string, string>) =>
  replaceSearchParams({ tab: 'assessments', ...changes });

/** How many threats of which kind, from whom, and how the detector does. */
export function OverviewTab({ scope }: { scope: Scope }) {
  const client = useApi();
  const query = useQuery({
    queryKey: ['security', 'overview', scope],
    queryFn: async ({ signal }) =>
      (await getSecurityOverview({ client, query: { scope, days: DAYS }, signal })).data,
    refetchInterval: 15_000,
  });
  const overview = query.data;
  if (query.isError && overview === undefined) {
    return (
      <ErrorState
        what="The overview could not be loaded"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (overview === undefined) return <SkeletonList label="overview" rows={3} height="h-32" />;
  return (
    <div className="grid gap-6">
      <Figures overview={overview} />
      <DetectorNotes detector={overview.detector} />
      <Days overview={overview} />
      <div className="grid items-start gap-6 lg:grid-cols-3">
        <Counted
          title="By kind"
          empty={`Nothing suspicious in ${DAYS} days.`}
          rows={overview.by_category.map(({ key, count }) => ({
            key,
            label: CATEGORIES[key as Category] ?? key,
            count,
            open: () => openAssessments({ category: key }),
          }))}
        />
        <Counted
          title="By caller"
          empty="No caller stands out."
          rows={overview.top_principals.map((row) => ({
            key: `${row.kind}:${row.id}`,
            label: row.name || row.id || row.kind,
            count: row.count,
            note: <span className="text-ink-soft">up to {row.score_max} ·</span>,
            open: () => openAssessments({ principal: row.id || row.kind }),
          }))}
        />
        <Counted
          title="By address"
          empty="No address stands out."
          rows={overview.top_addresses.map((row) => ({
            key: row.address,
            label: row.address,
            count: row.count,
            note: row.blocked ? <Badge tone="bad">blocked</Badge> : undefined,
            open: () => openAssessments({ address: row.address }),
          }))}
        />
      </div>
    </div>
  );
}
