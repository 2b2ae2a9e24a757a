'use client';

import { LogIn } from 'lucide-react';
import { useSearchParams } from 'next/navigation';
import { safeNext } from '../../lib/safe-next.ts';
import { useAuthStatus } from '../session/use-session.ts';

/** Ways in through OpenID providers; nothing where there are none. */
export function ProviderButtons({ invitation }: { invitation?: string | undefined }) {
  const providers = useAuthStatus().data?.providers ?? [];
  const next = safeNext(useSearchParams().get('next'));
  if (providers.length === 0) return null;
  const query = new URLSearchParams(
    invitation === undefined ? { next } : { invitation_token: invitation },
  );
  return (
    <div className="mt-5 grid gap-2">
      <p className="flex items-center gap-3 text-xs text-ink-soft before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        or
      </p>
      {providers.map(({ id, name }) => (
        // A page of the API that leads to the provider: no page of this application.
        <a
          key={id}
          href={`/api/auth/oidc/${id}/start?${query.toString()}`}
          className="inline-flex min-h-11 items-center justify-center gap-2 rounded-lg border border-line-strong/60 bg-surface px-4 text-[0.9375rem] font-medium hover:bg-sunken sm:min-h-10"
        >
          <LogIn aria-hidden className="size-4" /> Continue with {name}
        </a>
      ))}
    </div>
  );
}
