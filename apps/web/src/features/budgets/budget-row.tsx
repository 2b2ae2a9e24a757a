'use client';

import { deleteBudget, updateBudget } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge } from '../../components/ui/badge.tsx';
import { Bar } from '../../components/ui/bar.tsx';
import { IconButton } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { formatCost, plural } from '../../lib/format.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { formatPrice } from '../../lib/money.ts';
import { problemText } from '../../lib/problem-text.ts';
import { budgetUse, formOf, inputOf, windowLabel } from './budget-form.ts';
import type { WorkspaceBudget } from './budget-types.ts';

function useBudgetChanges(budget: WorkspaceBudget, onDeleted: () => void) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: ['budgets'] });
    void queries.invalidateQueries({ queryKey: ['providers', 'configuration'] });
  };
  const path = { budget_id: budget.id };
  const toggle = useMutation({
    mutationFn: (enabled: boolean) => {
      const made = inputOf({ ...formOf(budget), enabled });
      if (!('input' in made))
        throw new Error('The stored budget is not valid; open it to correct it.');
      return updateBudget({
        client,
        path,
        body: made.input,
        headers: { 'Idempotency-Key': newIdempotencyKey(), 'If-Match': `"${budget.version}"` },
      });
    },
    onError: (error) =>
      notify({ kind: 'error', title: 'The budget was not changed', detail: problemText(error) }),
    onSettled: refresh,
  });
  const remove = useMutation({
    mutationFn: () =>
      deleteBudget({ client, path, headers: { 'Idempotency-Key': newIdempotencyKey() } }),
    onSuccess: () => {
      notify({ kind: 'success', title: `“${budget.name}” is deleted` });
      onDeleted();
      refresh();
    },
  });
  return { toggle, remove };
}

function Use({ budget }: { budget: WorkspaceBudget }) {
  const { spent, reserved, leftMicros, tone } = budgetUse(budget);
  const perRun = budget.window === 'run' || budget.window === 'call';
  return (
    <>
      <Bar
        className="mt-3 h-3"
        parts={[
          { from: 0, to: spent, tone: tone === 'ok' ? 'accent' : tone },
          {
            from: spent,
            to: spent + reserved,
            tone: tone === 'ok' ? 'accent' : tone,
            hatched: true,
          },
        ]}
      />
      <p className="mt-1.5 flex flex-wrap justify-between gap-x-4 text-sm tabular-nums">
        <span>
          <span className="font-medium">{formatCost(budget.spent_micros)}</span>{' '}
          {perRun ? `most by one ${budget.window}` : 'spent'}
          {budget.reserved_micros === 0
            ? ''
            : `, ${formatCost(budget.reserved_micros)} set aside for calls under way`}
        </span>
        <span className="text-ink-soft">
          {perRun ? '' : `${formatCost(leftMicros)} left `}of {formatCost(budget.limit_micros)}
        </span>
      </p>
    </>
  );
}

/** A budget with what is used of it. */
export function BudgetRow({
  budget,
  mayWrite,
  onEdit,
}: {
  budget: WorkspaceBudget;
  mayWrite: boolean;
  onEdit: () => void;
}) {
  const [deleting, setDeleting] = useState(false);
  const { toggle, remove } = useBudgetChanges(budget, () => setDeleting(false));
  const ceiling = budget.unknown_price_ceiling;
  const switchId = `budget-${budget.id}`;
  return (
    <li className="px-5 py-4">
      <div className="flex items-start justify-between gap-3">
        <div className="min-w-0">
          <h3 className="font-semibold wrap-anywhere">{budget.name}</h3>
          <p className="mt-1 flex flex-wrap gap-1.5">
            <Badge tone="accent">{windowLabel(budget.window)}</Badge>
            <Badge>{budget.agent === null ? 'All calls' : `Agent ${budget.agent}`}</Badge>
            {budget.enabled ? null : <Badge tone="warn">Off, limits nothing</Badge>}
            {budget.refused === 0 ? null : (
              <Badge tone="bad">{plural(budget.refused, 'call')} refused</Badge>
            )}
          </p>
        </div>
        {mayWrite ? (
          <div className="flex shrink-0 items-center gap-1">
            <label htmlFor={switchId} className="sr-only">
              {budget.name} limits calls
            </label>
            <Switch
              id={switchId}
              checked={budget.enabled}
              onCheckedChange={(enabled) => toggle.mutate(enabled)}
            />
            <IconButton label={`Change ${budget.name}`} onClick={onEdit}>
              <Pencil aria-hidden className="size-4" />
            </IconButton>
            <IconButton label={`Delete ${budget.name}`} onClick={() => setDeleting(true)}>
              <Trash2 aria-hidden className="size-4" />
            </IconButton>
          </div>
        ) : null}
      </div>
      <Use budget={budget} />
      <p className="mt-1 text-[0.8125rem] text-ink-soft">
        {budget.resets_at === null ? (
          budget.window === 'total' ? (
            'Never starts again. '
          ) : null
        ) : (
          <>
            Starts again <RelativeTime time={budget.resets_at} />.{' '}
          </>
        )}
        {ceiling === null
          ? 'Calls of unknown price are refused.'
          : `Calls of unknown price count ${formatPrice(ceiling.input_micros)} in and ${formatPrice(ceiling.output_micros)} out per million tokens.`}
      </p>
      {deleting ? (
        <ConfirmDialog
          title={`Delete “${budget.name}”?`}
          description="Calls are not limited by it any more. What was spent stays in the usage."
          action="Delete the budget"
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setDeleting(false)}
        />
      ) : null}
    </li>
  );
}
