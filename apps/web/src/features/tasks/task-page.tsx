'use client';

import { cancelTask, getTask, retryTask, type TaskDetail } from '@automatos/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronLeft, CookingPot, RotateCw, Square } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { LiveStateBadge } from '../../components/status/live-state.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button, ButtonLink } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { Tabs } from '../../components/ui/tabs.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { formatCostInText, formatDuration, plural } from '../../lib/format.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { problemText } from '../../lib/problem-text.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { RunProvider, useRunState } from '../kitchen/run-context.tsx';
import type { RunView } from '../kitchen/run-store.ts';
import { useMay } from '../session/use-session.ts';
import { StageRail } from './stage-rail.tsx';
import { TaskStatus } from './task-status.tsx';
import { answerOf, focusStage } from './task-words.ts';

const loading = () => <SkeletonList label="part of the page" rows={3} height="h-20" />;
const StageDetail = dynamic(async () => (await import('./stage-detail.tsx')).StageDetail, {
  loading,
});
const TaskAnswerView = dynamic(async () => (await import('./task-answer.tsx')).TaskAnswerView, {
  loading,
});
const FindingsTab = dynamic(async () => (await import('../kitchen/findings-tab.tsx')).FindingsTab, {
  loading,
});
const LazyRunApprovals = dynamic(
  async () => (await import('../approvals/run-approvals.tsx')).RunApprovals,
  { loading },
);
const SourceDrawer = dynamic(
  async () => (await import('../kitchen/source-drawer.tsx')).SourceDrawer,
  { ssr: false },
);

const OPEN = new Set(['queued', 'running', 'paused', 'waiting_approval']);

function Actions({ task }: { task: TaskDetail }) {
  const client = useApi();
  const queries = useQueryClient();
  const router = useRouter();
  const notify = useToast();
  const mayRun = useMay('tasks:run');
  const path = { task_id: task.id };
  const headers = () => ({ 'Idempotency-Key': newIdempotencyKey() });
  const cancel = useMutation({
    mutationFn: () => cancelTask({ client, path, headers: headers() }),
    onError: (error) =>
      notify({ kind: 'error', title: 'It could not be stopped', detail: problemText(error) }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['tasks'] }),
  });
  const retry = useMutation({
    mutationFn: async () => (await retryTask({ client, path, headers: headers() })).data,
    onSuccess: (again) => router.push(`/tasks/${again.id}`),
    onError: (error) =>
      notify({ kind: 'error', title: 'It could not be started again', detail: problemText(error) }),
  });
  const open = OPEN.has(task.status);
  return (
    <>
      {mayRun && open ? (
        <Button pending={cancel.isPending} onClick={() => cancel.mutate()}>
          <Square aria-hidden className="size-4" /> Stop
        </Button>
      ) : null}
      {mayRun && !open ? (
        <Button pending={retry.isPending} onClick={() => retry.mutate()}>
          <RotateCw aria-hidden className="size-4" /> Do it again
        </Button>
      ) : null}
      <ButtonLink href={`/runs/${task.id}`}>
        <CookingPot aria-hidden className="size-4" /> Kitchen
      </ButtonLink>
    </>
  );
}

function Head({ task, live }: { task: TaskDetail; live: RunView['live'] }) {
  const took =
    task.started_at !== null && task.finished_at !== null
      ? formatDuration(Date.parse(task.finished_at) - Date.parse(task.started_at))
      : null;
  return (
    <>
      <PageHeader
        title={task.title}
        lead={task.goal === task.title ? undefined : task.goal}
        actions={<Actions task={task} />}
      />
      <div className="mb-6 flex flex-wrap items-center gap-x-3 gap-y-2 text-sm">
        <TaskStatus task={task} />
        {OPEN.has(task.status) ? <LiveStateBadge state={live} /> : null}
        {task.target === null ? null : <Badge>{task.target}</Badge>}
        {task.pattern === null ? null : <Badge tone="accent">{task.pattern}</Badge>}
        <span className="text-ink-soft tabular-nums">
          {task.created_by}, <RelativeTime time={task.created_at} />
          {took === null ? '' : ` · ${took}`}
          {task.findings_total === 0 ? '' : ` · ${plural(task.findings_total, 'finding')}`}
          {` · ${formatCostInText(task.usage.cost_micros)}`}
        </span>
      </div>
    </>
  );
}

