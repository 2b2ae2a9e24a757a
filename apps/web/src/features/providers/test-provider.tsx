'use client';

import { testProvider, type TestProviderResponse } from '@automatos/sdk';
import { useMutation } from '@tanstack/react-query';
import { CircleCheck, CircleX, PlugZap } from 'lucide-react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { formatDuration, plural } from '../../lib/format.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';

function Answer({ answer, name }: { answer: TestProviderResponse; name: string }) {
  const Icon = answer.ok ? CircleCheck : CircleX;
  return (
    <div className="flex gap-3 text-sm">
      <Icon
        aria-hidden
        className={`mt-0.5 size-5 shrink-0 ${answer.ok ? 'text-ok' : 'text-bad'}`}
      />
      <div className="min-w-0 flex-1">
        <p className="font-medium">
          {answer.ok ? `${name} answered` : `${name} could not be used`} after{' '}
          {formatDuration(answer.duration_ms)}
        </p>
        <p className="mt-0.5 wrap-anywhere">{answer.detail}</p>
        {answer.code === null ? null : (
          <p className="mt-1 font-mono text-xs text-ink-soft wrap-anywhere">{answer.code}</p>
        )}
        {answer.models.length === 0 ? null : (
          <details className="mt-1">
            <summary className="inline-flex min-h-9 items-center text-[0.8125rem] text-ink-soft">
              {plural(answer.models.length, 'model')} of this key
            </summary>
            <ul className="max-h-60 overflow-y-auto font-mono text-xs leading-6 sm:columns-2">
              {answer.models.map((model) => (
                <li key={model} className="wrap-anywhere">
                  {model}
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </div>
  );
}

/** Asks the vendor something that costs next to nothing, and shows what it said. */
export function TestProvider({ provider, name }: { provider: string; name: string }) {
  const client = useApi();
  const test = useMutation({
    mutationFn: async () =>
      (
        await testProvider({
          client,
          path: { provider },
          headers: { 'Idempotency-Key': newIdempotencyKey() },
        })
      ).data,
  });
  return (
    <Card className="p-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-sm text-ink-soft">
          Asks {name} for its list of models, or for one token where it has none: shows that key and
          address are right.
        </p>
        <Button variant="primary" pending={test.isPending} onClick={() => test.mutate()}>
          {test.isPending ? null : <PlugZap aria-hidden className="size-4" />} Test the connection
        </Button>
      </div>
      <div role="status" aria-label="Answer of the test">
        {test.data === undefined ? null : (
          <div className="mt-4 border-t border-line pt-4">
            <Answer answer={test.data} name={name} />
          </div>
        )}
      </div>
      {test.isError ? (
        <div className="mt-4">
          <ErrorState compact what="The test could not be made" error={test.error} />
        </div>
      ) : null}
    </Card>
  );
}
