'use client';

import { CircleAlert } from 'lucide-react';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { signInErrorText } from './sign-in-errors.ts';

/** What the address says went wrong at a provider; nothing where it says nothing. */
export function ReturnedError() {
  const [code] = useSearchParam('error');
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
