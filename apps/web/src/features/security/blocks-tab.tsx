'use client';

import { deleteThreatBlock, listThreatBlocks, type ThreatBlock } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge } from '../../components/ui/badge.tsx';
import { Button, IconButton } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { formatDateTime, plural } from '../../lib/format.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { usePaged } from '../../lib/use-paged.ts';
import { useMay } from '../session/use-session.ts';
import { BlockDialog } from './block-dialog.tsx';
import type { Scope } from './security-words.ts';

function BlockRow({
  block,
  mayWrite,
  onRemove,
}: {
  block: ThreatBlock;
  mayWrite: boolean;
  onRemove: () => void;
}) {
  return (
    <li className="flex items-start justify-between gap-4 px-5 py-4">
      <div className="min-w-0 text-sm">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-mono font-medium wrap-anywhere">{block.subject}</span>
          <Badge tone={block.active ? 'bad' : 'idle'}>{block.active ? 'In force' : 'Over'}</Badge>
          {block.created_by === 'detector' ? <Badge>by the detector</Badge> : null}
        </p>
        <p className="mt-1 wrap-anywhere">{block.reason}</p>
        <p className="mt-1 text-[0.8125rem] text-ink-soft">
          Made <RelativeTime time={block.created_at} />,{' '}
          {block.until === null ? 'until it is removed' : `until ${formatDateTime(block.until)}`};{' '}
          {plural(block.refused, 'request')} refused
        </p>
      </div>
      {mayWrite && block.active ? (
        <IconButton label={`Let ${block.subject} in again`} onClick={onRemove}>
          <Trash2 aria-hidden className="size-4" />
        </IconButton>
      ) : null}
    </li>
  );
}

/** Who is kept out, by people and by the detector. */
export function BlocksTab({ scope }: { scope: Scope }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const mayWrite = useMay('security:write');
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<ThreatBlock | null>(null);
  const { query, items } = usePaged(
    ['security', 'blocks', scope],
    async (cursor, signal) => {
      const paging = { limit: 50, ...(cursor === undefined ? {} : { cursor }) };
      return (
        await listThreatBlocks({ client, query: { scope, ended: 'true', ...paging }, signal })
      ).data;
    },
    { refetchInterval: 15_000 },
  );
  const remove = useMutation({
    mutationFn: ({ id }: ThreatBlock) =>
      deleteThreatBlock({
        client,
        path: { block_id: id },
        query: { scope },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: (_answer, { subject }) => {
      notify({ kind: 'success', title: `${subject} may come in again` });
      setRemoving(null);
      void queries.invalidateQueries({ queryKey: ['security'] });
    },
  });
  const add = mayWrite ? (
    <Button variant="primary" onClick={() => setAdding(true)}>
      <Plus aria-hidden className="size-4" /> Block somebody
    </Button>
  ) : undefined;
  return (
    <>
      <Section title="Blocks" actions={items?.length === 0 ? undefined : add}>
        {query.isError && items === undefined ? (
          <ErrorState
            what="Blocks could not be loaded"
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : items === undefined ? (
          <div className="p-5">
            <SkeletonList label="blocks" rows={2} height="h-16" />
          </div>
        ) : items.length === 0 ? (
          <EmptyState icon={Ban} title="Nobody is kept out" action={add}>
            The detector blocks for a while what scores as critical; you can block an address or a
            caller yourself.
          </EmptyState>
        ) : (
          <ul aria-label="Blocks" className="divide-y divide-line">
            {items.map((block) => (
              <BlockRow
                key={block.id}
                block={block}
                mayWrite={mayWrite}
                onRemove={() => setRemoving(block)}
              />
            ))}
          </ul>
        )}
        <LoadMore query={query} />
      </Section>
      {adding ? (
        <BlockDialog
          scope={scope}
          initial={{ kind: 'address', subject: '' }}
          onClose={() => setAdding(false)}
        />
      ) : null}
      {removing === null ? null : (
        <ConfirmDialog
          title={`Let ${removing.subject} in again?`}
          description="The next request of theirs is served. The detector may block again when it sees the same."
          action="Remove the block"
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate(removing)}
          onClose={() => {
            remove.reset();
            setRemoving(null);
          }}
        />
      )}
    </>
  );
}
