'use client';

import { isApiProblem } from '@automatos/sdk';
import { CircleAlert, RotateCw } from 'lucide-react';
import { Button } from './button.tsx';
import { cn } from './cn.ts';

/** What went wrong, in the server's words, with the id to quote and a way to try again. */
export function ErrorState({
  what,
  error,
  onRetry,
  compact = false,
}: {
  /** What could not be done, e.g. "Runs could not be loaded". */
  what: string;
  error: unknown;
  onRetry?: () => void;
  compact?: boolean;
}) {
  const problem = isApiProblem(error) ? error : null;
  const detail =
    problem?.detail ?? (error instanceof Error ? error.message : 'Something unexpected happened.');
  return (
    <div
      role="alert"
      className={cn('rounded-card bg-bad-soft text-sm text-ink', compact ? 'p-3' : 'p-5')}
    >
      <div className="flex gap-3">
        <CircleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-bad" />
        <div className="min-w-0 flex-1">
          <p className="font-semibold">{what}</p>
          <p className="mt-0.5 wrap-anywhere">{detail}</p>
          {problem === null ? null : (
            <p className="mt-2 font-mono text-xs wrap-anywhere">
              {problem.code}
              {problem.requestId === null ? null : ` · request ${problem.requestId}`}
            </p>
          )}
          {onRetry === undefined ? null : (
            <Button size="sm" className="mt-3" onClick={onRetry}>
              <RotateCw aria-hidden className="size-4" /> Try again
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}
