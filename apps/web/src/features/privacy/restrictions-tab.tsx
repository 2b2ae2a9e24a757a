'use client';

import { liftRestriction, listRestrictions } from '@automatos/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CirclePause } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { useMay } from '../session/use-session.ts';

/** People whose data are only kept. */
export function RestrictionsTab() {
  const client = useApi();
  const queries = useQueryClient();
  const mayWrite = useMay('privacy:write');
  const [lifting, setLifting] = useState<{ id: string; name: string } | null>(null);
  const query = useQuery({
    queryKey: ['privacy', 'restrictions'],
    queryFn: async ({ signal }) => (await listRestrictions({ client, signal })).data.items,
  });
  const lift = useMutation({
    mutationFn: (id: string) =>
      liftRestriction({
        client,
        path: { restriction_id: id },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: () => {
      setLifting(null);
      void queries.invalidateQueries({ queryKey: ['privacy'] });
    },
  });
  return (
    <Section title="Restricted people">
      {query.isError && query.data === undefined ? (
        <ErrorState
          what="Restrictions could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : query.data === undefined ? (
        <div className="p-5">
          <SkeletonList label="restrictions" rows={2} />
        </div>
      ) : query.data.length === 0 ? (
        <EmptyState icon={CirclePause} title="Nobody is restricted">
          A person who asks for it keeps their data here, and nothing is worked with them.
        </EmptyState>
      ) : (
        <ul aria-label="Restricted people" className="divide-y divide-line">
          {query.data.map(({ id, user, since }) => (
            <li key={id} className="flex items-center justify-between gap-4 px-5 py-4 text-sm">
              <span className="min-w-0 wrap-anywhere">
                <span className="font-medium">{user.name}</span>{' '}
                <span className="text-ink-soft">
                  {user.email}, since <RelativeTime time={since} />
                </span>
              </span>
              {mayWrite ? (
                <Button size="sm" onClick={() => setLifting({ id, name: user.name })}>
                  Lift
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      {lifting === null ? null : (
        <ConfirmDialog
          title={`Lift the restriction of ${lifting.name}?`}
          description="Their data may be worked with again, and their request says so to them. Tell them before."
          action="Lift"
          danger={false}
          pending={lift.isPending}
          error={lift.error}
          onConfirm={() => lift.mutate(lifting.id)}
          onClose={() => {
            lift.reset();
            setLifting(null);
          }}
        />
      )}
    </Section>
  );
}
