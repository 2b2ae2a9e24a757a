'use client';

import { deleteIdentity, linkOidc } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Link2, Link2Off, LogIn } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { problemText } from '../../lib/problem-text.ts';
import { useAuthStatus } from '../session/use-session.ts';
import { useIdentities } from './account-queries.ts';

const PasswordDialog = dynamic(async () => (await import('./password-dialog.tsx')).PasswordDialog, {
  ssr: false,
});

interface Way {
  id: string;
  provider: string;
  name: string;
  created_at: string;
}

function DisconnectDialog({ way, onClose }: { way: Way; onClose: () => void }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const remove = useMutation({
    mutationFn: () =>
      deleteIdentity({
        client,
        path: { identity_id: way.id },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: () => {
      notify({ kind: 'success', title: `${way.name} is disconnected` });
      void queries.invalidateQueries({ queryKey: ['identities'] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`Disconnect ${way.name}?`}
      description="You cannot sign in with it any more. Your account and everything in it stays, and you can connect it again."
      action="Disconnect"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}

function ConnectButton({ id, name }: { id: string; name: string }) {
  const client = useApi();
  const notify = useToast();
  const link = useMutation({
    mutationFn: async () =>
      (
        await linkOidc({
          client,
          path: { provider_id: id },
          headers: { 'Idempotency-Key': newIdempotencyKey() },
        })
      ).data.url,
    onSuccess: (url) => window.location.assign(url),
    onError: (error) =>
      notify({
        kind: 'error',
        title: `${name} could not be connected`,
        detail: problemText(error),
      }),
  });
  return (
    <Button size="sm" pending={link.isPending || link.isSuccess} onClick={() => link.mutate()}>
      {link.isPending || link.isSuccess ? null : <Link2 aria-hidden className="size-4" />} Connect
      <span className="sr-only">{name}</span>
    </Button>
  );
}

/** How the person gets in: password and connected providers. The last way stays. */
export function SignInWays() {
  const identities = useIdentities();
  const providers = useAuthStatus().data?.providers ?? [];
  const [changing, setChanging] = useState(false);
  const [leaving, setLeaving] = useState<Way | null>(null);
  const ways = identities.data;
  const others = providers.filter(({ id }) => !ways?.some(({ provider }) => provider === id));
  return (
    <Section title="Ways to sign in">
      {identities.isError ? (
        <ErrorState
          what="Your ways to sign in could not be loaded"
          error={identities.error}
          onRetry={() => void identities.refetch()}
        />
      ) : ways === undefined ? (
        <div className="p-5">
          <SkeletonList label="ways to sign in" rows={1} height="h-12" />
        </div>
      ) : (
        <ul aria-label="Ways to sign in" className="divide-y divide-line text-sm">
          {ways.map((way) => {
            const own = way.provider === 'password';
            const Icon = own ? KeyRound : LogIn;
            return (
              <li
                key={way.id}
                className="flex min-h-16 items-center justify-between gap-4 px-5 py-3"
              >
                <div className="flex min-w-0 items-center gap-3">
                  <Icon aria-hidden className="size-5 shrink-0 text-ink-soft" />
                  <div className="min-w-0">
                    <p className="font-medium wrap-anywhere">{own ? 'Password' : way.name}</p>
                    <p className="text-[0.8125rem] text-ink-soft">
                      since <RelativeTime time={way.created_at} />
                    </p>
                  </div>
                </div>
                {own ? (
                  <Button size="sm" onClick={() => setChanging(true)}>
                    Change <span className="sr-only">the password</span>
                  </Button>
                ) : (
                  <Button
                    size="sm"
                    disabled={ways.length < 2}
                    title={ways.length < 2 ? 'The last way to sign in stays' : undefined}
                    onClick={() => setLeaving(way)}
                  >
                    <Link2Off aria-hidden className="size-4" /> Disconnect
                    <span className="sr-only">{way.name}</span>
                  </Button>
                )}
              </li>
            );
          })}
          {others.map(({ id, name }) => (
            <li key={id} className="flex min-h-16 items-center justify-between gap-4 px-5 py-3">
              <div className="flex min-w-0 items-center gap-3">
                <LogIn aria-hidden className="size-5 shrink-0 text-ink-soft" />
                <div className="min-w-0">
                  <p className="font-medium wrap-anywhere">{name}</p>
                  <p className="text-[0.8125rem] text-ink-soft">not connected</p>
                </div>
              </div>
              <ConnectButton id={id} name={name} />
            </li>
          ))}
        </ul>
      )}
      {changing ? <PasswordDialog onClose={() => setChanging(false)} /> : null}
      {leaving === null ? null : (
        <DisconnectDialog way={leaving} onClose={() => setLeaving(null)} />
      )}
    </Section>
  );
}
