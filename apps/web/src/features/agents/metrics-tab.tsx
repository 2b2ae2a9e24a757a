'use client';

import { getAgentMetrics, getAgentUsage, type Agent, type AgentMetrics } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useApi } from '../../components/api-context.ts';
import { Section } from '../../components/ui/card.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Select } from '../../components/ui/input.tsx';
import { Skeleton, SkeletonList } from '../../components/ui/skeleton.tsx';
import {
  formatCompact,
  formatCost,
  formatDuration,
  formatNumber,
  plural,
} from '../../lib/format.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { Stat } from '../dashboard/stat.tsx';

const TurnsChart = dynamic(async () => (await import('./turns-chart.tsx')).TurnsChart, {
  ssr: false,
  loading: () => <Skeleton className="h-56" />,
});

const NONE = '–';
const percent = (share: number | null) => (share === null ? NONE : `${Math.round(share * 100)} %`);
const time = (ms: number | null) => (ms === null ? NONE : formatDuration(ms));

function Figures({ metrics }: { metrics: AgentMetrics }) {
  const { feedback, last_100: last } = metrics;
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-4">
      <Stat label="Turns" value={formatNumber(metrics.turns)} note={plural(metrics.runs, 'run')} />
      <Stat
        label="Success rate"
        value={percent(metrics.success_rate)}
        note={`${percent(last.success_rate)} of the last ${last.turns}`}
      />
      <Stat
        label="Mean time"
        value={time(metrics.duration_ms_mean)}
        note={`95 % within ${time(metrics.duration_ms_p95)}`}
      />
      <Stat
        label="Quality"
        value={percent(metrics.quality_mean)}
        note={`${plural(metrics.quality_rated, 'turn')} rated`}
      />
      <Stat
        label="Tokens"
        value={formatCompact(metrics.input_tokens + metrics.output_tokens)}
        note={plural(metrics.model_calls, 'model call')}
      />
      <Stat label="Cost" value={formatCost(metrics.cost_micros)} />
      <Stat
        label="Tool calls"
        value={formatNumber(metrics.tool_calls)}
        note={plural(metrics.tool_failures, 'failure')}
      />
      <Stat
        label="Feedback"
        value={feedback.mean === null ? NONE : `${feedback.mean.toFixed(1)} / 5`}
        note={`${feedback.up} up, ${feedback.down} down`}
      />
      <Stat
        label="Utilisation"
        value={percent(metrics.utilisation)}
        note={`${metrics.working} working now`}
      />
      <Stat label="Findings" value={formatNumber(metrics.findings)} />
    </dl>
  );
}

function UsedBy({ agent, days }: { agent: Agent; days: number }) {
  const client = useApi();
  const usage = useQuery({
    queryKey: ['agents', 'usage', agent.id, days],
    queryFn: async ({ signal }) =>
      (await getAgentUsage({ client, path: { agent_id: agent.id }, query: { days }, signal })).data,
  });
  if (usage.data === undefined) return null;
  const { used_by: users, by_model: models } = usage.data;
  return (
    <>
      {models.length === 0 ? null : (
        <Section title="Models">
          <ul className="divide-y divide-line text-sm">
            {models.map((row) => (
              <li
                key={`${row.provider} ${row.model}`}
                className="flex flex-wrap justify-between gap-x-4 px-5 py-2.5"
              >
                <span className="font-mono text-[0.8125rem]">
                  {row.provider}/{row.model}
                </span>
                <span className="text-ink-soft tabular-nums">
                  {plural(row.calls, 'call')}, {formatCompact(row.input_tokens + row.output_tokens)}{' '}
                  tokens{row.offline ? '' : `, ${formatCost(row.cost_micros)}`}
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {users.recipes.length === 0 && users.patterns.length === 0 ? null : (
        <Section title="Used by">
          <ul className="divide-y divide-line text-sm">
            {users.recipes.map((slug) => (
              <li key={slug} className="px-5 py-2.5">
                Recipe{' '}
                <Link href={`/recipes/${slug}`} className="text-accent-strong underline">
                  {slug}
                </Link>
              </li>
            ))}
            {users.patterns.map((slug) => (
              <li key={slug} className="px-5 py-2.5">
                Pattern {slug}
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

/** How much an agent does, how well, and for whom. */
export function MetricsTab({ agent }: { agent: Agent }) {
  const client = useApi();
  const [chosen, setChosen] = useSearchParam('days');
  const days = [7, 30, 90].find((each) => String(each) === chosen) ?? 30;
  const metrics = useQuery({
    queryKey: ['agents', 'metrics', agent.id, days],
    queryFn: async ({ signal }) =>
      (await getAgentMetrics({ client, path: { agent_id: agent.id }, query: { days }, signal }))
        .data,
  });
  return (
    <div className="grid grid-cols-1 gap-8">
      <Section
        title="Figures"
        bare
        actions={
          <Select
            aria-label="Period"
            className="w-40!"
            value={String(days)}
            onChange={({ target }) => setChosen(target.value)}
          >
            <option value="7">7 days</option>
            <option value="30">30 days</option>
            <option value="90">90 days</option>
          </Select>
        }
      >
        {metrics.isError ? (
          <ErrorState
            what="The figures could not be loaded"
            error={metrics.error}
            onRetry={() => void metrics.refetch()}
          />
        ) : metrics.data === undefined ? (
          <SkeletonList label="figures" rows={2} height="h-24" />
        ) : (
          <Figures metrics={metrics.data} />
        )}
      </Section>
      {metrics.data === undefined || metrics.data.turns === 0 ? null : (
        <Section title="Turns per day">
          <div className="p-4">
            <TurnsChart days={metrics.data.by_day} />
          </div>
        </Section>
      )}
      {metrics.data?.turns === 0 ? (
        <p className="text-sm text-ink-soft">It has not worked in these days.</p>
      ) : null}
      <UsedBy agent={agent} days={days} />
    </div>
  );
}
