'use client';

import { verifyAudit, type Client, type VerifyAuditResponse } from '@automatos/sdk';
import { useMutation } from '@tanstack/react-query';
import { ShieldAlert, ShieldCheck } from 'lucide-react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { formatCompact, plural } from '../../lib/format.ts';

/** The whole chain, one stretch after the other, so that no request takes long. */
async function verifyAll(client: Client): Promise<VerifyAuditResponse> {
  let checked = 0;
  for (let from = 1; ;) {
    const { data } = await verifyAudit({ client, query: { from } });
    checked += data.checked;
    if (!data.ok || data.complete) return { ...data, from: 1, checked };
    from = data.to + 1;
  }
}

const KINDS: Record<NonNullable<VerifyAuditResponse['first_break']>['kind'], string> = {
  changed: 'A row was changed',
  missing: 'Rows are missing',
  reordered: 'Rows were reordered',
  inserted: 'A row was put in',
  anchor: 'The chain does not hold its anchor',
};

function Result({ result }: { result: VerifyAuditResponse }) {
  const broken = result.first_break;
  return broken === null ? (
    <p className="flex items-start gap-2 text-sm text-ok">
      <ShieldCheck aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="wrap-anywhere">
        The chain holds:{' '}
        {result.checked === 1 ? 'one row' : `${formatCompact(result.checked)} rows`} checked. Head:
        row {result.to}, <code className="font-mono text-[0.8125rem]">{result.head_hash}</code>
      </span>
    </p>
  ) : (
    <p className="flex items-start gap-2 text-sm text-bad">
      <ShieldAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span>
        <strong className="font-semibold">{KINDS[broken.kind]}.</strong> {broken.detail}{' '}
        {plural(result.checked, 'row')} before it {result.checked === 1 ? 'is' : 'are'} whole.
      </span>
    </p>
  );
}

/** Checks the chain on request and tells what was found. */
export function AuditVerification() {
  const client = useApi();
  const verify = useMutation({ mutationFn: () => verifyAll(client) });
  return (
    <section
      aria-label="Check of the chain"
      className="mb-4 grid gap-3 rounded-card border border-line bg-surface p-4 sm:grid-cols-[1fr_auto] sm:items-center"
    >
      <div role="status" aria-live="polite">
        {verify.data === undefined ? (
          <p className="text-sm text-ink-soft">
            Each row carries the hash of the one before: a change, a gap or another order shows.
          </p>
        ) : (
          <Result result={verify.data} />
        )}
        {verify.isError ? (
          <ErrorState
            what="The chain could not be checked"
            error={verify.error}
            onRetry={() => verify.mutate()}
          />
        ) : null}
      </div>
      <Button pending={verify.isPending} onClick={() => verify.mutate()}>
        {verify.isPending ? null : <ShieldCheck aria-hidden className="size-4" />} Verify chain
      </Button>
    </section>
  );
}
