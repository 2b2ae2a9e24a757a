'use client';

import { signUp } from '@automatos/sdk';
import { Lock } from 'lucide-react';
import Link from 'next/link';
import { useApi } from '../../components/app-providers.tsx';
import { ButtonLink } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { useAuthStatus } from '../session/use-session.ts';
import { AuthCard } from './auth-card.tsx';
import { AuthForm, type AuthField } from './auth-form.tsx';

type Values = { name: string; email: string; password: string };

const FIELDS: readonly AuthField<Values>[] = [
  { name: 'name', label: 'Name', type: 'text', autoComplete: 'name' },
  { name: 'email', label: 'E-mail', type: 'email', autoComplete: 'username' },
  {
    name: 'password',
    label: 'Password',
    type: 'password',
    autoComplete: 'new-password',
    minLength: 10,
    help: 'At least 10 characters.',
  },
];

export function SignUpForm() {
  const client = useApi();
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
          This installation has its owner already. Ask them to let you in.
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
      <AuthForm<Values>
        fields={FIELDS}
        submitLabel={first ? 'Create owner account' : 'Sign up'}
        failure="The account could not be created"
        submit={(body) => signUp({ client, body })}
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
