'use client';

import { listInvitations, revokeInvitation, type ListInvitationsResponse } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../components/api-context.ts';
import { Badge, type Tone } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { formatDateTime } from '../../lib/format.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { problemText } from '../../lib/problem-text.ts';
import { usePaged } from '../../lib/use-paged.ts';

type InvitationItem = ListInvitationsResponse['items'][number];

const STATES: Record<InvitationItem['state'], { label: string; tone: Tone }> = {
  pending: { label: 'Waits', tone: 'busy' },
  accepted: { label: 'Accepted', tone: 'ok' },
  expired: { label: 'Ran out', tone: 'idle' },
  revoked: { label: 'Taken back', tone: 'idle' },
};

function InvitationRow({
  invitation,
  workspaceId,
  mayWrite,
}: {
  invitation: InvitationItem;
  workspaceId: string;
  mayWrite: boolean;
}) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const revoke = useMutation({
    mutationFn: () =>
      revokeInvitation({
        client,
        path: { workspace_id: workspaceId, invitation_id: invitation.id },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: () =>
      notify({ kind: 'success', title: `The invitation of ${invitation.email} is taken back` }),
    onError: (error) =>
      notify({
        kind: 'error',
        title: 'The invitation could not be taken back',
        detail: problemText(error),
      }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['invitations'] }),
  });
  const { label, tone } = STATES[invitation.state];
  const waits = invitation.state === 'pending';
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-5 py-3.5 text-sm">
      <div className="min-w-0 flex-1 basis-60">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium wrap-anywhere">{invitation.email}</span>
          <Badge tone={tone}>{label}</Badge>
          <Badge>{invitation.role}</Badge>
        </p>
        <p className="mt-0.5 text-[0.8125rem] text-ink-soft wrap-anywhere">
          by {invitation.invited_by} <RelativeTime time={invitation.created_at} />
          {waits ? ` · good until ${formatDateTime(invitation.expires_at)}` : ''}
        </p>
      </div>
      {waits && mayWrite ? (
        <Button size="sm" pending={revoke.isPending} onClick={() => revoke.mutate()}>
          Take back <span className="sr-only">the invitation of {invitation.email}</span>
        </Button>
      ) : null}
    </li>
  );
}

/** Who was asked to join, and what became of it. */
export function Invitations({ workspaceId, mayWrite }: { workspaceId: string; mayWrite: boolean }) {
  const client = useApi();
  const { query, items } = usePaged(['invitations', workspaceId], async (cursor, signal) => {
    const paging = { limit: 50, ...(cursor === undefined ? {} : { cursor }) };
    const path = { workspace_id: workspaceId };
    return (await listInvitations({ client, path, query: paging, signal })).data;
  });
  return (
    <Section title="Invitations">
      {query.isError ? (
        <ErrorState
          what="Invitations could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : items === undefined ? (
        <div className="p-5">
          <SkeletonList label="invitations" rows={1} height="h-12" />
        </div>
      ) : items.length === 0 ? (
        <p className="px-5 py-6 text-sm text-ink-soft">
          Nobody was invited yet.{mayWrite ? ' “Invite” makes a link that you pass on.' : ''}
        </p>
      ) : (
        <ul aria-label="Invitations" className="divide-y divide-line">
          {items.map((invitation) => (
            <InvitationRow
              key={invitation.id}
              invitation={invitation}
              workspaceId={workspaceId}
              mayWrite={mayWrite}
            />
          ))}
        </ul>
      )}
      <LoadMore query={query} />
    </Section>
  );
}