const TABS = ['stages', 'answer', 'findings'];

function LoadedTask({ task, live }: { task: TaskDetail; live: RunView['live'] }) {
  const [tab, setTab] = useSearchParam('tab');
  const [source] = useSearchParam('source');
  const [chosen, setChosen] = useState<string | null>(null);
  const detail = useRef<HTMLDivElement>(null);
  const asked = Object.keys(useRunState((state) => state.approvals));
  const error = useRunState((state) => state.error);
  const answer = answerOf(task.result);
  const selected = chosen ?? focusStage(task.stages);
  const stage = task.stages.find((each) => each.stage === selected);
  const stages = (
    <div className="grid grid-cols-1 gap-6 xl:grid-cols-[26rem_minmax(0,1fr)]">
      <Section title="Stages" className="min-w-0">
        <StageRail
          stages={task.stages}
          selected={selected}
          onSelect={(next) => {
            setChosen(next);
            // On narrow screens the detail stands below.
            if (window.innerWidth < 1280)
              detail.current?.scrollIntoView({ behavior: 'smooth', block: 'start' });
          }}
        />
      </Section>
      <div ref={detail} className="min-w-0 scroll-mt-16">
        {stage === undefined ? null : <StageDetail task={task} stage={stage} />}
      </div>
    </div>
  );
  const wanted = tab !== null && TABS.includes(tab) ? tab : null;
  return (
    <>
      <Head task={task} live={live} />
      {error === null ? null : (
        <div role="alert" className="mb-6 rounded-lg bg-bad-soft px-4 py-3 text-sm">
          <p className="wrap-anywhere">{error.message}</p>
          <p className="mt-1 font-mono text-xs">{error.code}</p>
        </div>
      )}
      {asked.length === 0 ? null : <LazyRunApprovals runId={task.id} asked={asked} />}
      <Tabs
        label="Task"
        value={wanted ?? 'stages'}
        onValueChange={(value) => setTab(value === 'stages' ? null : value)}
        items={[
          { value: 'stages', label: 'Stages', content: stages },
          ...(answer === null
            ? []
            : [
                {
                  value: 'answer',
                  label: 'Answer',
                  content: <TaskAnswerView task={task} answer={answer} />,
                },
              ]),
          {
            value: 'findings',
            label: 'Evidence',
            count: task.findings_total,
            content: <FindingsTab runId={task.id} />,
          },
        ]}
      />
      {source === null ? null : <SourceDrawer runId={task.id} />}
    </>
  );
}

/** Reads the task again whenever a step of its run begins or ends. */
function Following({ taskId, live }: { taskId: string; live: RunView['live'] }) {
  const client = useApi();
  const queries = useQueryClient();
  const changes = useRunState((state) =>
    Object.values(state.steps)
      .map(({ stepId, status, attempt }) => `${stepId}:${status}:${attempt}`)
      .concat(state.status)
      .join(' '),
  );
  const task = useQuery({
    queryKey: ['tasks', 'one', taskId],
    queryFn: async ({ signal }) =>
      (await getTask({ client, path: { task_id: taskId }, signal })).data,
  });
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: ['tasks', 'one', taskId] });
  }, [queries, taskId, changes]);
  if (task.data !== undefined) return <LoadedTask task={task.data} live={live} />;
  if (task.isError)
    return (
      <ErrorState
        what="The task could not be loaded"
        error={task.error}
        onRetry={() => void task.refetch()}
      />
    );
  return <SkeletonList label="task" rows={4} height="h-24" />;
}

/** One task: its nine stages live, and the answer with evidence. */
export function TaskPage({ taskId }: { taskId: string }) {
  return (
    <>
      <Link
        href="/tasks"
        className="mb-3 inline-flex min-h-9 items-center gap-1 text-sm text-ink-soft hover:text-ink"
      >
        <ChevronLeft aria-hidden className="size-4" /> Tasks
      </Link>
      <RunProvider key={taskId} runId={taskId}>
        {({ run, state, live, error }, retry) =>
          run !== null && state !== null ? (
            <Following taskId={taskId} live={live} />
          ) : error === null ? (
            <SkeletonList label="task" rows={4} height="h-24" />
          ) : (
            <ErrorState what="The task could not be loaded" error={error} onRetry={retry} />
          )
        }
      </RunProvider>
    </>
  );
}
