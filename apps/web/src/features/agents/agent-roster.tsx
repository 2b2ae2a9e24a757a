'use client';

import { listAgents, listAgentTypes, type Agent } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { Bot } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge } from '../../components/ui/badge.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Input, Select } from '../../components/ui/input.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { plural, sentence } from '../../lib/format.ts';
import { useDebounced } from '../../lib/use-debounced.ts';
import { usePaged } from '../../lib/use-paged.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { AgentStatusBadge } from './agent-status.tsx';

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

export function AgentRoster() {
  const client = useApi();
  const [search, setSearch] = useState('');
  const [category, setCategory] = useSearchParam('category');
  const settled = useDebounced(search.trim());
  const types = useQuery({
    queryKey: ['agents', 'types'],
    queryFn: async ({ signal }) => (await listAgentTypes({ client, signal })).data.items,
  });
  const filter = {
    ...(settled === '' ? {} : { search: settled }),
    ...(category === null ? {} : { category }),
  };
  const { query, items } = usePaged(['agents', 'list', filter], async (cursor, signal) => {
    const paging = { limit: 24, ...(cursor === undefined ? {} : { cursor }) };
    return (await listAgents({ client, query: { ...filter, ...paging }, signal })).data;
  });
  return (
    <>
      <PageHeader
        title="Agents"
        lead="Workers with a persona, a model and the tools they may use."
      />
      <div
        role="search"
        aria-label="Agents"
        className="mb-5 grid gap-2 sm:grid-cols-[minmax(0,24rem)_14rem]"
      >
        <Input
          type="search"
          aria-label="Search agents"
          placeholder="Search by name or description"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
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
      </div>
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
      ) : (
        <ul aria-label="Agents" className="grid gap-5 sm:grid-cols-2 xl:grid-cols-3">
          {items.map((agent) => (
            <AgentCard key={agent.id} agent={agent} />
          ))}
        </ul>
      )}
      <LoadMore query={query} />
    </>
  );
}
