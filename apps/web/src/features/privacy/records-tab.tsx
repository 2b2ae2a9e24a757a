'use client';

import { deleteProcessingRecord, listProcessingRecords } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { BookLock, Download, Pencil, Plus, Trash2 } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge } from '../../components/ui/badge.tsx';
import { Button, IconButton } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { usePaged } from '../../lib/use-paged.ts';
import { useMay, useWorkspaceHref } from '../session/use-session.ts';
import { BASES, type ProcessingRecord } from './privacy-words.ts';

const RecordDialog = dynamic(async () => (await import('./record-dialog.tsx')).RecordDialog, {
  ssr: false,
});

function RecordRow({
  record,
  mayWrite,
  onEdit,
  onDelete,
}: {
  record: ProcessingRecord;
  mayWrite: boolean;
  onEdit: () => void;
  onDelete: () => void;
}) {
  const facts: [string, string][] = [
    ['Legal basis', BASES[record.legal_basis]],
    ['Data', record.data_categories.join(', ')],
    ['Of whom', record.subject_categories.join(', ')],
    ['Given to', record.recipients.join(', ') || 'nobody'],
    ['Kept', record.retention],
  ];
  return (
    <li className="flex items-start justify-between gap-4 px-5 py-4">
      <div className="min-w-0 text-sm">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium wrap-anywhere">{record.name}</span>
          {record.source === 'product' ? <Badge>part of the product</Badge> : null}
        </p>
        <p className="mt-1 text-ink-soft wrap-anywhere">{record.purpose}</p>
        <dl className="mt-2 grid gap-x-4 gap-y-1 text-[0.8125rem] sm:grid-cols-[6rem_1fr]">
          {facts.map(([label, value]) => (
            <div key={label} className="contents">
              <dt className="text-ink-soft">{label}</dt>
              <dd className="wrap-anywhere">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
      {mayWrite ? (
        <div className="flex shrink-0">
          <IconButton label={`Change ${record.name}`} onClick={onEdit}>
            <Pencil aria-hidden className="size-4" />
          </IconButton>
          <IconButton label={`Remove ${record.name}`} onClick={onDelete}>
            <Trash2 aria-hidden className="size-4" />
          </IconButton>
        </div>
      ) : null}
    </li>
  );
}

function useDeleteRecord(onDone: () => void) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  return useMutation({
    mutationFn: ({ id }: ProcessingRecord) =>
      deleteProcessingRecord({
        client,
        path: { record_id: id },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: (_answer, { name }) => {
      notify({ kind: 'success', title: `“${name}” is removed from the record` });
      void queries.invalidateQueries({ queryKey: ['privacy', 'records'] });
      onDone();
    },
  });
}

/** The record of processing activities (Art. 30 GDPR). */
export function RecordsTab() {
  const client = useApi();
  const inWorkspace = useWorkspaceHref();
  const mayWrite = useMay('privacy:write');
  const [editing, setEditing] = useState<ProcessingRecord | 'new' | null>(null);
  const [deleting, setDeleting] = useState<ProcessingRecord | null>(null);
  const { query, items } = usePaged(['privacy', 'records'], async (cursor, signal) => {
    const paging = { limit: 100, ...(cursor === undefined ? {} : { cursor }) };
    return (await listProcessingRecords({ client, query: paging, signal })).data;
  });
  const remove = useDeleteRecord(() => setDeleting(null));
  const actions = (
    <div className="flex flex-wrap gap-2">
      {(['csv', 'json'] as const).map((format) => (
        <a
          key={format}
          href={inWorkspace(`/api/gdpr/processing-records/export?format=${format}`)}
          download
          aria-label={`Export as ${format.toUpperCase()}`}
          className="inline-flex min-h-11 items-center gap-2 rounded-lg border border-line-strong/60 bg-surface px-3 text-sm font-medium hover:bg-sunken sm:min-h-9"
        >
          <Download aria-hidden className="size-4" /> {format.toUpperCase()}
        </a>
      ))}
      {mayWrite ? (
        <Button size="sm" variant="primary" onClick={() => setEditing('new')}>
          <Plus aria-hidden className="size-4" /> Add
        </Button>
      ) : null}
    </div>
  );
  return (
    <>
      <Section title="Record of processing" actions={actions}>
        {query.isError && items === undefined ? (
          <ErrorState
            what="The record could not be loaded"
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : items === undefined ? (
          <div className="p-5">
            <SkeletonList label="record" rows={3} height="h-24" />
          </div>
        ) : items.length === 0 ? (
          <EmptyState icon={BookLock} title="The record is empty">
            Write down what personal data are used for, on which legal basis, and how long.
          </EmptyState>
        ) : (
          <ul aria-label="Processing activities" className="divide-y divide-line">
            {items.map((record) => (
              <RecordRow
                key={record.id}
                record={record}
                mayWrite={mayWrite}
                onEdit={() => setEditing(record)}
                onDelete={() => setDeleting(record)}
              />
            ))}
          </ul>
        )}
        <LoadMore query={query} />
      </Section>
      {editing === null ? null : (
        <RecordDialog
          record={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
      {deleting === null ? null : (
        <ConfirmDialog
          title={`Remove “${deleting.name}” from the record?`}
          description="The processing itself does not end with it."
          action="Remove"
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate(deleting)}
          onClose={() => {
            remove.reset();
            setDeleting(null);
          }}
        />
      )}
    </>
  );
}
