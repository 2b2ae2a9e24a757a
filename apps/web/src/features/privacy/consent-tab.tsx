'use client';

import { listConsentPurposes, listConsents, updateConsentPurpose } from '@automatos/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Handshake, Pencil, Plus } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge } from '../../components/ui/badge.tsx';
import { Button, IconButton } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { Table } from '../../components/ui/table.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { problemText } from '../../lib/problem-text.ts';
import { usePaged } from '../../lib/use-paged.ts';
import { useMay } from '../session/use-session.ts';
import type { ConsentPurpose } from './privacy-words.ts';
import { PurposeDialog } from './purpose-dialog.tsx';

function PurposeRow({
  purpose,
  mayWrite,
  onEdit,
}: {
  purpose: ConsentPurpose;
  mayWrite: boolean;
  onEdit: () => void;
}) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const retire = useMutation({
    mutationFn: () =>
      updateConsentPurpose({
        client,
        path: { purpose_id: purpose.id },
        body: { retired: !purpose.retired },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onError: (error) =>
      notify({ kind: 'error', title: 'The purpose was not changed', detail: problemText(error) }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['privacy', 'purposes'] }),
  });
  return (
    <li className="flex items-start justify-between gap-4 px-5 py-4 text-sm">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium wrap-anywhere">{purpose.name}</span>
          <code className="font-mono text-xs text-ink-soft">{purpose.key}</code>
          <Badge tone={purpose.retired ? 'idle' : 'accent'}>
            {purpose.retired ? 'Retired' : `Version ${purpose.version}`}
          </Badge>
        </p>
        <p className="mt-1 whitespace-pre-line text-ink-soft wrap-anywhere">{purpose.text}</p>
      </div>
      {mayWrite ? (
        <div className="flex shrink-0 items-center gap-1">
          <Button size="sm" pending={retire.isPending} onClick={() => retire.mutate()}>
            {purpose.retired ? 'Ask again' : 'Retire'}
          </Button>
          <IconButton label={`Change ${purpose.name}`} onClick={onEdit}>
            <Pencil aria-hidden className="size-4" />
          </IconButton>
        </div>
      ) : null}
    </li>
  );
}

function Decisions() {
  const client = useApi();
  const { query, items } = usePaged(['privacy', 'consents'], async (cursor, signal) => {
    const paging = { limit: 50, ...(cursor === undefined ? {} : { cursor }) };
    return (await listConsents({ client, query: paging, signal })).data;
  });
  return (
    <Section title="Given and withdrawn">
      {query.isError && items === undefined ? (
        <ErrorState what="Consents could not be loaded" error={query.error} />
      ) : items === undefined ? (
        <div className="p-5">
          <SkeletonList label="consents" rows={3} />
        </div>
      ) : items.length === 0 ? (
        <p className="p-5 text-sm text-ink-soft">Nobody decided anything yet.</p>
      ) : (
        <Table
          caption="Consents, newest first"
          rows={items}
          rowKey={({ id }) => id}
          columns={[
            {
              key: 'who',
              header: 'Who',
              cell: ({ user }) => (
                <span className="wrap-anywhere">{user.name || 'an erased person'}</span>
              ),
            },
            {
              key: 'purpose',
              header: 'Purpose',
              cell: ({ purpose, version }) => `${purpose}, version ${version}`,
            },
            {
              key: 'given',
              header: 'Decision',
              cell: ({ given, via }) => (
                <Badge tone={given ? 'ok' : 'idle'}>
                  {given ? 'Given' : via === 'objection' ? 'Ended by objection' : 'Withdrawn'}
                </Badge>
              ),
            },
            {
              key: 'at',
              header: 'When',
              align: 'right',
              cell: ({ at }) => <RelativeTime time={at} />,
            },
          ]}
        />
      )}
      <LoadMore query={query} />
    </Section>
  );
}

/** What people are asked to agree to, and what they decided. */
export function ConsentTab() {
  const client = useApi();
  const mayWrite = useMay('privacy:write');
  const [editing, setEditing] = useState<ConsentPurpose | 'new' | null>(null);
  const query = useQuery({
    queryKey: ['privacy', 'purposes'],
    queryFn: async ({ signal }) => (await listConsentPurposes({ client, signal })).data.items,
  });
  const add = mayWrite ? (
    <Button size="sm" variant="primary" onClick={() => setEditing('new')}>
      <Plus aria-hidden className="size-4" /> New purpose
    </Button>
  ) : undefined;
  return (
    <div className="grid gap-8">
      <Section title="Purposes" actions={query.data?.length === 0 ? undefined : add}>
        {query.isError && query.data === undefined ? (
          <ErrorState
            what="Purposes could not be loaded"
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : query.data === undefined ? (
          <div className="p-5">
            <SkeletonList label="purposes" rows={2} />
          </div>
        ) : query.data.length === 0 ? (
          <EmptyState icon={Handshake} title="Nobody is asked for consent" action={add}>
            What needs consent gets a purpose with a text. Members agree, or not, under Settings, My
            data; a new text asks everybody again.
          </EmptyState>
        ) : (
          <ul aria-label="Purposes" className="divide-y divide-line">
            {query.data.map((purpose) => (
              <PurposeRow
                key={purpose.id}
                purpose={purpose}
                mayWrite={mayWrite}
                onEdit={() => setEditing(purpose)}
              />
            ))}
          </ul>
        )}
      </Section>
      <Decisions />
      {editing === null ? null : (
        <PurposeDialog
          purpose={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
    </div>
  );
}
