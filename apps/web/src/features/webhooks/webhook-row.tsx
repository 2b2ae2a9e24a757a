'use client';

import {
  deleteWebhook,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
  type Webhook,
} from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, KeyRound, Pencil, Send, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge } from '../../components/ui/badge.tsx';
import { Button, IconButton } from '../../components/ui/button.tsx';
import { cn } from '../../components/ui/cn.ts';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { NewSecretDialog } from '../../components/ui/new-secret-dialog.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { formatDuration } from '../../lib/format.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { problemText } from '../../lib/problem-text.ts';
import { WebhookDeliveries } from './webhook-deliveries.tsx';

function useWebhookChange({ id, name, url, events, recipe, enabled }: Webhook, onDone: () => void) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const path = { webhook_id: id };
  const headers = () => ({ 'Idempotency-Key': newIdempotencyKey() });
  const onSuccess = () => {
    void queries.invalidateQueries({ queryKey: ['webhooks'] });
    onDone();
  };
  const remove = useMutation({
    mutationFn: () => deleteWebhook({ client, path, headers: headers() }),
    onSuccess,
  });
  const rotate = useMutation({
    mutationFn: async () =>
      (await rotateWebhookSecret({ client, path, headers: headers() })).data.secret,
    onSuccess,
  });
  const toggle = useMutation({
    mutationFn: () =>
      updateWebhook({
        client,
        path,
        body: { name, url, events, recipe, enabled: !enabled },
        headers: headers(),
      }),
    onSuccess,
    onError: (error) =>
      notify({
        kind: 'error',
        title: 'The webhook could not be changed',
        detail: problemText(error),
      }),
  });
  const test = useMutation({
    mutationFn: async () => (await testWebhook({ client, path, headers: headers() })).data,
    onSuccess,
  });
  return { remove, rotate, toggle, test };
}

type WebhookChange = ReturnType<typeof useWebhookChange>;

/** What came back from a test event. */
function TestAnswer({ test }: { test: WebhookChange['test'] }) {
  if (test.isError)
    return <ErrorState compact what="The test event could not be sent" error={test.error} />;
  if (test.data === undefined) return null;
  const { delivered, response_status: status, duration_ms: duration, error } = test.data;
  return (
    <p
      role="status"
      className={cn('rounded-lg px-4 py-3', delivered ? 'bg-ok-soft' : 'bg-bad-soft')}
    >
      <span className="font-medium">
        {delivered ? 'The test event arrived' : 'The test event did not arrive'}
      </span>
      {status === null ? '' : `, answer ${status}`}, after {formatDuration(duration)}
      {error === null ? '.' : `: ${error}`}
    </p>
  );
}

function Questions({
  webhook,
  change,
  asking,
  close,
}: {
  webhook: Webhook;
  change: WebhookChange;
  asking: 'remove' | 'rotate' | null;
  close: () => void;
}) {
  return (
    <>
      {asking === 'remove' ? (
        <ConfirmDialog
          title={`Delete ${webhook.name}?`}
          description="Nothing is sent there any more, and its deliveries are deleted with it."
          action="Delete the webhook"
          pending={change.remove.isPending}
          error={change.remove.error}
          onConfirm={() => change.remove.mutate()}
          onClose={close}
        />
      ) : null}
      {asking === 'rotate' ? (
        <ConfirmDialog
          title={`A new secret for ${webhook.name}?`}
          description="For 24 hours deliveries carry both signatures, so that the receiver can change without a gap."
          action="Make a new secret"
          danger={false}
          pending={change.rotate.isPending}
          error={change.rotate.error}
          onConfirm={() => change.rotate.mutate()}
          onClose={close}
        />
      ) : null}
      <NewSecretDialog rotate={change.rotate} who="the receiver" />
    </>
  );
}

export function WebhookRow({
  webhook,
  mayWrite,
  onEdit,
}: {
  webhook: Webhook;
  mayWrite: boolean;
  onEdit: () => void;
}) {
  const [asking, setAsking] = useState<'remove' | 'rotate' | null>(null);
  const [open, setOpen] = useState(false);
  const change = useWebhookChange(webhook, () => setAsking(null));
  return (
    <li className="grid gap-3 px-5 py-4 text-sm">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <p className="font-medium wrap-anywhere">{webhook.name}</p>
          <p className="font-mono text-[0.8125rem] text-ink-soft wrap-anywhere">{webhook.url}</p>
          <p className="mt-1.5 flex flex-wrap gap-1.5">
            {webhook.events.map((event) => (
              <Badge key={event}>{event}</Badge>
            ))}
            {webhook.recipe === null ? null : <Badge tone="busy">Recipe {webhook.recipe}</Badge>}
          </p>
        </div>
        {mayWrite ? (
          <div className="flex flex-wrap items-center gap-1.5">
            <label className="flex min-h-9 items-center gap-2 pr-2">
              <span className="text-[0.8125rem] text-ink-soft">On</span>
              <Switch
                id={`on-${webhook.id}`}
                checked={webhook.enabled}
                onCheckedChange={() => change.toggle.mutate()}
              />
            </label>
            <Button size="sm" pending={change.test.isPending} onClick={() => change.test.mutate()}>
              {change.test.isPending ? null : <Send aria-hidden className="size-4" />} Test
              <span className="sr-only">{webhook.name}</span>
            </Button>
            <IconButton
              label={`New secret for ${webhook.name}`}
              onClick={() => setAsking('rotate')}
            >
              <KeyRound aria-hidden className="size-4" />
            </IconButton>
            <IconButton label={`Change ${webhook.name}`} onClick={onEdit}>
              <Pencil aria-hidden className="size-4" />
            </IconButton>
            <IconButton label={`Delete ${webhook.name}`} onClick={() => setAsking('remove')}>
              <Trash2 aria-hidden className="size-4" />
            </IconButton>
          </div>
        ) : webhook.enabled ? null : (
          <Badge>Off</Badge>
        )}
      </div>
      {webhook.disabled_reason === null ? null : (
        <p className="rounded-lg bg-warn-soft px-4 py-3">Switched off: {webhook.disabled_reason}</p>
      )}
      <TestAnswer test={change.test} />
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="inline-flex min-h-9 list-none items-center gap-1.5 text-[0.8125rem] font-medium text-accent-strong">
          <ChevronDown aria-hidden className="size-4" /> Deliveries
        </summary>
        {open ? (
          <div className="mt-2 border-l-2 border-line pl-4">
            <WebhookDeliveries webhook={webhook} mayWrite={mayWrite} />
          </div>
        ) : null}
      </details>
      <Questions webhook={webhook} change={change} asking={asking} close={() => setAsking(null)} />
    </li>
  );
}
