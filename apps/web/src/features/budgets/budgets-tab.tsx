'use client';

import { listBudgets } from '@automatos/sdk';
import { Plus, Wallet } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { usePaged } from '../../lib/use-paged.ts';
import { useMay } from '../session/use-session.ts';
import { BudgetRow } from './budget-row.tsx';
import type { WorkspaceBudget } from './budget-types.ts';

const BudgetDialog = dynamic(async () => (await import('./budget-dialog.tsx')).BudgetDialog, {
  ssr: false,
});

/** Limits on money, with what is spent and set aside of each. */
export function BudgetsTab() {
  const client = useApi();
  const mayWrite = useMay('budgets:write');
  const [editing, setEditing] = useState<WorkspaceBudget | 'new' | null>(null);
  const { query, items } = usePaged(
    ['budgets'],
    async (cursor, signal) => {
      const paging = { limit: 50, ...(cursor === undefined ? {} : { cursor }) };
      return (await listBudgets({ client, query: paging, signal })).data;
    },
    { refetchInterval: 10_000 },
  );
  const add = mayWrite ? (
    <Button variant="primary" onClick={() => setEditing('new')}>
      <Plus aria-hidden className="size-4" /> New budget
    </Button>
  ) : undefined;
  return (
    <>
      <Section title="Budgets" actions={items?.length === 0 ? undefined : add}>
        {query.isError && items === undefined ? (
          <ErrorState
            what="Budgets could not be loaded"
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : items === undefined ? (
          <div className="p-5">
            <SkeletonList label="budgets" rows={2} height="h-24" />
          </div>
        ) : items.length === 0 ? (
          <EmptyState icon={Wallet} title="Nothing limits what models may cost" action={add}>
            A budget holds for a call, a run, a day, a month or for good, for the whole workspace or
            one agent. No model call passes it.
          </EmptyState>
        ) : (
          <ul aria-label="Budgets" className="divide-y divide-line">
            {items.map((budget) => (
              <BudgetRow
                key={budget.id}
                budget={budget}
                mayWrite={mayWrite}
                onEdit={() => setEditing(budget)}
              />
            ))}
          </ul>
        )}
        <LoadMore query={query} />
      </Section>
      {editing === null ? null : (
        <BudgetDialog
          budget={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
    </>
  );
}
