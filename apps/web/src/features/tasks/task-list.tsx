'use client';

import { listTasks, type Task } from '@automatos/sdk';
import { useQueryClient } from '@tanstack/react-query';
import { ListChecks, Plus } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge } from '../../components/ui/badge.tsx';
import { ButtonLink } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Input, Select } from '../../components/ui/input.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { RUN_LOOKS } from '../../components/status/run-status.tsx';
import { formatCostInText, plural } from '../../lib/format.ts';
import { useDebounced } from '../../lib/use-debounced.ts';
import { usePaged } from '../../lib/use-paged.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { useWorkspaceEvents } from '../../lib/use-workspace-events.ts';
import { useMay } from '../session/use-session.ts';
import { TaskStatus } from './task-status.tsx';

function TaskRow({ task }: { task: Task }) {
  return (
    <li className="relative px-5 py-4 hover:bg-sunken/50">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1.5">
        <h2 className="min-w-0 font-medium wrap-anywhere">
          <Link href={`/tasks/${task.id}`} className="after:absolute after:inset-0">
            {task.title}
          </Link>
        </h2>
        <TaskStatus task={task} />
      </div>
      <p className="mt-1 flex flex-wrap gap-x-3 gap-y-1 text-[0.8125rem] text-ink-soft tabular-nums">
        <RelativeTime time={task.created_at} />
        <span>{task.created_by}</span>
        {task.units_total === 0 ? null : <span>{plural(task.units_total, 'part')}</span>}
        {task.findings_total === 0 ? null : <span>{plural(task.findings_total, 'finding')}</span>}
        {task.quality_grade === null ? null : <span>quality {task.quality_grade}</span>}
        <span>{formatCostInText(task.usage.cost_micros)}</span>
      </p>
      {task.agents_used.length === 0 ? null : (
        <p className="mt-2 flex flex-wrap gap-1.5">
          {task.agents_used.map((slug) => (
            <Badge key={slug}>{slug}</Badge>
          ))}
        </p>
      )}
    </li>
  );
}

/** Goals that were given to the agents, newest first. */
export function TaskList() {
  const client = useApi();
  const queries = useQueryClient();
  const mayRun = useMay('tasks:run');
  const [search, setSearch] = useState('');
  const [asked, setStatus] = useSearchParam('status');
  const settled = useDebounced(search.trim());
  const status = (Object.keys(RUN_LOOKS) as Task['status'][]).find((each) => each === asked);
  const filter = {
    ...(settled === '' ? {} : { search: settled }),
    ...(status === undefined ? {} : { status }),
  };
  const { query, items } = usePaged(['tasks', 'list', filter], async (cursor, signal) => {
    const paging = { limit: 25, ...(cursor === undefined ? {} : { cursor }) };
    return (await listTasks({ client, query: { ...filter, ...paging }, signal })).data;
  });
  const refresh = () => void queries.invalidateQueries({ queryKey: ['tasks'] });
  useWorkspaceEvents((events) => {
    if (events.some((event) => event.type.startsWith('run.'))) refresh();
  }, refresh);
  const filtered = Object.keys(filter).length > 0;
  return (
    <>
      <PageHeader
        title="Tasks"
        lead="Say what you want to reach. It is split, given to the agents that suit, and answered with evidence."
        actions={
          mayRun ? (
            <ButtonLink href="/tasks/new" variant="primary">
              <Plus aria-hidden className="size-4" /> New task
            </ButtonLink>
          ) : undefined
        }
      />
      <div
        role="search"
        aria-label="Tasks"
        className="mb-5 grid gap-2 sm:grid-cols-[minmax(0,24rem)_14rem]"
      >
        <Input
          type="search"
          aria-label="Search tasks"
          placeholder="Search in goals"
          value={search}
          onChange={({ target }) => setSearch(target.value)}
        />
        <Select
          aria-label="Status"
          value={status ?? ''}
          onChange={({ target }) => setStatus(target.value)}
        >
          <option value="">Every status</option>
          {Object.entries(RUN_LOOKS).map(([value, { label }]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </div>
      {query.isError ? (
        <ErrorState
          what="Tasks could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : items === undefined ? (
        <SkeletonList label="tasks" rows={4} height="h-20" />
      ) : items.length === 0 ? (
        <Card>
          <EmptyState icon={ListChecks} title={filtered ? 'No task matches' : 'No task yet'}>
            {filtered
              ? 'Change the status or search for something else.'
              : 'A task is a goal in your words, such as “find what a newcomer would stumble over in this repository”.'}
          </EmptyState>
        </Card>
      ) : (
        <Card>
          <ul aria-label="Tasks" className="divide-y divide-line">
            {items.map((task) => (
              <TaskRow key={task.id} task={task} />
            ))}
          </ul>
        </Card>
      )}
      <LoadMore query={query} />
    </>
  );
}
