'use client';

import { signIn } from '@automatos/sdk';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { useApi } from '../../components/app-providers.tsx';
import { useAuthStatus } from '../session/use-session.ts';
import { AuthCard } from './auth-card.tsx';
import { AuthForm, type AuthField } from './auth-form.tsx';

type Values = { email: string; password: string };

const FIELDS: readonly AuthField<Values>[] = [
  { name: 'email', label: 'E-mail', type: 'email', autoComplete: 'username' },
  { name: 'password', label: 'Password', type: 'password', autoComplete: 'current-password' },
];

export function SignInForm() {
  const client = useApi();
  const router = useRouter();
  const status = useAuthStatus().data;
  useEffect(() => {
    if (status?.needs_owner === true) router.replace('/sign-up');
    else if (status?.authenticated === true) router.replace('/');
  }, [status, router]);
  return (
    <AuthCard title="Sign in" lead="Welcome back. Your runs went on without you.">
      <AuthForm<Values>
        fields={FIELDS}
        submitLabel="Sign in"
        failure="You could not be signed in"
        submit={(body) => signIn({ client, body })}
      />
      {status?.sign_up_open === true ? (
        <p className="mt-5 text-center text-sm text-ink-soft">
          No account yet?{' '}
          <Link
            href="/sign-up"
            className="font-medium text-accent-strong underline underline-offset-2"
          >
            Sign up
          </Link>
        </p>
      ) : null}
    </AuthCard>
  );
}
