'use client';

import {
  isApiProblem,
  listRetention,
  listRetentionRuns,
  previewRetention,
  runRetention,
  setRetention,
} from '@automatos/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Eraser } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { NumberField } from '../../components/ui/number-field.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { formatDateTime, formatNumber, plural } from '../../lib/format.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { usePaged } from '../../lib/use-paged.ts';
import { useMay } from '../session/use-session.ts';
import type { RetentionCategory } from './privacy-words.ts';

function CategoryRow({
  category,
  due,
  mayWrite,
}: {
  category: RetentionCategory;
  /** Rows that the next deletion takes; undefined: not known yet. */
  due: number | undefined;
  mayWrite: boolean;
}) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const [days, setDays] = useState(category.days);
  const save = useMutation({
    mutationFn: () =>
      setRetention({
        client,
        path: { category: category.category },
        body: { days },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: () => {
      notify({ kind: 'success', title: `“${category.name}” has its new period` });
      void queries.invalidateQueries({ queryKey: ['privacy', 'retention'] });
    },
  });
  const bounds = `${category.min_days} to ${formatNumber(category.max_days)} days`;
  const error = isApiProblem(save.error)
    ? (save.error.errors[0]?.message ?? save.error.detail)
    : undefined;
  return (
    <li className="grid gap-3 px-5 py-4 text-sm sm:grid-cols-[1fr_14rem]">
      <div className="min-w-0">
        <p className="font-medium">{category.name}</p>
        <p className="mt-0.5 text-ink-soft">{category.description}</p>
        <p className="mt-1 text-[0.8125rem] text-ink-soft">
          {category.minimum_reason === '' ? bounds : `${bounds}: ${category.minimum_reason}`}
          {due === undefined || due === 0
            ? ''
            : ` · ${plural(due, 'row')} go with the next deletion`}
        </p>
      </div>
      <div className="flex items-end gap-2">
        <div className="min-w-0 flex-1">
          <NumberField
            label="Kept for"
            unit="days"
            placeholder="for good"
            value={days}
            onChange={setDays}
            error={error}
          />
        </div>
        {mayWrite && days !== category.days ? (
          <Button
            variant="primary"
            pending={save.isPending}
            disabled={Number.isNaN(days)}
            onClick={() => save.mutate()}
          >
            Save
          </Button>
        ) : null}
      </div>
    </li>
  );
}

function Evidence() {
  const client = useApi();
  const { query, items } = usePaged(['privacy', 'retention', 'runs'], async (cursor, signal) => {
    const paging = { limit: 20, ...(cursor === undefined ? {} : { cursor }) };
    return (await listRetentionRuns({ client, query: paging, signal })).data;
  });
  return (
    <Section title="What was deleted">
      {query.isError && items === undefined ? (
        <ErrorState what="The evidence could not be loaded" error={query.error} />
      ) : items === undefined ? (
        <div className="p-5">
          <SkeletonList label="deletions" rows={2} />
        </div>
      ) : items.length === 0 ? (
        <p className="p-5 text-sm text-ink-soft">Nothing yet: the first deletion is to come.</p>
      ) : (
        <ul aria-label="Deletions" className="divide-y divide-line">
          {items.map((run) => {
            const rows = run.deleted.reduce((sum, each) => sum + each.rows, 0);
            return (
              <li key={run.id} className="flex flex-wrap justify-between gap-3 px-5 py-3 text-sm">
                <span>
                  {run.error === null ? plural(rows, 'row') : 'Broke off'}
                  <span className="text-ink-soft">
                    {' '}
                    {run.error ??
                      run.deleted
                        .filter((each) => each.rows > 0)
                        .map((each) => `${each.category} ${formatNumber(each.rows)}`)
                        .join(', ')}
                  </span>
                </span>
                <span className="text-ink-soft">
                  {run.trigger === 'schedule' ? 'by schedule' : 'by hand'},{' '}
                  <RelativeTime time={run.started_at} />
                </span>
              </li>
            );
          })}
        </ul>
      )}
      <LoadMore query={query} />
    </Section>
  );
}

function useRunRetention(onDone: () => void) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  return useMutation({
    mutationFn: async () =>
      (await runRetention({ client, headers: { 'Idempotency-Key': newIdempotencyKey() } })).data,
    onSuccess: ({ deleted }) => {
      const rows = deleted.reduce((sum, each) => sum + each.rows, 0);
      notify({ kind: 'success', title: `${plural(rows, 'row')} deleted` });
      onDone();
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ['privacy', 'retention'] }),
  });
}

/** How long what is kept, and the evidence of what went. */
export function RetentionTab() {
  const client = useApi();
  const mayWrite = useMay('privacy:write');
  const [asking, setAsking] = useState(false);
  const query = useQuery({
    queryKey: ['privacy', 'retention', 'categories'],
    queryFn: async ({ signal }) => (await listRetention({ client, signal })).data,
  });
  const preview = useQuery({
    queryKey: ['privacy', 'retention', 'preview'],
    queryFn: async ({ signal }) => (await previewRetention({ client, signal })).data,
  });
  const run = useRunRetention(() => setAsking(false));
  const due = (category: string) =>
    preview.data?.items.find((each) => each.category === category)?.rows;
  const all = preview.data?.items.reduce((sum, each) => sum + each.rows, 0) ?? 0;
  return (
    <div className="grid gap-8">
      <Section
        title="How long what is kept"
        actions={
          mayWrite ? (
            <Button size="sm" onClick={() => setAsking(true)}>
              <Eraser aria-hidden className="size-4" /> Delete now
            </Button>
          ) : undefined
        }
      >
        {query.isError && query.data === undefined ? (
          <ErrorState
            what="The periods could not be loaded"
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : query.data === undefined ? (
          <div className="p-5">
            <SkeletonList label="periods" rows={4} height="h-16" />
          </div>
        ) : (
          <>
            <p className="border-b border-line px-5 py-3 text-sm text-ink-soft">
              Next deletion: {formatDateTime(query.data.next_run_at)}
            </p>
            <ul aria-label="Periods" className="divide-y divide-line">
              {query.data.items.map((category) => (
                <CategoryRow
                  key={`${category.category}-${category.days}`}
                  category={category}
                  due={due(category.category)}
                  mayWrite={mayWrite}
                />
              ))}
            </ul>
          </>
        )}
      </Section>
      <Evidence />
      {asking ? (
        <ConfirmDialog
          title="Delete what is older than its period?"
          description={
            preview.data === undefined
              ? 'How much it is could not be counted yet.'
              : `${plural(all, 'row')} go now. This cannot be undone.`
          }
          action="Delete now"
          pending={run.isPending}
          error={run.error}
          onConfirm={() => run.mutate()}
          onClose={() => {
            run.reset();
            setAsking(false);
          }}
        />
      ) : null}
    </div>
  );
}
