'use client';

import { Lock } from 'lucide-react';
import Link from 'next/link';
import { ButtonLink } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { useAuthStatus } from '../session/use-session.ts';
import { AuthCard } from './auth-card.tsx';
import { SignUpPanel } from './sign-up-panel.tsx';
import { useEnter } from './use-enter.ts';

export function SignUpForm() {
  const enter = useEnter();
  const status = useAuthStatus();
  if (status.isPending) return <SkeletonList label="sign-up" rows={1} height="h-96" />;
  if (status.isError) {
    return (
      <ErrorState
        what="The sign-up state could not be read"
        error={status.error}
        onRetry={() => void status.refetch()}
      />
    );
  }
  const first = status.data.needs_owner;
  if (!first && !status.data.sign_up_open) {
    return (
      <Card>
        <h1 className="sr-only">Sign up</h1>
        <EmptyState
          icon={Lock}
          title="Sign-up is closed"
          action={
            <ButtonLink href="/sign-in" variant="primary">
              Sign in
            </ButtonLink>
          }
        >
          New accounts are made by invitation here. Ask somebody of a workspace for a link; it leads
          to the form.
        </EmptyState>
      </Card>
    );
  }
  return (
    <AuthCard
      title={first ? 'Set up Automatos' : 'Sign up'}
      lead={
        first
          ? 'The first account owns this installation. It is stored on this machine only.'
          : 'Create your account to join.'
      }
    >
      <SignUpPanel
        submitLabel={first ? 'Create owner account' : 'Sign up'}
        onEntered={() => enter()}
      />
      {first ? null : (
        <p className="mt-5 text-center text-sm text-ink-soft">
          Have an account?{' '}
          <Link
            href="/sign-in"
            className="font-medium text-accent-strong underline underline-offset-2"
          >
            Sign in
          </Link>
        </p>
      )}
    </AuthCard>
  );
}
