'use client';

import { listRuns, type Run } from '@automatos/sdk';
import { useQueryClient } from '@tanstack/react-query';
import { Columns2, CookingPot } from 'lucide-react';
import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { LiveStateBadge } from '../../components/status/live-state.tsx';
import { Button, ButtonLink } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { plural } from '../../lib/format.ts';
import { usePaged } from '../../lib/use-paged.ts';
import { useWorkspaceEvents } from '../../lib/use-workspace-events.ts';
import { RunFilterBar } from './run-filter-bar.tsx';
import { readFilters, toQuery } from './run-filters.ts';
import { RunRow } from './run-row.tsx';

/** Two chosen runs lead to their comparison. */
function CompareBar({ chosen, onClear }: { chosen: readonly Run[]; onClear: () => void }) {
  if (chosen.length === 0) return null;
  const [left, right] = chosen.toSorted((a, b) => a.created_at.localeCompare(b.created_at));
  return (
    <div
      role="status"
      className="sticky bottom-16 z-20 mt-4 flex flex-wrap items-center justify-between gap-3 rounded-card border border-line bg-surface px-5 py-3 shadow-card lg:bottom-4"
    >
      <p className="text-sm">
        {right === undefined
          ? 'One run chosen. Choose another one to compare it with.'
          : 'Two runs chosen.'}
      </p>
      <div className="flex gap-2">
        <Button size="sm" variant="ghost" onClick={onClear}>
          Clear
        </Button>
        {left === undefined || right === undefined ? null : (
          <ButtonLink
            size="sm"
            variant="primary"
            href={`/runs/compare?left=${left.id}&right=${right.id}`}
          >
            <Columns2 aria-hidden className="size-4" /> Compare
          </ButtonLink>
        )}
      </div>
    </div>
  );
}

export function RunList() {
  const client = useApi();
  const queries = useQueryClient();
  const filters = readFilters(useSearchParams());
  const filter = toQuery(filters);
  const [chosen, setChosen] = useState<readonly Run[]>([]);
  // A third one takes the place of the one chosen first.
  const choose = (run: Run) =>
    setChosen((before) =>
      before.some((each) => each.id === run.id)
        ? before.filter((each) => each.id !== run.id)
        : [...before.slice(-1), run],
    );
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
      <RunFilterBar filters={filters} />
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
                <RunRow
                  key={run.id}
                  run={run}
                  chosen={chosen.some((each) => each.id === run.id)}
                  onChoose={() => choose(run)}
                />
              ))}
            </ul>
          )}
          <LoadMore query={query} />
        </Card>
      )}
      <CompareBar chosen={chosen} onClear={() => setChosen([])} />
    </>
  );
}
