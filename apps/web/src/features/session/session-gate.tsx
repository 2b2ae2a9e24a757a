'use client';

import { isApiProblem } from '@automatos/sdk';
import { usePathname, useRouter } from 'next/navigation';
import { useEffect, type ReactNode } from 'react';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { useAuthStatus, useSession } from './use-session.ts';

/** Shows a page to those who are signed in; everyone else is led to sign-in, or to sign-up when nobody owns this yet. */
export function SessionGate({ children }: { children: ReactNode }) {
  const router = useRouter();
  const pathname = usePathname();
  const session = useSession();
  const refused = isApiProblem(session.error) && session.error.status === 401;
  const status = useAuthStatus(refused);
  const needsOwner = status.data?.needs_owner;
  useEffect(() => {
    if (!refused || needsOwner === undefined) return;
    const here = `${pathname}${window.location.search}`;
    const next = here === '/' ? '' : `?next=${encodeURIComponent(here)}`;
    router.replace(needsOwner ? '/sign-up' : `/sign-in${next}`);
  }, [refused, needsOwner, pathname, router]);

  if (session.data !== undefined) return children;
  if (session.isError && !refused) {
    return (
      <ErrorState
        what="Your session could not be read"
        error={session.error}
        onRetry={() => void session.refetch()}
      />
    );
  }
  if (status.isError) {
    return (
      <ErrorState
        what="The sign-in state could not be read"
        error={status.error}
        onRetry={() => void status.refetch()}
      />
    );
  }
  return <SkeletonList label="page" rows={3} height="h-28" />;
}
