'use client';

import {
  deleteTrigger,
  listTriggerDeliveries,
  rotateTriggerSecret,
  updateTrigger,
  type Trigger,
  type TriggerDelivery,
} from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, KeyRound, Pencil, Trash2, Webhook, Zap } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { useApi } from '../../../components/api-context.ts';
import { Badge, type Tone } from '../../../components/ui/badge.tsx';
import { IconButton } from '../../../components/ui/button.tsx';
import { CopyButton } from '../../../components/ui/code-block.tsx';
import { ConfirmDialog } from '../../../components/ui/confirm-dialog.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { LoadMore } from '../../../components/ui/load-more.tsx';
import { NewSecretDialog } from '../../../components/ui/new-secret-dialog.tsx';
import { SkeletonList } from '../../../components/ui/skeleton.tsx';
import { Switch } from '../../../components/ui/switch.tsx';
import { useToast } from '../../../components/ui/toast.tsx';
import { formatDateTime } from '../../../lib/format.ts';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';
import { problemText } from '../../../lib/problem-text.ts';
import { usePaged } from '../../../lib/use-paged.ts';
import { EVENTS, SIGNATURES } from './trigger-form.ts';

const OUTCOMES: Record<TriggerDelivery['outcome'], { label: string; tone: Tone }> = {
  started: { label: 'Started a run', tone: 'ok' },
  filtered: { label: 'Did not match', tone: 'idle' },
  refused: { label: 'Refused', tone: 'warn' },
  failed: { label: 'Failed', tone: 'bad' },
};

function Deliveries({ trigger }: { trigger: Trigger }) {
  const client = useApi();
  const { query, items } = usePaged(
    ['triggers', 'deliveries', trigger.id],
    async (cursor, signal) => {
      const paging = { limit: 20, ...(cursor === undefined ? {} : { cursor }) };
      return (
        await listTriggerDeliveries({
          client,
          path: { trigger_id: trigger.id },
          query: paging,
          signal,
        })
      ).data;
    },
  );
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
  if (items === undefined) return <SkeletonList label="deliveries" rows={2} height="h-9" />;
  if (items.length === 0) return <p className="text-sm text-ink-soft">Nothing came in yet.</p>;
  return (
    <>
      <ul aria-label="Deliveries" className="divide-y divide-line text-sm">
        {items.map((delivery) => (
          <li
            key={delivery.id}
            className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2"
          >
            <span className="min-w-0">
              <time dateTime={delivery.received_at}>{formatDateTime(delivery.received_at)}</time>
              <code className="ml-3 font-mono text-xs text-ink-soft wrap-anywhere">
                {delivery.delivery_id.slice(0, 40)}
              </code>
            </span>
            <span className="flex flex-wrap items-center gap-2">
              <Badge tone={OUTCOMES[delivery.outcome].tone}>
                {OUTCOMES[delivery.outcome].label}
              </Badge>
              {delivery.run_id === null ? null : (
                <Link
                  href={`/runs/${delivery.run_id}`}
                  className="font-medium text-accent-strong underline underline-offset-2"
                >
                  Open the run
                </Link>
              )}
            </span>
            {delivery.error === null ? null : (
              <p className="w-full text-[0.8125rem] text-bad wrap-anywhere">
                {delivery.error.message}
              </p>
            )}
          </li>
        ))}
      </ul>
      <LoadMore query={query} />
    </>
  );
}

function summaryOf({ spec }: Trigger): string {
  if (spec.type === 'webhook') {
    return `Webhook, ${SIGNATURES.find(({ value }) => value === spec.signature)?.label ?? spec.signature}`;
  }
  const ends = EVENTS.filter(([event]) => spec.on.includes(event)).map(([, label]) => label);
  return `When a run of ${spec.recipe ?? 'another recipe'} ${ends.join(' or ')}`;
}

function useTriggerChange(onDone: () => void) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const headers = () => ({ 'Idempotency-Key': newIdempotencyKey() });
  const onSuccess = () => {
    void queries.invalidateQueries({ queryKey: ['triggers'] });
    onDone();
  };
  const remove = useMutation({
    mutationFn: ({ id }: Trigger) =>
      deleteTrigger({ client, path: { trigger_id: id }, headers: headers() }),
    onSuccess,
  });
  const toggle = useMutation({
    mutationFn: ({ id, spec }: Trigger) =>
      updateTrigger({
        client,
        path: { trigger_id: id },
        body: { spec: { ...spec, enabled: !spec.enabled } },
        headers: headers(),
      }),
    onSuccess,
    onError: (error) =>
      notify({
        kind: 'error',
        title: 'The trigger could not be changed',
        detail: problemText(error),
      }),
  });
  const rotate = useMutation({
    mutationFn: async ({ id }: Trigger) =>
      (await rotateTriggerSecret({ client, path: { trigger_id: id }, headers: headers() })).data
        .secret,
    onSuccess,
  });
  return { remove, toggle, rotate };
}

