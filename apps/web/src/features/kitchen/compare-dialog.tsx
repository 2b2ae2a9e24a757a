'use client';

import { listRuns, type Run } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { RUN_LOOKS } from '../../components/status/run-status.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Select } from '../../components/ui/input.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { formatDateTime } from '../../lib/format.ts';

/** The run to compare with: what this one goes on from, else the latest other one. */
function preselected(run: Run, others: readonly Run[]): string {
  const origin = others.find((each) => each.id === run.forked_from?.run_id);
  return (origin ?? others[0])?.id ?? '';
}

/** Leads to two runs side by side, the older one left. */
export function CompareDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const client = useApi();
  const router = useRouter();
  const [chosen, setChosen] = useState<string | null>(null);
  const others = useQuery({
    queryKey: ['runs', 'to-compare', run.recipe_slug, run.id],
    queryFn: async ({ signal }) => {
      const query = {
        limit: 50,
        ...(run.recipe_slug === null ? {} : { recipe: run.recipe_slug }),
      };
      const { items } = (await listRuns({ client, query, signal })).data;
      return items.filter((each) => each.id !== run.id);
    },
  });
  const other = others.data?.find((each) => each.id === (chosen ?? preselected(run, others.data)));
  const open = () => {
    if (other === undefined) return;
    const [left, right] = other.created_at <= run.created_at ? [other, run] : [run, other];
    router.push(`/runs/compare?left=${left.id}&right=${right.id}`);
  };
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => (isOpen ? undefined : onClose())}
      title="Compare with another run"
      description="Inputs, steps, outputs and findings of both side by side."
    >
      {others.isError ? (
        <ErrorState
          compact
          what="Other runs could not be loaded"
          error={others.error}
          onRetry={() => void others.refetch()}
        />
      ) : others.data === undefined ? (
        <Skeleton className="h-24" />
      ) : others.data.length === 0 ? (
        <p className="text-sm text-ink-soft">This is the only run of its recipe so far.</p>
      ) : (
        <div className="grid gap-4">
          <Field label="Other run">
            {(wiring) => (
              <Select
                control={wiring}
                value={other?.id ?? ''}
                onChange={(event) => setChosen(event.target.value)}
              >
                {others.data.map((each) => (
                  <option key={each.id} value={each.id}>
                    {formatDateTime(each.created_at)}, {RUN_LOOKS[each.status].label.toLowerCase()},{' '}
                    {each.title}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Button variant="primary" onClick={open}>
            Compare
          </Button>
        </div>
      )}
    </Dialog>
  );
}
