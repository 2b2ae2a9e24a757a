'use client';

import { listRuns, type RunStatus } from '@automatos/sdk';
import { useQueryClient } from '@tanstack/react-query';
import { CookingPot } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../components/app-providers.tsx';
import { LiveStateBadge } from '../../components/status/live-state.tsx';
import { RUN_LOOKS } from '../../components/status/run-status.tsx';
import { ButtonLink } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Input, Select } from '../../components/ui/input.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { plural } from '../../lib/format.ts';
import { useDebounced } from '../../lib/use-debounced.ts';
import { usePaged } from '../../lib/use-paged.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { useWorkspaceEvents } from '../../lib/use-workspace-events.ts';
import { useRecipeNames } from '../recipes/recipe-queries.ts';
import { RunRow } from './run-row.tsx';

const STATUSES = Object.keys(RUN_LOOKS) as RunStatus[];

function Filters({ search, onSearch }: { search: string; onSearch: (search: string) => void }) {
  const [status, setStatus] = useSearchParam('status');
  const [recipe, setRecipe] = useSearchParam('recipe');
  const recipes = useRecipeNames();
  return (
    <div
      role="search"
      aria-label="Runs"
      className="mb-4 grid grid-cols-2 gap-2 sm:grid-cols-[1fr_12rem_14rem]"
    >
      <Input
        type="search"
        className="col-span-2 sm:col-span-1"
        aria-label="Search runs"
        placeholder="Search by title"
        value={search}
        onChange={(event) => onSearch(event.target.value)}
      />
      <Select
        aria-label="Status"
        value={status ?? ''}
        onChange={(event) => setStatus(event.target.value)}
      >
        <option value="">Every status</option>
        {STATUSES.map((each) => (
          <option key={each} value={each}>
            {RUN_LOOKS[each].label}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Recipe"
        value={recipe ?? ''}
        onChange={(event) => setRecipe(event.target.value)}
      >
        <option value="">Every recipe</option>
        {recipes?.map((each) => (
          <option key={each.slug} value={each.slug}>
            {each.name}
          </option>
        ))}
      </Select>
    </div>
  );
}

export function RunList() {
  const client = useApi();
  const queries = useQueryClient();
  const [status] = useSearchParam('status');
  const [recipe] = useSearchParam('recipe');
  const [search, setSearch] = useState('');
  const settled = useDebounced(search.trim());
  const filter = {
    ...(STATUSES.includes(status as RunStatus) ? { status: status as RunStatus } : {}),
    ...(recipe === null ? {} : { recipe }),
    ...(settled === '' ? {} : { search: settled }),
  };
  const { query, items, total } = usePaged(['runs', 'list', filter], async (cursor, signal) => {
    const paging = { limit: 25, ...(cursor === undefined ? {} : { cursor }) };
    return (await listRuns({ client, query: { ...filter, ...paging }, signal })).data;
  });
  const refresh = () => void queries.invalidateQueries({ queryKey: ['runs'] });
  const live = useWorkspaceEvents((events) => {
    if (events.some((event) => event.type.startsWith('run.'))) refresh();
  }, refresh);
  const filtered = Object.keys(filter).length > 0;
  return (
    <>
      <PageHeader
        title="Runs"
        lead={
          total === undefined
            ? 'Every execution, newest first.'
            : `${plural(total, 'run')}, newest first.`
        }
        actions={<LiveStateBadge state={live} />}
      />
      <Filters search={search} onSearch={setSearch} />
      {query.isError ? (
        <ErrorState
          what="Runs could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : items === undefined ? (
        <SkeletonList label="runs" rows={6} />
      ) : (
        <Card>
          {items.length === 0 ? (
            <EmptyState
              icon={CookingPot}
              title={filtered ? 'No run matches' : 'Nothing has been cooked yet'}
              action={
                filtered ? undefined : (
                  <ButtonLink href="/recipes" variant="primary">
                    Choose a recipe
                  </ButtonLink>
                )
              }
            >
              {filtered
                ? 'Change the filters or search for something else.'
                : 'Pick a recipe, point it at real data and watch the agents work.'}
            </EmptyState>
          ) : (
            <ul aria-label="Runs" className="divide-y divide-line">
              {items.map((run) => (
                <RunRow key={run.id} run={run} />
              ))}
            </ul>
          )}
          <LoadMore query={query} />
        </Card>
      )}
    </>
  );
}
