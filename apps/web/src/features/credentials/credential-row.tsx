'use client';

import { deleteCredential, isApiProblem } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pencil, PlugZap, RotateCcwKey, Trash2 } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge } from '../../components/ui/badge.tsx';
import { Button, IconButton } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { formatDateTime } from '../../lib/format.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { CredentialIcon } from './credential-icon.tsx';
import { useCredentialTest } from './credential-queries.ts';
import {
  masked,
  type Credential,
  type CredentialTest,
  type CredentialType,
} from './credential-views.ts';
import { TestResult } from './test-result.tsx';

const RotateDialog = dynamic(async () => (await import('./rotate-dialog.tsx')).RotateDialog, {
  ssr: false,
});

function LastTest({ test }: { test: CredentialTest | null }) {
  if (test === null) return <Badge>Not tested</Badge>;
  return (
    <span title={test.message}>
      <Badge tone={test.ok ? 'ok' : 'bad'}>{test.ok ? 'Worked' : 'Failed'}</Badge>{' '}
      <RelativeTime time={test.at} />
    </span>
  );
}

function DeleteDialog({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const remove = useMutation({
    mutationFn: () =>
      deleteCredential({
        client,
        path: { credential_id: credential.id },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: () => {
      notify({ kind: 'success', title: `${credential.name} is deleted` });
      void queries.invalidateQueries({ queryKey: ['credentials'] });
      onClose();
    },
  });
  const used = isApiProblem(remove.error) && remove.error.status === 409;
  return (
    <ConfirmDialog
      title={`Delete ${credential.name}?`}
      description={
        used
          ? 'Nothing was deleted: something still needs it.'
          : 'Its secrets are deleted with it and cannot be had back. What needs it is named before anything happens.'
      }
      action="Delete the credential"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}

function Facts({ credential, type }: { credential: Credential; type: CredentialType | undefined }) {
  const label = (name: string) => type?.fields.find((field) => field.name === name)?.label ?? name;
  const secrets = Object.entries(credential.secrets).map(
    ([name, secret]) => [label(name), masked(secret)] as const,
  );
  const open = Object.entries(credential.fields)
    .filter(([, value]) => typeof value !== 'object')
    .map(([name, value]) => [label(name), String(value)] as const);
  return (
    <dl className="mt-1.5 flex flex-wrap gap-x-5 gap-y-1 text-[0.8125rem]">
      {[...secrets, ...open].map(([name, value]) => (
        <div key={name} className="flex min-w-0 gap-1.5">
          <dt className="text-ink-soft">{name}</dt>
          <dd className="font-mono text-xs leading-5 wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** One credential, secrets masked, with what can be done to it. */
export function CredentialRow({
  credential,
  type,
  mayWrite,
  onEdit,
}: {
  credential: Credential;
  type: CredentialType | undefined;
  mayWrite: boolean;
  onEdit: () => void;
}) {
  const [asking, setAsking] = useState<'rotate' | 'remove' | null>(null);
  const test = useCredentialTest(credential.id);
  const { name } = credential;
  const close = () => setAsking(null);
  return (
    <li className="grid gap-3 px-5 py-4 text-sm">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
        <div className="flex min-w-0 flex-1 basis-80 gap-3.5">
          <span className="mt-0.5 inline-flex size-10 shrink-0 items-center justify-center rounded-lg bg-accent-soft text-accent-strong">
            <CredentialIcon type={type} className="size-5" />
          </span>
          <div className="min-w-0">
            <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
              <span className="font-medium wrap-anywhere">{name}</span>
              <Badge>{type?.name ?? credential.type}</Badge>
              {credential.scope === 'platform' ? <Badge tone="busy">Platform</Badge> : null}
            </p>
            <Facts credential={credential} type={type} />
            <p className="mt-1.5 flex flex-wrap items-center gap-x-2 gap-y-1 text-[0.8125rem] text-ink-soft">
              {type === undefined || type.test === null ? null : (
                <>
                  <LastTest test={credential.last_test} /> ·
                </>
              )}
              <span>
                {credential.last_used_at === null ? (
                  'never used'
                ) : (
                  <>
                    used <RelativeTime time={credential.last_used_at} />
                  </>
                )}
              </span>
              {credential.previous_until === null ? null : (
                <span>
                  · signatures by the secret before count until{' '}
                  {formatDateTime(credential.previous_until)}
                </span>
              )}
            </p>
          </div>
        </div>
        {mayWrite && type !== undefined ? (
          <div className="flex flex-wrap items-center gap-1.5">
            {type.test === null ? null : (
              <Button
                size="sm"
                pending={test.isPending}
                onClick={() => test.mutate()}
                title={type.test}
              >
                {test.isPending ? null : <PlugZap aria-hidden className="size-4" />} Test
                <span className="sr-only">{name}</span>
              </Button>
            )}
            <IconButton label={`New secret for ${name}`} onClick={() => setAsking('rotate')}>
              <RotateCcwKey aria-hidden className="size-4" />
            </IconButton>
            <IconButton label={`Change ${name}`} onClick={onEdit}>
              <Pencil aria-hidden className="size-4" />
            </IconButton>
            <IconButton label={`Delete ${name}`} onClick={() => setAsking('remove')}>
              <Trash2 aria-hidden className="size-4" />
            </IconButton>
          </div>
        ) : null}
      </div>
      <TestResult test={test} name={name} />
      {asking === 'rotate' && type !== undefined ? (
        <RotateDialog type={type} credential={credential} onClose={close} />
      ) : null}
      {asking === 'remove' ? <DeleteDialog credential={credential} onClose={close} /> : null}
    </li>
  );
}
