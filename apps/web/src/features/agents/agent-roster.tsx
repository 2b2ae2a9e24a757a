'use client';

import { getAgentStats, listAgents, listAgentTypes, type Agent } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { Bot, LayoutGrid, Network, Plus, Rows3, Upload } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge } from '../../components/ui/badge.tsx';
import { Button, ButtonLink, IconButton } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Input, Select } from '../../components/ui/input.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { formatNumber, plural, sentence } from '../../lib/format.ts';
import { useDebounced } from '../../lib/use-debounced.ts';
import { usePaged } from '../../lib/use-paged.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { useMay } from '../session/use-session.ts';
import { AgentStatusBadge } from './agent-status.tsx';

const AgentTable = dynamic(async () => (await import('./agent-table.tsx')).AgentTable, {
  loading: () => <SkeletonList label="agents" rows={6} height="h-14" />,
});
const ImportDialog = dynamic(async () => (await import('./import-dialog.tsx')).ImportDialog, {
  ssr: false,
});

const STATUSES = ['draft', 'active', 'paused', 'error', 'retired'] as const;

function AgentCard({ agent }: { agent: Agent }) {
  return (
    <li>
      <Card className="relative flex h-full flex-col p-5 hover:border-line-strong/60">
        <div className="flex items-start justify-between gap-3">
          <h2 className="text-lg font-semibold">
            <Link
              href={`/agents/${agent.slug}`}
              className="after:absolute after:inset-0 hover:text-accent-strong"
            >
              {agent.name}
            </Link>
          </h2>
          <AgentStatusBadge status={agent.status} />
        </div>
        <p className="mt-1.5 line-clamp-3 text-sm text-ink-soft">{agent.description}</p>
        <div className="mt-auto flex flex-wrap gap-1.5 pt-4">
          <Badge tone="accent">{sentence(agent.category)}</Badge>
          <Badge>{plural(agent.tools.length, 'tool')}</Badge>
          {agent.persona === null ? null : <Badge>{agent.persona}</Badge>}
        </div>
      </Card>
    </li>
  );
}

/** What all agents did lately, in one line. */
function StatsLine() {
  const client = useApi();
  const stats = useQuery({
    queryKey: ['agents', 'stats'],
    queryFn: async ({ signal }) =>
      (await getAgentStats({ client, query: { days: 30 }, signal })).data,
  });
  if (stats.data === undefined) return null;
  const { total, working, turns, success_rate: rate } = stats.data;
  const parts = [
    plural(total, 'agent'),
    `${working} working now`,
    `${formatNumber(turns)} turns in 30 days`,
    rate === null ? null : `${Math.round(rate * 100)} % of them successful`,
  ].filter((part) => part !== null);
  return <p className="mb-5 text-sm text-ink-soft tabular-nums">{parts.join(' · ')}</p>;
}

function Filters({ search, onSearch }: { search: string; onSearch: (text: string) => void }) {
  const client = useApi();
  const [category, setCategory] = useSearchParam('category');
  const [status, setStatus] = useSearchParam('status');
  const [view, setView] = useSearchParam('view');
  const types = useQuery({
    queryKey: ['agents', 'types'],
    queryFn: async ({ signal }) => (await listAgentTypes({ client, signal })).data.items,
  });
  const table = view === 'table';
  return (
    <div
      role="search"
      aria-label="Agents"
      className="mb-5 grid gap-2 sm:grid-cols-[minmax(0,24rem)_13rem_11rem_auto]"
    >
      <Input
        type="search"
        aria-label="Search agents"
        placeholder="Search by name or description"
        value={search}
        onChange={(event) => onSearch(event.target.value)}
      />
      <Select
        aria-label="Category"
        value={category ?? ''}
        onChange={(event) => setCategory(event.target.value)}
      >
        <option value="">Every category</option>
        {types.data?.map((type) => (
          <option key={type.category} value={type.category}>
            {sentence(type.category)} ({type.count})
          </option>
        ))}
      </Select>
      <Select
        aria-label="Status"
        value={status ?? ''}
        onChange={(event) => setStatus(event.target.value)}
      >
        <option value="">Every status</option>
        {STATUSES.map((each) => (
          <option key={each} value={each}>
            {sentence(each)}
          </option>
        ))}
      </Select>
      <div className="hidden justify-end sm:flex">
        <IconButton
          label={table ? 'Show cards' : 'Show a table'}
          onClick={() => setView(table ? null : 'table')}
        >
          {table ? (
            <LayoutGrid aria-hidden className="size-5" />
          ) : (
            <Rows3 aria-hidden className="size-5" />
          )}
        </IconButton>
      </div>
    </div>
  );
}

function useAgents(search: string) {
  const client = useApi();
  const [category] = useSearchParam('category');
  const [asked] = useSearchParam('status');
  const status = STATUSES.find((each) => each === asked);
  const filter = {
    ...(search === '' ? {} : { search }),
    ...(category === null ? {} : { category }),
    ...(status === undefined ? {} : { status }),
  };
  return usePaged(['agents', 'list', filter], async (cursor, signal) => {
    const paging = { limit: 24, ...(cursor === undefined ? {} : { cursor }) };
    return (await listAgents({ client, query: { ...filter, ...paging }, signal })).data;
  });
}

export function AgentRoster() {
  const mayWrite = useMay('agents:write');
  const [search, setSearch] = useState('');
  const [importing, setImporting] = useState(false);
  const [view] = useSearchParam('view');
  const { query, items } = useAgents(useDebounced(search.trim()));
  return (
    <>
      <PageHeader
        title="Agents"
        lead="Workers with a persona, a model and the tools they may use."
        actions={
          <>
            <ButtonLink href="/agents/patterns">
              <Network aria-hidden className="size-4" /> Patterns
            </ButtonLink>
            {mayWrite ? (
              <>
                <Button onClick={() => setImporting(true)}>
                  <Upload aria-hidden className="size-4" /> Import
                </Button>
                <ButtonLink href="/agents/new" variant="primary">
                  <Plus aria-hidden className="size-4" /> New agent
                </ButtonLink>
              </>
            ) : null}
          </>
        }
      />
      <StatsLine />
      <Filters search={search} onSearch={setSearch} />
      {query.isError ? (
        <ErrorState
          what="Agents could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : items === undefined ? (
        <SkeletonList label="agents" rows={3} height="h-36" />
      ) : items.length === 0 ? (
        <Card>
          <EmptyState icon={Bot} title="No agent matches">
            Change the category or search for something else.
          </EmptyState>
        </Card>
      ) : view === 'table' ? (
        <AgentTable agents={items} mayWrite={mayWrite} />
      ) : (
        <ul aria-label="Agents" className="grid gap-5 sm:grid-cols-2 xl:grid-cols-3">
          {items.map((agent) => (
            <AgentCard key={agent.id} agent={agent} />
          ))}
        </ul>
      )}
      <LoadMore query={query} />
      {importing ? <ImportDialog onClose={() => setImporting(false)} /> : null}
    </>
  );
}
