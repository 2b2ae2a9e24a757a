'use client';

import { revokeOtherSessions, revokeSession, type ListSessionsResponse } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { LogOut, Monitor, Smartphone, SquareTerminal } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { formatDateTime, plural } from '../../lib/format.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { problemText } from '../../lib/problem-text.ts';
import { useOwnSessions } from './account-queries.ts';
import { deviceOf } from './device-words.ts';

type OwnSession = ListSessionsResponse['items'][number];

const ICONS = { phone: Smartphone, computer: Monitor, program: SquareTerminal };
const KEY = ['own-sessions'];

/** Takes the session off the list at once; it comes back when the server refused. */
function useRevoke() {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  return useMutation({
    mutationFn: ({ id }: OwnSession) =>
      revokeSession({
        client,
        path: { session_id: id },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onMutate: async ({ id }) => {
      await queries.cancelQueries({ queryKey: KEY });
      const before = queries.getQueryData<OwnSession[]>(KEY);
      queries.setQueryData<OwnSession[]>(KEY, (all) => all?.filter((each) => each.id !== id));
      return { before };
    },
    onSuccess: (_answer, session) =>
      notify({
        kind: 'success',
        title: `${deviceOf(session.user_agent).name} is signed out`,
      }),
    onError: (error, _session, kept) => {
      queries.setQueryData(KEY, kept?.before);
      notify({
        kind: 'error',
        title: 'The session could not be ended',
        detail: problemText(error),
      });
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: KEY }),
  });
}

function RevokeOthers({ count, onClose }: { count: number; onClose: () => void }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const revoke = useMutation({
    mutationFn: async () =>
      (
        await revokeOtherSessions({
          client,
          headers: { 'Idempotency-Key': newIdempotencyKey() },
        })
      ).data.revoked,
    onSuccess: (revoked) => {
      notify({ kind: 'success', title: `${plural(revoked, 'session')} ended` });
      void queries.invalidateQueries({ queryKey: KEY });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title="Sign out everywhere else?"
      description={`${plural(count, 'other session')} and the access tokens made by them end at once. This one goes on.`}
      action="Sign out everywhere else"
      pending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    />
  );
}

function SessionRow({ session, onRevoke }: { session: OwnSession; onRevoke: () => void }) {
  const { name, kind } = deviceOf(session.user_agent);
  const Icon = ICONS[kind];
  return (
    <li className="flex items-start justify-between gap-4 px-5 py-3.5 text-sm">
      <div className="flex min-w-0 gap-3">
        <Icon aria-hidden className="mt-0.5 size-5 shrink-0 text-ink-soft" />
        <div className="min-w-0">
          <p className="flex flex-wrap items-center gap-2">
            <span className="font-medium" title={session.user_agent ?? undefined}>
              {name}
            </span>
            {session.current ? <Badge tone="ok">This one</Badge> : null}
            {session.mfa ? <Badge>Second factor</Badge> : null}
          </p>
          <p className="mt-0.5 text-[0.8125rem] text-ink-soft wrap-anywhere">
            {session.ip_address ?? 'address unknown'} · used{' '}
            <RelativeTime time={session.last_used_at} /> · signed in{' '}
            {session.method === 'password' ? 'by password' : `through ${session.method}`}{' '}
            <RelativeTime time={session.created_at} /> · ends {formatDateTime(session.expires_at)}
          </p>
        </div>
      </div>
      {session.current ? null : (
        <Button size="sm" onClick={onRevoke}>
          <LogOut aria-hidden className="size-4" />
          <span className="sr-only sm:not-sr-only">Sign out</span>
          <span className="sr-only">{name}</span>
        </Button>
      )}
    </li>
  );
}

/** Where the person is signed in, with a way to end each of it. */
export function Sessions() {
  const sessions = useOwnSessions();
  const revoke = useRevoke();
  const [ending, setEnding] = useState(false);
  const others = sessions.data?.filter(({ current }) => !current).length ?? 0;
  return (
    <Section
      title="Sessions"
      actions={
        others === 0 ? undefined : (
          <Button size="sm" onClick={() => setEnding(true)}>
            Sign out everywhere else
          </Button>
        )
      }
    >
      {sessions.isError ? (
        <ErrorState
          what="Your sessions could not be loaded"
          error={sessions.error}
          onRetry={() => void sessions.refetch()}
        />
      ) : sessions.data === undefined ? (
        <div className="p-5">
          <SkeletonList label="sessions" rows={2} height="h-12" />
        </div>
      ) : (
        <ul aria-label="Sessions" className="divide-y divide-line">
          {sessions.data
            .toSorted((a, b) => Number(b.current) - Number(a.current))
            .map((session) => (
              <SessionRow
                key={session.id}
                session={session}
                onRevoke={() => revoke.mutate(session)}
              />
            ))}
        </ul>
      )}
      {ending ? <RevokeOthers count={others} onClose={() => setEnding(false)} /> : null}
    </Section>
  );
}
