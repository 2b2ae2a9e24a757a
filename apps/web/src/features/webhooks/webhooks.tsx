'use client';

import { listWebhooks, type Webhook } from '@automatos/sdk';
import { Plus, Send } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { usePaged } from '../../lib/use-paged.ts';
import { useMay } from '../session/use-session.ts';
import { WebhookRow } from './webhook-row.tsx';

const WebhookDialog = dynamic(async () => (await import('./webhook-dialog.tsx')).WebhookDialog, {
  ssr: false,
});

/** Where the workspace sends its events. */
export function Webhooks() {
  const client = useApi();
  const mayWrite = useMay('webhooks:write');
  const [editing, setEditing] = useState<Webhook | 'new' | null>(null);
  const { query, items } = usePaged(['webhooks', 'list'], async (cursor, signal) => {
    const paging = { limit: 50, ...(cursor === undefined ? {} : { cursor }) };
    return (await listWebhooks({ client, query: paging, signal })).data;
  });
  const add = mayWrite ? (
    <Button variant="primary" onClick={() => setEditing('new')}>
      <Plus aria-hidden className="size-4" /> New webhook
    </Button>
  ) : undefined;
  return (
    <>
      <PageHeader
        title="Webhooks"
        lead="Events of runs, sent to other systems: signed by the Standard Webhooks scheme, tried again when they do not arrive."
        actions={items?.length === 0 ? undefined : add}
      />
      <Card>
        {query.isError ? (
          <ErrorState
            what="Webhooks could not be loaded"
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : items === undefined ? (
          <div className="p-5">
            <SkeletonList label="webhooks" rows={2} height="h-16" />
          </div>
        ) : items.length === 0 ? (
          <EmptyState icon={Send} title="Nothing is sent anywhere" action={add}>
            A webhook tells another system when a run ends, fails, or needs a decision.
          </EmptyState>
        ) : (
          <ul aria-label="Webhooks" className="divide-y divide-line">
            {items.map((webhook) => (
              <WebhookRow
                key={webhook.id}
                webhook={webhook}
                mayWrite={mayWrite}
                onEdit={() => setEditing(webhook)}
              />
            ))}
          </ul>
        )}
        <LoadMore query={query} />
      </Card>
      {editing === null ? null : (
        <WebhookDialog
          webhook={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
    </>
  );
}
