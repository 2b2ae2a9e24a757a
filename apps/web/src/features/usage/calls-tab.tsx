'use client';

import { ListTree, X } from 'lucide-react';
import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import { Badge, type Tone } from '../../components/ui/badge.tsx';
import { Button, ButtonLink } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Select } from '../../components/ui/input.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { Table, type Column } from '../../components/ui/table.tsx';
import {
  formatCost,
  formatDateTime,
  formatDuration,
  formatNumber,
  sentence,
} from '../../lib/format.ts';
import { useMedia } from '../../lib/use-media.ts';
import { replaceSearchParams } from '../../lib/use-search-param.ts';
import { useAgentSlugs } from '../agents/use-agent-slugs.ts';
import { CacheBadge } from '../providers/cache-badge.tsx';
import { useProviders } from '../providers/provider-queries.ts';
import { useCalls, type CallFilter, type LlmCall } from './usage-queries.ts';

const STATUS: Record<string, { label: string; tone: Tone }> = {
  success: { label: 'Answered', tone: 'ok' },
  error: { label: 'Failed', tone: 'bad' },
  timeout: { label: 'Timed out', tone: 'bad' },
  rate_limited: { label: 'Rate limited', tone: 'warn' },
  cancelled: { label: 'Cancelled', tone: 'idle' },
};

const SOURCES: Record<LlmCall['source'], string> = {
  run: 'Run',
  api: 'API',
  judge: 'Judge',
  trial: 'Trial',
  platform: 'Platform',
};

const KINDS: Record<LlmCall['kind'], string | null> = {
  chat: null,
  embedding: 'Embedding',
  rerank: 'Reranking',
};

function Status({ call }: { call: LlmCall }) {
  const look = STATUS[call.status] ?? { label: sentence(call.status), tone: 'idle' as const };
  return (
    <span className="flex flex-wrap gap-1">
      <Badge tone={look.tone}>{look.label}</Badge>
      <CacheBadge cache={call.cache} />
    </span>
  );
}

function Source({ call }: { call: LlmCall }) {
  return (
    <>
      {call.run_id === null ? (
        SOURCES[call.source]
      ) : (
        <Link
          href={`/runs/${call.run_id}`}
          className="font-medium text-accent-strong underline underline-offset-2"
        >
          {SOURCES[call.source]}
        </Link>
      )}
      {call.agent === null ? null : (
        <span className="block text-xs text-ink-soft wrap-anywhere">{call.agent}</span>
      )}
    </>
  );
}

function Cost({ call }: { call: LlmCall }) {
  return call.cost_micros === null ? (
    <span className="text-warn">unknown</span>
  ) : (
    formatCost(call.cost_micros)
  );
}

const COLUMNS: Column<LlmCall>[] = [
  {
    key: 'at',
    header: 'Time',
    cell: (call) => (
      <time dateTime={call.at} className="whitespace-nowrap">
        {formatDateTime(call.at)}
      </time>
    ),
  },
  {
    key: 'model',
    header: 'Model',
    cell: (call) => (
      <>
        <span className="font-mono text-[0.8125rem] wrap-anywhere">
          {call.provider}/{call.model}
        </span>
        {KINDS[call.kind] === null ? null : (
          <span className="block text-xs text-ink-soft">{KINDS[call.kind]}</span>
        )}
      </>
    ),
  },
  { key: 'source', header: 'Who asked', cell: (call) => <Source call={call} /> },
  { key: 'status', header: 'Outcome', cell: (call) => <Status call={call} /> },
  {
    key: 'tokens',
    header: 'Tokens in, out',
    align: 'right',
    cell: (call) => (
      <>
        {formatNumber(call.input_tokens)}, {formatNumber(call.output_tokens)}
        {call.cached_input_tokens === 0 ? null : (
          <span className="block text-xs text-ink-soft">
            {formatNumber(call.cached_input_tokens)} cached by the vendor
          </span>
        )}
        {call.estimated ? <span className="block text-xs text-ink-soft">estimated</span> : null}
      </>
    ),
  },
  {
    key: 'cost',
    header: 'Cost',
    align: 'right',
    cell: (call) => <Cost call={call} />,
  },
  {
    key: 'duration',
    header: 'Time taken',
    align: 'right',
    cell: (call) => formatDuration(call.duration_ms),
  },
];