function Buttons({ trigger, onEdit }: { trigger: Trigger; onEdit: () => void }) {
  const [asking, setAsking] = useState<'remove' | 'rotate' | null>(null);
  const change = useTriggerChange(() => setAsking(null));
  const { name } = trigger.spec;
  return (
    <>
      <label className="flex min-h-9 items-center gap-2">
        <span className="text-[0.8125rem] text-ink-soft">On</span>
        <Switch
          id={`on-${trigger.id}`}
          checked={trigger.enabled}
          onCheckedChange={() => change.toggle.mutate(trigger)}
        />
      </label>
      {trigger.spec.type === 'webhook' ? (
        <IconButton label={`New secret for ${name}`} onClick={() => setAsking('rotate')}>
          <KeyRound aria-hidden className="size-4" />
        </IconButton>
      ) : null}
      <IconButton label={`Change ${name}`} onClick={onEdit}>
        <Pencil aria-hidden className="size-4" />
      </IconButton>
      <IconButton label={`Delete ${name}`} onClick={() => setAsking('remove')}>
        <Trash2 aria-hidden className="size-4" />
      </IconButton>
      {asking === 'remove' ? (
        <ConfirmDialog
          title={`Delete ${name}?`}
          description="Deliveries to its address are refused from now on. Runs that it started stay."
          action="Delete the trigger"
          pending={change.remove.isPending}
          error={change.remove.error}
          onConfirm={() => change.remove.mutate(trigger)}
          onClose={() => setAsking(null)}
        />
      ) : null}
      {asking === 'rotate' ? (
        <ConfirmDialog
          title={`A new secret for ${name}?`}
          description="The old secret stops working at once; the sender needs the new one."
          action="Make a new secret"
          pending={change.rotate.isPending}
          error={change.rotate.error}
          onConfirm={() => change.rotate.mutate(trigger)}
          onClose={() => setAsking(null)}
        />
      ) : null}
      <NewSecretDialog rotate={change.rotate} who="the sender" />
    </>
  );
}

export function TriggerRow({
  trigger,
  mayWrite,
  onEdit,
}: {
  trigger: Trigger;
  mayWrite: boolean;
  onEdit: () => void;
}) {
  const [open, setOpen] = useState(false);
  const Icon = trigger.spec.type === 'webhook' ? Webhook : Zap;
  return (
    <li className="px-5 py-4 text-sm">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="flex min-w-0 gap-3">
          <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-soft" />
          <div className="min-w-0">
            <p className="font-medium wrap-anywhere">{trigger.spec.name}</p>
            <p className="text-ink-soft wrap-anywhere">
              {summaryOf(trigger)}
              {trigger.spec.when === undefined ? null : (
                <>
                  , only when{' '}
                  <code className="font-mono text-[0.8125rem]">{trigger.spec.when}</code>
                </>
              )}
            </p>
          </div>
        </div>
        <div className="flex items-center gap-1.5">
          {trigger.source === 'recipe' ? <Badge>Stands in the recipe</Badge> : null}
          {trigger.enabled || (mayWrite && trigger.source === 'api') ? null : <Badge>Off</Badge>}
          {mayWrite && trigger.source === 'api' ? (
            <Buttons trigger={trigger} onEdit={onEdit} />
          ) : null}
        </div>
      </div>
      {trigger.url === null ? null : (
        <div className="mt-3 flex items-center gap-2 rounded-lg bg-sunken py-1.5 pr-1.5 pl-3">
          <code className="min-w-0 flex-1 font-mono text-[0.8125rem] wrap-anywhere">
            {trigger.url}
          </code>
          <CopyButton text={trigger.url} label="Copy address" />
        </div>
      )}
      <details className="mt-2" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="inline-flex min-h-9 list-none items-center gap-1.5 text-[0.8125rem] font-medium text-accent-strong">
          <ChevronDown aria-hidden className="size-4" /> Deliveries
        </summary>
        {open ? (
          <div className="mt-2 border-l-2 border-line pl-4">
            <Deliveries trigger={trigger} />
          </div>
        ) : null}
      </details>
    </li>
  );
}
