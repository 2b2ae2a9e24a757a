'use client';

import { CircleCheck, CircleX } from 'lucide-react';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Progress } from '../../components/ui/progress.tsx';
import { formatDuration } from '../../lib/format.ts';
import type { CredentialTestCall } from './credential-queries.ts';

/** What a test that runs now, or just ran, says. */
export function TestResult({ test, name }: { test: CredentialTestCall; name: string }) {
  if (test.isError)
    return <ErrorState compact what="The test could not be made" error={test.error} />;
  if (test.isPending)
    return (
      <div role="status" className="grid gap-2 rounded-lg bg-sunken px-4 py-3 text-sm">
        <p>The service is asked whether it takes {name}; this ends after 15 seconds.</p>
        <Progress label={`Test of ${name}`} ratio={null} />
      </div>
    );
  if (test.data === undefined) return null;
  const { ok, message, code, duration_ms: duration } = test.data;
  const Icon = ok ? CircleCheck : CircleX;
  return (
    <div
      role="status"
      className={`flex gap-3 rounded-lg px-4 py-3 text-sm ${ok ? 'bg-ok-soft' : 'bg-bad-soft'}`}
    >
      <Icon aria-hidden className={`mt-0.5 size-5 shrink-0 ${ok ? 'text-ok' : 'text-bad'}`} />
      <div className="min-w-0">
        <p className="font-medium">
          {ok ? 'It works' : 'It does not work'}, after {formatDuration(duration)}
        </p>
        <p className="wrap-anywhere">{message}</p>
        {code === null ? null : <p className="mt-1 font-mono text-xs wrap-anywhere">{code}</p>}
      </div>
    </div>
  );
}
