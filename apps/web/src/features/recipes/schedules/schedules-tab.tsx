'use client';

import {
  deleteSchedule,
  listScheduleFires,
  listSchedules,
  updateSchedule,
  type Recipe,
  type Schedule,
  type ScheduleFire,
} from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CalendarClock, ChevronDown, Pencil, Plus, Trash2 } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useState } from 'react';
import { useApi } from '../../../components/api-context.ts';
import { Badge, type Tone } from '../../../components/ui/badge.tsx';
import { Button, IconButton } from '../../../components/ui/button.tsx';
import { Section } from '../../../components/ui/card.tsx';
import { ConfirmDialog } from '../../../components/ui/confirm-dialog.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { LoadMore } from '../../../components/ui/load-more.tsx';
import { SkeletonList } from '../../../components/ui/skeleton.tsx';
import { Switch } from '../../../components/ui/switch.tsx';
import { useToast } from '../../../components/ui/toast.tsx';
import { formatDateTime, sentence } from '../../../lib/format.ts';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';
import { problemText } from '../../../lib/problem-text.ts';
import { usePaged } from '../../../lib/use-paged.ts';
import { useMay } from '../../session/use-session.ts';
import { scheduleWords } from './schedule-form.ts';

const ScheduleDialog = dynamic(async () => (await import('./schedule-dialog.tsx')).ScheduleDialog, {
  ssr: false,
});

const OUTCOMES: Record<ScheduleFire['outcome'], { label: string; tone: Tone }> = {
  started: { label: 'Started', tone: 'ok' },
  queued: { label: 'Waits for the run before', tone: 'busy' },
  skipped_overlap: { label: 'Left out, a run was not over', tone: 'idle' },
  skipped_misfire: { label: 'Left out, it was missed', tone: 'idle' },
  failed: { label: 'Failed', tone: 'bad' },
};

