'use client';

import { acceptInvitation, inspectInvitation, isApiProblem } from '@automatos/sdk';
import { useMutation, useQuery } from '@tanstack/react-query';
import { MailX } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button, ButtonLink } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { formatDateTime } from '../../lib/format.ts';
import { useFragment } from '../../lib/use-fragment.ts';
import { enterWorkspace } from '../../lib/workspace-choice.ts';
import { useAuthStatus, useSession, useSignOut } from '../session/use-session.ts';
import { AuthCard } from './auth-card.tsx';
import type { InvitationView } from './auth-types.ts';
import { SignInPanel } from './sign-in-panel.tsx';
import { SignUpPanel } from './sign-up-panel.tsx';
import { useEnter } from './use-enter.ts';

/** Joins with the account that is signed in, and opens the workspace. */
function useAccept(token: string) {
  const client = useApi();
  return useMutation({
    mutationFn: async () => (await acceptInvitation({ client, body: { token } })).data,
    onSuccess: ({ id }) => enterWorkspace(id),
  });
}

function NoInvitation({ title, children }: { title: string; children: string }) {
  return (
    <Card>
      <h1 className="sr-only">Invitation</h1>
      <EmptyState
        icon={MailX}
        title={title}
        action={
          <ButtonLink href="/sign-in" variant="primary">
            Sign in
          </ButtonLink>
        }
      >
        {children}
      </EmptyState>
    </Card>
  );
}

/** For somebody who is signed in: join, or say that the invitation is somebody else's. */
function SignedIn({
  invitation,
  token,
  email,
}: {
  invitation: InvitationView;
  token: string;
  email: string;
}) {
  const accept = useAccept(token);
  const signOut = useSignOut();
  const leave = useMutation({ mutationFn: () => signOut(`/invitation#${token}`) });
  if (email.toLowerCase() !== invitation.email.toLowerCase())
    return (
      <div className="grid gap-4">
        <p role="alert" className="rounded-lg bg-warn-soft px-4 py-3 text-sm wrap-anywhere">
          You are signed in as <strong>{email}</strong>, and this invitation is for{' '}
          <strong>{invitation.email}</strong>. Sign out to go on as the other.
        </p>
        {leave.isError ? (
          <ErrorState compact what="Sign-out did not reach the server" error={leave.error} />
        ) : null}
        <div className="flex flex-wrap justify-end gap-2">
          <ButtonLink href="/">Stay signed in</ButtonLink>
          <Button variant="primary" pending={leave.isPending} onClick={() => leave.mutate()}>
            Sign out
          </Button>
        </div>
      </div>
    );
  return (
    <div className="grid gap-4">
      {accept.isError ? (
        <ErrorState compact what="You could not join" error={accept.error} />
      ) : null}
      <Button
        variant="primary"
        pending={accept.isPending || accept.isSuccess}
        onClick={() => accept.mutate()}
      >
        Join {invitation.workspace_name}
      </Button>
    </div>
  );
}

/** For somebody who is not: an account with the address of the invitation is used or made. */
function SignedOut({ invitation, token }: { invitation: InvitationView; token: string }) {
  const accept = useAccept(token);
  const enter = useEnter();
  const { email } = invitation;
  if (accept.isError)
    return (
      <div className="grid gap-4">
        <ErrorState
          compact
          what="You are signed in, and could not join"
          error={accept.error}
          onRetry={() => accept.mutate()}
        />
        <ButtonLink href="/">Go on without it</ButtonLink>
      </div>
    );
  if (accept.isPending || accept.isSuccess)
    return <SkeletonList label="workspace" rows={1} height="h-24" />;
  return invitation.has_account ? (
    <SignInPanel email={email} invitation={token} onEntered={() => accept.mutate()} />
  ) : (
    <SignUpPanel
      submitLabel="Create account and join"
      email={email}
      invitation={token}
      onEntered={() => enter('/')}
    />
  );
}

function Known({ invitation, token }: { invitation: InvitationView; token: string }) {
  const status = useAuthStatus();
  // Decided once: the sign-in of this page changes the answer before it has joined.
  const [known, setKnown] = useState<boolean | null>(null);
  if (known === null && status.data !== undefined) setKnown(status.data.authenticated);
  const session = useSession(known === true);
  const email = session.data?.user?.email;
  if (status.isError || session.isError)
    return (
      <ErrorState
        what="Your session could not be read"
        error={status.error ?? session.error}
        onRetry={() => void (status.isError ? status : session).refetch()}
      />
    );
  if (known === null || (known && session.data === undefined))
    return <SkeletonList label="invitation" rows={1} height="h-24" />;
  return (
    <AuthCard
      title={`Join ${invitation.workspace_name}`}
      lead={`${invitation.invited_by} invited ${invitation.email} as ${invitation.role}. The invitation is good until ${formatDateTime(invitation.expires_at)}.`}
    >
      {known && email !== undefined ? (
        <SignedIn invitation={invitation} token={token} email={email} />
      ) : (
        <SignedOut invitation={invitation} token={token} />
      )}
    </AuthCard>
  );
}

/** Where the link of an invitation leads. The token stands behind the # of the address, so that no server's log holds it. */
export function Invitation() {
  const client = useApi();
  const token = useFragment();
  const inspected = useQuery({
    queryKey: ['invitation', token],
    queryFn: async ({ signal }) =>
      (await inspectInvitation({ client, body: { token: token ?? '' }, signal })).data,
    enabled: token !== null && token !== '',
    staleTime: Infinity,
  });
  if (token === '')
    return (
      <NoInvitation title="This link is not whole">
        Open the whole link that you were given: what stands behind the # is missing.
      </NoInvitation>
    );
  if (inspected.isError) {
    const refused = isApiProblem(inspected.error) && !inspected.error.retryable;
    return refused ? (
      <NoInvitation title="This invitation cannot be used">{inspected.error.message}</NoInvitation>
    ) : (
      <ErrorState
        what="The invitation could not be read"
        error={inspected.error}
        onRetry={() => void inspected.refetch()}
      />
    );
  }
  if (token === null || inspected.data === undefined)
    return <SkeletonList label="invitation" rows={1} height="h-72" />;
  return <Known invitation={inspected.data} token={token} />;
}
