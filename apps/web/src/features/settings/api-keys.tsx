'use client';

import { deleteApiKey, isApiProblem, listApiKeys, type ApiKey } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Plus, Trash2 } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useApi } from '../../components/app-providers.tsx';
import { Button, IconButton } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { formatDateTime } from '../../lib/format.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { usePaged } from '../../lib/use-paged.ts';
import { useMay } from '../session/use-session.ts';

const CreateKeyDialog = dynamic(
  async () => (await import('./create-key-dialog.tsx')).CreateKeyDialog,
  {
    ssr: false,
  },
);

function KeyRow({ apiKey, onRevoke }: { apiKey: ApiKey; onRevoke: (() => void) | null }) {
  return (
    <li className="flex items-start justify-between gap-4 px-5 py-3.5 text-sm">
      <div className="min-w-0">
        <p className="font-medium wrap-anywhere">{apiKey.name}</p>
        <p className="mt-0.5 text-[0.8125rem] text-ink-soft">
          <code className="font-mono text-xs">{apiKey.start}…</code> · {apiKey.role} · made{' '}
          <RelativeTime time={apiKey.created_at} /> ·{' '}
          {apiKey.last_used_at === null ? (
            'never used'
          ) : (
            <>
              last used <RelativeTime time={apiKey.last_used_at} />
            </>
          )}{' '}
          ·{' '}
          {apiKey.expires_at === null
            ? 'does not expire'
            : `expires ${formatDateTime(apiKey.expires_at)}`}
        </p>
      </div>
      {onRevoke === null ? null : (
        <IconButton label={`Revoke ${apiKey.name}`} onClick={onRevoke}>
          <Trash2 aria-hidden className="size-4" />
        </IconButton>
      )}
    </li>
  );
}

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
    onError: (error) =>
      notify({
        kind: 'error',
        title: 'The key could not be revoked',
        detail: isApiProblem(error) ? error.detail : 'Try again.',
      }),
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`Revoke ${apiKey.name}?`}
      description="Programs that use it are refused from now on. This cannot be undone."
    >
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Keep it</Button>
        <Button variant="danger" pending={revoke.isPending} onClick={() => revoke.mutate()}>
          Revoke the key
        </Button>
      </div>
    </Dialog>
  );
}

/** Keys of the workspace: make one, see whether it is used, take it away. */
export function ApiKeys() {
  const client = useApi();
  const mayWrite = useMay('keys:write');
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const { query, items } = usePaged(['api-keys'], async (cursor, signal) => {
    const paging = { limit: 50, ...(cursor === undefined ? {} : { cursor }) };
    return (await listApiKeys({ client, query: paging, signal })).data;
  });
  return (
    <Section
      title="API keys"
      actions={
        mayWrite ? (
          <Button size="sm" onClick={() => setCreating(true)}>
            <Plus aria-hidden className="size-4" /> New key
          </Button>
        ) : undefined
      }
    >
      {query.isError ? (
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
        <EmptyState icon={KeyRound} title="No API keys">
          Make one to call the API, the command line or the SDK from a program.
        </EmptyState>
      ) : (
        <ul aria-label="API keys" className="divide-y divide-line">
          {items.map((key) => (
            <KeyRow key={key.id} apiKey={key} onRevoke={mayWrite ? () => setRevoking(key) : null} />
          ))}
        </ul>
      )}
      <LoadMore query={query} />
      {creating ? <CreateKeyDialog onClose={() => setCreating(false)} /> : null}
      {revoking === null ? null : (
        <RevokeDialog apiKey={revoking} onClose={() => setRevoking(null)} />
      )}
    </Section>
  );
}
