'use client';

import {
  listWebhookDeliveries,
  replayWebhookDelivery,
  type Webhook,
  type WebhookDelivery,
} from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge, type Tone } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { CodeBlock } from '../../components/ui/code-block.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Select } from '../../components/ui/input.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { formatDateTime, plural } from '../../lib/format.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { problemText } from '../../lib/problem-text.ts';
import { usePaged } from '../../lib/use-paged.ts';

type Status = WebhookDelivery['status'];
type Listed = WebhookDelivery & { payload: unknown };

const LOOKS: Record<Status, { label: string; tone: Tone }> = {
  pending: { label: 'On its way', tone: 'busy' },
  delivered: { label: 'Delivered', tone: 'ok' },
  dead: { label: 'Given up', tone: 'bad' },
};

const AGAIN = { label: 'Tried again later', tone: 'warn' } as const;

function Delivery({
  delivery,
  onReplay,
  pending,
}: {
  delivery: Listed;
  onReplay: (() => void) | null;
  pending: boolean;
}) {
  const [open, setOpen] = useState(false);
  const again = delivery.status === 'pending' && delivery.attempts > 0;
  const look = again ? AGAIN : LOOKS[delivery.status];
  return (
    <li className="py-2.5 text-sm">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1.5">
        <div className="min-w-0">
          <p className="flex flex-wrap items-center gap-2">
            <Badge tone={look.tone}>{look.label}</Badge>
            <code className="font-mono text-[0.8125rem]">{delivery.event_type}</code>
          </p>
          <p className="mt-1 text-[0.8125rem] text-ink-soft">
            <time dateTime={delivery.created_at}>{formatDateTime(delivery.created_at)}</time>,{' '}
            {plural(delivery.attempts, 'attempt')}
            {delivery.response_status === null ? null : `, answer ${delivery.response_status}`}
            {delivery.next_attempt_at === null
              ? null
              : `, again ${formatDateTime(delivery.next_attempt_at)}`}
          </p>
          {delivery.error === null ? null : (
            <p className="text-[0.8125rem] text-bad wrap-anywhere">{delivery.error}</p>
          )}
        </div>
        {onReplay === null ? null : (
          <Button size="sm" pending={pending} onClick={onReplay}>
            {pending ? null : <RotateCw aria-hidden className="size-4" />} Send again
          </Button>
        )}
      </div>
      <details className="mt-1" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="inline-flex min-h-9 items-center text-[0.8125rem] text-ink-soft">
          What is sent
        </summary>
        {open ? (
          <CodeBlock
            label={`Payload of ${delivery.event_type}`}
            text={JSON.stringify(delivery.payload, null, 2)}
            className="max-h-80"
          />
        ) : null}
      </details>
    </li>
  );
}

/** Deliveries of a webhook, newest first, and sending one again. */
export function WebhookDeliveries({ webhook, mayWrite }: { webhook: Webhook; mayWrite: boolean }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const [status, setStatus] = useState<Status | ''>('');
  const filter = status === '' ? {} : { status };
  const { query, items } = usePaged<Listed>(
    ['webhooks', 'deliveries', webhook.id, filter],
    async (cursor, signal) => {
      const paging = { limit: 20, ...(cursor === undefined ? {} : { cursor }) };
      const path = { webhook_id: webhook.id };
      return (
        await listWebhookDeliveries({ client, path, query: { ...filter, ...paging }, signal })
      ).data;
    },
    { refetchInterval: 5_000 },
  );
  const replay = useMutation({
    mutationFn: (delivery: Listed) =>
      replayWebhookDelivery({
        client,
        path: { webhook_id: webhook.id, delivery_id: delivery.id },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: () => {
      notify({ kind: 'success', title: 'It is sent again' });
      void queries.invalidateQueries({ queryKey: ['webhooks', 'deliveries', webhook.id] });
    },
    onError: (error) =>
      notify({ kind: 'error', title: 'It could not be sent again', detail: problemText(error) }),
  });
  if (query.isError) {
    return (
      <ErrorState
        compact
        what="Deliveries could not be loaded"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (items === undefined) return <SkeletonList label="deliveries" rows={2} height="h-12" />;
  return (
    <div>
      <Select
        aria-label="Status of deliveries"
        className="max-w-52"
        value={status}
        onChange={(event) => setStatus(event.target.value as Status | '')}
      >
        <option value="">All deliveries</option>
        {(Object.keys(LOOKS) as Status[]).map((each) => (
          <option key={each} value={each}>
            {LOOKS[each].label}
          </option>
        ))}
      </Select>
      {items.length === 0 ? (
        <p className="py-3 text-sm text-ink-soft">
          {status === ''
            ? 'Nothing was sent yet. It begins with the next event.'
            : 'No delivery is in this state.'}
        </p>
      ) : (
        <ul aria-label="Deliveries" className="mt-2 divide-y divide-line">
          {items.map((delivery) => (
            <Delivery
              key={delivery.id}
              delivery={delivery}
              pending={replay.isPending && replay.variables.id === delivery.id}
              onReplay={
                mayWrite && delivery.status !== 'pending' ? () => replay.mutate(delivery) : null
              }
            />
          ))}
        </ul>
      )}
      <LoadMore query={query} />
    </div>
  );
}