function Fires({ schedule }: { schedule: Schedule }) {
  const client = useApi();
  const { query, items } = usePaged(['schedules', 'fires', schedule.id], async (cursor, signal) => {
    const paging = { limit: 20, ...(cursor === undefined ? {} : { cursor }) };
    return (
      await listScheduleFires({ client, path: { schedule_id: schedule.id }, query: paging, signal })
    ).data;
  });
  if (query.isError) {
    return (
      <ErrorState
        compact
        what="Past starts could not be loaded"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (items === undefined) return <SkeletonList label="past starts" rows={2} height="h-9" />;
  if (items.length === 0) return <p className="text-sm text-ink-soft">It has not been due yet.</p>;
  return (
    <>
      <ul aria-label="Past starts" className="divide-y divide-line text-sm">
        {items.map((fire) => (
          <li
            key={fire.due_at}
            className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2"
          >
            <time dateTime={fire.due_at}>{formatDateTime(fire.due_at)}</time>
            <span className="flex flex-wrap items-center gap-2">
              <Badge tone={OUTCOMES[fire.outcome].tone}>{OUTCOMES[fire.outcome].label}</Badge>
              {fire.run_id === null ? null : (
                <Link
                  href={`/runs/${fire.run_id}`}
                  className="font-medium text-accent-strong underline underline-offset-2"
                >
                  Open the run
                </Link>
              )}
            </span>
            {fire.error === null ? null : (
              <p className="w-full text-[0.8125rem] text-bad wrap-anywhere">{fire.error.message}</p>
            )}
          </li>
        ))}
      </ul>
      <LoadMore query={query} />
    </>
  );
}

function useScheduleChange(onDone: () => void) {
  const client = useApi();
  const queries = useQueryClient();
  const headers = () => ({ 'Idempotency-Key': newIdempotencyKey() });
  const done = () => {
    void queries.invalidateQueries({ queryKey: ['schedules'] });
    onDone();
  };
  const remove = useMutation({
    mutationFn: ({ id }: Schedule) =>
      deleteSchedule({ client, path: { schedule_id: id }, headers: headers() }),
    onSuccess: done,
  });
  const notify = useToast();
  const toggle = useMutation({
    mutationFn: ({ id, spec, enabled }: Schedule) =>
      updateSchedule({
        client,
        path: { schedule_id: id },
        body: { spec: { ...spec, enabled: !enabled } },
        headers: headers(),
      }),
    onSuccess: done,
    onError: (error) =>
      notify({
        kind: 'error',
        title: 'The schedule could not be changed',
        detail: problemText(error),
      }),
  });
  return { remove, toggle };
}

function ScheduleRow({
  schedule,
  mayWrite,
  onEdit,
}: {
  schedule: Schedule;
  mayWrite: boolean;
  onEdit: () => void;
}) {
  const [removing, setRemoving] = useState(false);
  const [open, setOpen] = useState(false);
  const change = useScheduleChange(() => setRemoving(false));
  const own = mayWrite && schedule.source === 'api';
  const words = scheduleWords(schedule.spec);
  return (
    <li className="px-5 py-4 text-sm">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <p className="font-medium wrap-anywhere">
            {schedule.name === '' ? words : schedule.name}
          </p>
          {schedule.name === '' ? null : <p className="text-ink-soft">{words}</p>}
          <p className="mt-0.5 text-[0.8125rem] text-ink-soft">
            {schedule.next_due_at === null || !schedule.enabled
              ? 'No next start'
              : `Next ${formatDateTime(schedule.next_due_at)}`}
            {schedule.last_outcome === null
              ? null
              : ` · last: ${sentence(schedule.last_outcome).toLowerCase()}`}
          </p>
        </div>
        <div className="flex items-center gap-2">
          {schedule.source === 'recipe' ? <Badge>Stands in the recipe</Badge> : null}
          {own ? (
            <>
              <label className="flex min-h-9 items-center gap-2">
                <span className="text-[0.8125rem] text-ink-soft">On</span>
                <Switch
                  id={`on-${schedule.id}`}
                  checked={schedule.enabled}
                  onCheckedChange={() => change.toggle.mutate(schedule)}
                />
              </label>
              <IconButton label={`Change ${words}`} onClick={onEdit}>
                <Pencil aria-hidden className="size-4" />
              </IconButton>
              <IconButton label={`Delete ${words}`} onClick={() => setRemoving(true)}>
                <Trash2 aria-hidden className="size-4" />
              </IconButton>
            </>
          ) : schedule.enabled ? null : (
            <Badge>Off</Badge>
          )}
        </div>
      </div>
      <details className="mt-2" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="inline-flex min-h-9 list-none items-center gap-1.5 text-[0.8125rem] font-medium text-accent-strong">
          <ChevronDown aria-hidden className="size-4" /> Past starts
        </summary>
        {open ? (
          <div className="mt-2 border-l-2 border-line pl-4">
            <Fires schedule={schedule} />
          </div>
        ) : null}
      </details>
      {removing ? (
        <ConfirmDialog
          title="Delete the schedule?"
          description={`${words}. Runs that it started stay.`}
          action="Delete the schedule"
          pending={change.remove.isPending}
          error={change.remove.error}
          onConfirm={() => change.remove.mutate(schedule)}
          onClose={() => setRemoving(false)}
        />
      ) : null}
    </li>
  );
}

/** When the recipe starts by itself, and what came of it. */
export function SchedulesTab({ recipe }: { recipe: Recipe }) {
  const client = useApi();
  const mayWrite = useMay('recipes:write');
  const [editing, setEditing] = useState<Schedule | 'new' | null>(null);
  const { query, items } = usePaged(['schedules', 'list', recipe.slug], async (cursor, signal) => {
    const paging = { recipe: recipe.slug, limit: 50, ...(cursor === undefined ? {} : { cursor }) };
    return (await listSchedules({ client, query: paging, signal })).data;
  });
  const add = mayWrite ? (
    <Button
      size="sm"
      variant={items?.length === 0 ? 'primary' : 'secondary'}
      onClick={() => setEditing('new')}
    >
      <Plus aria-hidden className="size-4" /> New schedule
    </Button>
  ) : undefined;
  return (
    <Section title="Schedules" actions={items?.length === 0 ? undefined : add}>
      {query.isError ? (
        <ErrorState
          what="Schedules could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : items === undefined ? (
        <div className="p-5">
          <SkeletonList label="schedules" rows={2} height="h-14" />
        </div>
      ) : items.length === 0 ? (
        <EmptyState icon={CalendarClock} title="It starts only by hand" action={add}>
          A schedule starts this recipe every morning, every hour, or once at a time you choose.
        </EmptyState>
      ) : (
        <ul aria-label="Schedules" className="divide-y divide-line">
          {items.map((schedule) => (
            <ScheduleRow
              key={schedule.id}
              schedule={schedule}
              mayWrite={mayWrite}
              onEdit={() => setEditing(schedule)}
            />
          ))}
        </ul>
      )}
      <LoadMore query={query} />
      {editing === null ? null : (
        <ScheduleDialog
          recipe={recipe}
          schedule={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
    </Section>
  );
}
