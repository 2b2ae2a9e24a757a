'use client';

import { useQueryClient } from '@tanstack/react-query';
import { BookOpenText, CookingPot, Flame } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import { LiveStateBadge } from '../../components/status/live-state.tsx';
import { ButtonLink } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { formatCompact } from '../../lib/format.ts';
import { useWorkspaceEvents } from '../../lib/use-workspace-events.ts';
import { RunRow } from '../runs/run-row.tsx';
import { useActiveRuns, useHealth, useRecentRuns, useUsageByDay } from './dashboard-queries.ts';
import { HealthCard } from './health-card.tsx';
import { createLiveRunsStore } from './live-runs-store.ts';
import { QuickActions } from './quick-actions.tsx';
import { Stat } from './stat.tsx';
import { costOf } from './fill-days.ts';
import { UsageCard } from './usage-card.tsx';

function Figures() {
  const health = useHealth().data;
  const today = useUsageByDay(1).data;
  const ended = health === undefined ? 0 : health.runs.completed_24h + health.runs.failed_24h;
  const success =
    health === undefined
      ? undefined
      : ended === 0
        ? '–'
        : `${Math.round((health.runs.completed_24h / ended) * 100)} %`;
  return (
    <dl className="grid grid-cols-2 gap-3 sm:gap-4 xl:grid-cols-4">
      <Stat
        label="Running now"
        value={health?.runs.running}
        note={
          health === undefined
            ? undefined
            : `${health.runs.queued} queued, ${health.runs.paused} paused`
        }
      />
      <Stat
        label="Ended in 24 h"
        value={health === undefined ? undefined : ended}
        note={health === undefined ? undefined : `${health.runs.failed_24h} failed`}
      />
      <Stat
        label="Success in 24 h"
        value={success}
        note={ended === 0 ? 'no run ended yet' : 'completed of ended'}
      />
      <Stat
        label="Model cost today"
        value={today === undefined ? undefined : costOf(today.total)}
        note={
          today === undefined
            ? undefined
            : `${formatCompact(today.total.input_tokens + today.total.output_tokens)} tokens (UTC day)`
        }
      />
    </dl>
  );
}

function LiveRuns({
  steps,
}: {
  steps: Readonly<Record<string, Readonly<Record<string, string>>>>;
}) {
  const active = useActiveRuns();
  return (
    <Section title="Live runs">
      {active.isError ? (
        <ErrorState
          what="Live runs could not be loaded"
          error={active.error}
          onRetry={() => void active.refetch()}
        />
      ) : active.data === undefined ? (
        <div className="p-5">
          <SkeletonList label="live runs" rows={1} />
        </div>
      ) : active.data.length === 0 ? (
        <p className="flex items-center gap-3 px-5 py-5 text-sm text-ink-soft">
          <CookingPot aria-hidden className="size-5" /> Nothing is cooking right now.
        </p>
      ) : (
        <ul aria-label="Live runs" className="divide-y divide-line">
          {active.data.map((run) => {
            const names = Object.values(steps[run.id] ?? {});
            return (
              <RunRow
                key={run.id}
                run={run}
                note={names.length === 0 ? undefined : `Now: ${names.join(', ')}`}
              />
            );
          })}
        </ul>
      )}
    </Section>
  );
}

function RecentRuns() {
  const recent = useRecentRuns();
  return (
    <Section
      title="Recent runs"
      actions={
        <ButtonLink href="/runs" size="sm" variant="ghost">
          All runs
        </ButtonLink>
      }
    >
      {recent.isError ? (
        <ErrorState
          what="Recent runs could not be loaded"
          error={recent.error}
          onRetry={() => void recent.refetch()}
        />
      ) : recent.data === undefined ? (
        <div className="p-5">
          <SkeletonList label="recent runs" />
        </div>
      ) : recent.data.items.length === 0 ? (
        <EmptyState
          icon={Flame}
          title="Cook your first recipe"
          action={
            <>
              <ButtonLink href="/recipes/repository-health-review?cook=1" variant="primary">
                Review a repository
              </ButtonLink>
              <ButtonLink href="/recipes">See all recipes</ButtonLink>
            </>
          }
        >
          Point “Repository health review” at a folder on this machine: agents read the real files
          and write a report in which every finding has its file and line. No API key is needed.
        </EmptyState>
      ) : (
        <ul aria-label="Recent runs" className="divide-y divide-line">
          {recent.data.items.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </ul>
      )}
    </Section>
  );
}

export function Dashboard() {
  const queries = useQueryClient();
  const [store] = useState(createLiveRunsStore);
  const steps = useStore(store, (state) => state.steps);
  const refresh = () => {
    for (const key of ['runs', 'system-health', 'llm-usage']) {
      void queries.invalidateQueries({ queryKey: [key] });
    }
  };
  const live = useWorkspaceEvents(
    (events) => {
      store.getState().read(events);
      if (events.some((event) => event.type.startsWith('run.'))) refresh();
    },
    () => {
      store.getState().forget();
      refresh();
    },
  );
  return (
    <>
      <PageHeader
        title="Dashboard"
        lead="What your agents are doing, and what it costs."
        actions={
          <>
            <span className="inline-flex items-center">
              <LiveStateBadge state={live} />
            </span>
            <ButtonLink href="/recipes" variant="primary">
              <BookOpenText aria-hidden className="size-4" /> Cook a recipe
            </ButtonLink>
          </>
        }
      />
      <Figures />
      <div className="mt-8 grid grid-cols-1 gap-8 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="grid min-w-0 grid-cols-1 content-start gap-8">
          <LiveRuns steps={steps} />
          <RecentRuns />
          <UsageCard />
        </div>
        <div className="grid grid-cols-1 content-start gap-8">
          <QuickActions />
          <HealthCard />
        </div>
      </div>
    </>
  );
}
