'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { useAuthStatus } from '../session/use-session.ts';
import { AuthCard } from './auth-card.tsx';
import { ReturnedError } from './returned-error.tsx';
import { SignInPanel } from './sign-in-panel.tsx';
import { useEnter } from './use-enter.ts';

export function SignInForm() {
  const router = useRouter();
  const enter = useEnter();
  const [asked, setAsked] = useState(false);
  const status = useAuthStatus().data;
  useEffect(() => {
    if (status?.needs_owner === true) router.replace('/sign-up');
    else if (status?.authenticated === true) router.replace('/');
  }, [status, router]);
  return (
    <AuthCard
      title={asked ? 'Second factor' : 'Sign in'}
      lead={
        asked
          ? 'The password is right. Now the code that your authenticator shows.'
          : 'Welcome back. Your runs went on without you.'
      }
    >
      {asked ? null : <ReturnedError />}
      <SignInPanel onEntered={() => enter()} onChallenge={setAsked} />
      {status?.sign_up_open === true && !asked ? (
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
