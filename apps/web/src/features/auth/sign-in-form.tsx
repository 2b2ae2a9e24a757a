'use client';

import { CircleAlert } from 'lucide-react';
import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import { useEffect, useState } from 'react';
import { useAuthStatus } from '../session/use-session.ts';
import { AuthCard } from './auth-card.tsx';
import { signInErrorText } from './sign-in-errors.ts';
import { SignInPanel } from './sign-in-panel.tsx';
import { useEnter } from './use-enter.ts';

/** What the address says went wrong at a provider. */
function ReturnedError() {
  const code = useSearchParams().get('error');
  const text = signInErrorText(code);
  if (text === null) return null;
  return (
    <div role="alert" className="mb-5 flex gap-3 rounded-card bg-bad-soft p-3 text-sm">
      <CircleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-bad" />
      <div className="min-w-0">
        <p>{text}</p>
        <p className="mt-1 font-mono text-xs wrap-anywhere">{code?.slice(0, 100)}</p>
      </div>
    </div>
  );
}

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
