'use client';

import { ShieldCheck, ShieldOff } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { plural } from '../../lib/format.ts';
import { useMfa } from './account-queries.ts';

const EnrolDialog = dynamic(async () => (await import('./enrol-dialog.tsx')).EnrolDialog, {
  ssr: false,
});
const RenewCodesDialog = dynamic(
  async () => (await import('./renew-codes-dialog.tsx')).RenewCodesDialog,
  { ssr: false },
);
const DisableMfaDialog = dynamic(
  async () => (await import('./disable-mfa-dialog.tsx')).DisableMfaDialog,
  { ssr: false },
);

const FEW = 3;

/** Whether a code is asked for at sign-in, and how to change that. */
export function SecondFactor() {
  const mfa = useMfa();
  const [open, setOpen] = useState<'enrol' | 'renew' | 'disable' | null>(null);
  const close = () => setOpen(null);
  const left = mfa.data?.backup_codes_left ?? 0;
  return (
    <Section title="Second factor">
      {mfa.isError ? (
        <ErrorState
          what="The second factor could not be read"
          error={mfa.error}
          onRetry={() => void mfa.refetch()}
        />
      ) : mfa.data === undefined ? (
        <div className="p-5">
          <SkeletonList label="second factor" rows={1} height="h-14" />
        </div>
      ) : mfa.data.enabled ? (
        <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-4 p-5 text-sm">
          <div className="flex min-w-0 gap-3">
            <ShieldCheck aria-hidden className="mt-0.5 size-5 shrink-0 text-ok" />
            <div className="min-w-0">
              <p className="flex flex-wrap items-center gap-2 font-medium">
                On
                {left <= FEW ? (
                  <Badge tone="warn">
                    {left === 0
                      ? 'No backup codes left'
                      : `Only ${plural(left, 'backup code')} left`}
                  </Badge>
                ) : null}
              </p>
              <p className="mt-0.5 text-ink-soft">
                Since <RelativeTime time={mfa.data.enabled_at} />.
                {left <= FEW ? '' : ` ${plural(left, 'backup code')} left.`}
              </p>
            </div>
          </div>
          <div className="flex flex-wrap gap-2">
            <Button size="sm" onClick={() => setOpen('renew')}>
              New backup codes
            </Button>
            <Button size="sm" variant="danger" onClick={() => setOpen('disable')}>
              Turn off
            </Button>
          </div>
        </div>
      ) : (
        <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-4 p-5 text-sm">
          <div className="flex min-w-0 max-w-md gap-3">
            <ShieldOff aria-hidden className="mt-0.5 size-5 shrink-0 text-ink-soft" />
            <div className="min-w-0">
              <p className="font-medium">Off</p>
              <p className="mt-0.5 text-ink-soft">
                With it, a password that somebody found or guessed does not open your account.
              </p>
            </div>
          </div>
          <Button variant="primary" onClick={() => setOpen('enrol')}>
            Set it up
          </Button>
        </div>
      )}
      {open === 'enrol' ? <EnrolDialog onClose={close} /> : null}
      {open === 'renew' ? <RenewCodesDialog onClose={close} /> : null}
      {open === 'disable' ? <DisableMfaDialog onClose={close} /> : null}
    </Section>
  );
}
