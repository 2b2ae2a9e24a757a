'use client';

import { listTriggers, type Recipe, type Trigger } from '@automatos/sdk';
import { Plus, Zap } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useApi } from '../../../components/api-context.ts';
import { Button } from '../../../components/ui/button.tsx';
import { Section } from '../../../components/ui/card.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { LoadMore } from '../../../components/ui/load-more.tsx';
import { SkeletonList } from '../../../components/ui/skeleton.tsx';
import { usePaged } from '../../../lib/use-paged.ts';
import { useMay } from '../../session/use-session.ts';
import { TriggerRow } from './trigger-row.tsx';

const TriggerDialog = dynamic(async () => (await import('./trigger-dialog.tsx')).TriggerDialog, {
  ssr: false,
});

/** What else starts the recipe: webhooks, and runs of other recipes. */
export function TriggersTab({ recipe }: { recipe: Recipe }) {
  const client = useApi();
  const mayWrite = useMay('recipes:write');
  const [editing, setEditing] = useState<Trigger | 'new' | null>(null);
  const { query, items } = usePaged(['triggers', 'list', recipe.slug], async (cursor, signal) => {
    const paging = { recipe: recipe.slug, limit: 50, ...(cursor === undefined ? {} : { cursor }) };
    return (await listTriggers({ client, query: paging, signal })).data;
  });
  const add = mayWrite ? (
    <Button
      size="sm"
      variant={items?.length === 0 ? 'primary' : 'secondary'}
      onClick={() => setEditing('new')}
    >
      <Plus aria-hidden className="size-4" /> New trigger
    </Button>
  ) : undefined;
  return (
    <Section title="Triggers" actions={items?.length === 0 ? undefined : add}>
      {query.isError ? (
        <ErrorState
          what="Triggers could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : items === undefined ? (
        <div className="p-5">
          <SkeletonList label="triggers" rows={2} height="h-14" />
        </div>
      ) : items.length === 0 ? (
        <EmptyState icon={Zap} title="Nothing else starts it" action={add}>
          A webhook lets another system start this recipe, signed and once per delivery. A run event
          starts it when a run of another recipe ends.
        </EmptyState>
      ) : (
        <ul aria-label="Triggers" className="divide-y divide-line">
          {items.map((trigger) => (
            <TriggerRow
              key={trigger.id}
              trigger={trigger}
              mayWrite={mayWrite}
              onEdit={() => setEditing(trigger)}
            />
          ))}
        </ul>
      )}
      <LoadMore query={query} />
      {editing === null ? null : (
        <TriggerDialog
          recipe={recipe}
          trigger={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
    </Section>
  );
}
