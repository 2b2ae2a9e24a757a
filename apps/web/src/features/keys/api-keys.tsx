'use client';

import { deleteApiKey, listApiKeys, type ApiKey } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { usePaged } from '../../lib/use-paged.ts';
import { useMay } from '../session/use-session.ts';
import { KeyRow, type KeyAction } from './key-row.tsx';

const KeyDialog = dynamic(async () => (await import('./key-dialog.tsx')).KeyDialog, {
  ssr: false,
});
const RotateKeyDialog = dynamic(
  async () => (await import('./rotate-key-dialog.tsx')).RotateKeyDialog,
  { ssr: false },
);

function RevokeDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const revoke = useMutation({
    mutationFn: () =>
      deleteApiKey({
        client,
        path: { key_id: apiKey.id },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: () => {
      notify({ kind: 'success', title: `${apiKey.name} is revoked` });
      void queries.invalidateQueries({ queryKey: ['api-keys'] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`Revoke ${apiKey.name}?`}
      description="Programs that use it are refused from now on. This cannot be undone."
      action="Revoke the key"
      pending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    />
  );
}

/** Keys of the workspace: make one, see whether it is used, narrow it, renew it, take it away. */
export function ApiKeys() {
  const client = useApi();
  const mayRead = useMay('keys:read');
  const mayWrite = useMay('keys:write');
  const [creating, setCreating] = useState(false);
  const [open, setOpen] = useState<{ action: KeyAction; apiKey: ApiKey } | null>(null);
  const close = () => setOpen(null);
  const { query, items } = usePaged(
    ['api-keys'],
    async (cursor, signal) => {
      const paging = { limit: 50, ...(cursor === undefined ? {} : { cursor }) };
      return (await listApiKeys({ client, query: paging, signal })).data;
    },
    { enabled: mayRead },
  );
  const add = mayWrite ? (
    <Button variant="primary" onClick={() => setCreating(true)}>
      <Plus aria-hidden className="size-4" /> New key
    </Button>
  ) : undefined;
  return (
    <>
      <PageHeader
        title="API keys"
        lead="With them programs call the API of this workspace: your own, the command line, the SDK."
        actions={items?.length === 0 ? undefined : add}
      />
      <Card>
        {!mayRead ? (
          <EmptyState icon={KeyRound} title="Your role sees no API keys">
            Admins and owners of the workspace do.
          </EmptyState>
        ) : query.isError ? (
          <ErrorState
            what="API keys could not be loaded"
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : items === undefined ? (
          <div className="p-5">
            <SkeletonList label="API keys" rows={2} height="h-12" />
          </div>
        ) : items.length === 0 ? (
          <EmptyState icon={KeyRound} title="No API keys" action={add}>
            Make one to call the API, the command line or the SDK from a program.
          </EmptyState>
        ) : (
          <ul aria-label="API keys" className="divide-y divide-line">
            {items.map((apiKey) => (
              <KeyRow
                key={apiKey.id}
                apiKey={apiKey}
                onAction={mayWrite ? (action) => setOpen({ action, apiKey }) : null}
              />
            ))}
          </ul>
        )}
        <LoadMore query={query} />
      </Card>
      {creating ? <KeyDialog apiKey={null} onClose={() => setCreating(false)} /> : null}
      {open?.action === 'edit' ? <KeyDialog apiKey={open.apiKey} onClose={close} /> : null}
      {open?.action === 'rotate' ? <RotateKeyDialog apiKey={open.apiKey} onClose={close} /> : null}
      {open?.action === 'revoke' ? <RevokeDialog apiKey={open.apiKey} onClose={close} /> : null}
    </>
  );
}