/** The same as a list, where a table has no room. */
function CallList({ calls }: { calls: readonly LlmCall[] }) {
  return (
    <ul aria-label="Model calls" className="divide-y divide-line">
      {calls.map((call) => (
        <li key={call.id} className="px-5 py-3.5 text-sm">
          <p className="flex items-baseline justify-between gap-3">
            <span className="min-w-0 font-mono text-[0.8125rem] wrap-anywhere">
              {call.provider}/{call.model}
            </span>
            <span className="shrink-0 font-medium tabular-nums">
              <Cost call={call} />
            </span>
          </p>
          <div className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1">
            <Status call={call} />
            <span>
              <Source call={call} />
            </span>
          </div>
          <p className="mt-1 text-[0.8125rem] text-ink-soft tabular-nums">
            <time dateTime={call.at}>{formatDateTime(call.at)}</time>,{' '}
            {formatDuration(call.duration_ms)}, {formatNumber(call.input_tokens)} in,{' '}
            {formatNumber(call.output_tokens)} out{call.estimated ? ', estimated' : ''}
          </p>
        </li>
      ))}
    </ul>
  );
}

/** Single model calls, newest first. */
export function CallsTab() {
  const params = useSearchParams();
  const [provider, agent, run] = ['provider', 'agent', 'run'].map((name) => params.get(name) ?? '');
  const filter: CallFilter = {
    ...(provider ? { provider } : {}),
    ...(agent ? { agent } : {}),
    ...(run ? { run_id: run } : {}),
  };
  const providers = useProviders().data ?? [];
  const agents = useAgentSlugs();
  const { query, items } = useCalls(filter);
  const wide = useMedia('(min-width: 48rem)');
  const filtered = Object.keys(filter).length > 0;
  const clear = () => replaceSearchParams({ provider: null, agent: null, run: null });
  return (
    <>
      <div
        role="search"
        aria-label="Model calls"
        className="mb-4 grid grid-cols-2 gap-2 sm:flex sm:flex-wrap"
      >
        <Select
          aria-label="Provider"
          className="sm:max-w-56"
          value={provider ?? ''}
          onChange={({ target }) => replaceSearchParams({ provider: target.value })}
        >
          <option value="">Every provider</option>
          {providers
            .filter((each) => each.usable)
            .map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
        </Select>
        <Select
          aria-label="Agent"
          className="sm:max-w-56"
          value={agent ?? ''}
          onChange={({ target }) => replaceSearchParams({ agent: target.value })}
        >
          <option value="">Every agent</option>
          {agents.map((slug) => (
            <option key={slug} value={slug}>
              {slug}
            </option>
          ))}
        </Select>
        {run ? (
          <Button onClick={() => replaceSearchParams({ run: null })}>
            Run {run.slice(0, 8)} <X aria-hidden className="size-4" />
            <span className="sr-only">, show every run</span>
          </Button>
        ) : null}
      </div>
      <Card>
        {query.isError && items === undefined ? (
          <ErrorState
            what="Calls could not be loaded"
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : items === undefined ? (
          <div className="p-5">
            <SkeletonList label="calls" rows={6} height="h-10" />
          </div>
        ) : items.length === 0 ? (
          <EmptyState
            icon={ListTree}
            title={filtered ? 'No call matches' : 'No model was called yet'}
            action={
              filtered ? (
                <Button onClick={clear}>Show every call</Button>
              ) : (
                <ButtonLink href="/providers?tab=try" variant="primary">
                  Try a model
                </ButtonLink>
              )
            }
          >
            {filtered
              ? 'Change the filters to see others.'
              : 'Each call stands here with who asked, who answered, and what it cost.'}
          </EmptyState>
        ) : !wide ? (
          <CallList calls={items} />
        ) : (
          <Table caption="Model calls" columns={COLUMNS} rows={items} rowKey={(call) => call.id} />
        )}
        <LoadMore query={query} />
      </Card>
    </>
  );
}
