'use client';

import { createBudget, getBudget, isApiProblem, updateBudget } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Choices } from '../../components/ui/choices.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Input, Select } from '../../components/ui/input.tsx';
import { MoneyField } from '../../components/ui/money-field.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { useAgentSlugs } from '../agents/use-agent-slugs.ts';
import { formOf, inputOf, WINDOWS, type BudgetForm } from './budget-form.ts';
import type { CreateBudgetData, WorkspaceBudget } from './budget-types.ts';

const UNKNOWN = [
  {
    value: 'refuse',
    label: 'Refuse such calls',
    help: 'Nothing is spent that this budget cannot count.',
  },
  {
    value: 'ceiling',
    label: 'Count them at a ceiling',
    help: 'You name the most that a model could cost; what is counted may be more than what is billed, never less.',
  },
] as const;

/** Fields of the API that stand under another name in the form. */
const POINTERS: Partial<Record<string, keyof BudgetForm>> = {
  limit_micros: 'limit',
  unknown_price_ceiling: 'ceilingInput',
};

function useSaveBudget(onClose: () => void) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  return useMutation({
    mutationFn: ({
      base,
      body,
    }: {
      base: WorkspaceBudget | null;
      body: CreateBudgetData['body'];
    }) => {
      const key = { 'Idempotency-Key': newIdempotencyKey() };
      if (base === null) return createBudget({ client, body, headers: key });
      const headers = { ...key, 'If-Match': `"${base.version}"` };
      return updateBudget({ client, path: { budget_id: base.id }, body, headers });
    },
    onSuccess: () => {
      notify({ kind: 'success', title: 'The budget is saved and holds for the next call' });
      void queries.invalidateQueries({ queryKey: ['budgets'] });
      void queries.invalidateQueries({ queryKey: ['providers', 'configuration'] });
      onClose();
    },
  });
}

/** Makes a budget or changes one. */
export function BudgetDialog({
  budget,
  onClose,
}: {
  budget: WorkspaceBudget | null;
  onClose: () => void;
}) {
  const client = useApi();
  const [base, setBase] = useState(budget);
  const [form, setForm] = useState(() => formOf(budget));
  const [shown, setShown] = useState(false);
  const agents = useAgentSlugs();
  const save = useSaveBudget(onClose);
  const newer = useMutation({
    mutationFn: async (id: string) => (await getBudget({ client, path: { budget_id: id } })).data,
    onSuccess: (theirs) => {
      setBase(theirs);
      setForm(formOf(theirs));
      save.reset();
    },
  });
  const made = inputOf(form);
  const set = (changes: Partial<BudgetForm>) => setForm((before) => ({ ...before, ...changes }));
  const refused = isApiProblem(save.error) ? save.error : null;
  const conflict = refused?.status === 412;
  const errorAt = (field: keyof BudgetForm) =>
    (shown && 'problems' in made ? made.problems[field] : undefined) ??
    refused?.errors.find(({ pointer }) => {
      const name = pointer.split('/')[1] ?? '';
      return (POINTERS[name] ?? name) === field;
    })?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setShown(true);
    if ('input' in made) save.mutate({ base, body: made.input });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={budget === null ? 'New budget' : 'Change the budget'}
      description="A call whose worst case would pass the limit is refused before it is sent; a stream is cut where it would."
    >
      <form noValidate className="grid gap-5" onSubmit={submit}>
        <Field label="Name" error={errorAt('name')}>
          {(control) => (
            <Input
              control={control}
              autoComplete="off"
              value={form.name}
              onChange={({ target }) => set({ name: target.value })}
            />
          )}
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <MoneyField
            label="Limit in dollars"
            value={form.limit}
            onChange={(limit) => set({ limit })}
            error={errorAt('limit')}
          />
          <Field
            label="For which calls"
            help="Agents have their own limit per turn beside this."
            error={errorAt('agent')}
          >
            {(control) => (
              <Select
                control={control}
                value={form.agent}
                onChange={({ target }) => set({ agent: target.value })}
              >
                <option value="">All of the workspace</option>
                {[...new Set([...agents, form.agent])]
                  .filter((slug) => slug !== '')
                  .map((slug) => (
                    <option key={slug} value={slug}>
                      Agent {slug}
                    </option>
                  ))}
              </Select>
            )}
          </Field>
        </div>
        <Choices
          legend="Over what it sums"
          options={WINDOWS}
          value={form.window}
          onChange={(window) => set({ window })}
        />
        <Choices
          legend="Calls to models whose price nobody knows"
          options={UNKNOWN}
          value={form.unknown}
          onChange={(unknown) => set({ unknown })}
        />
        {form.unknown === 'ceiling' ? (
          <div className="grid gap-4 sm:grid-cols-2">
            <MoneyField
              label="Input, per million tokens"
              value={form.ceilingInput}
              onChange={(ceilingInput) => set({ ceilingInput })}
              error={errorAt('ceilingInput')}
            />
            <MoneyField
              label="Output, per million tokens"
              value={form.ceilingOutput}
              onChange={(ceilingOutput) => set({ ceilingOutput })}
              error={errorAt('ceilingOutput')}
            />
          </div>
        ) : null}
        {save.isError ? (
          <ErrorState
            compact
            what={
              conflict
                ? 'Somebody else changed this budget meanwhile'
                : 'The budget could not be saved'
            }
            error={save.error}
          />
        ) : null}
        <div className="flex flex-wrap justify-end gap-2">
          {conflict && base !== null ? (
            <Button pending={newer.isPending} onClick={() => newer.mutate(base.id)}>
              Take what is stored
            </Button>
          ) : null}
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={save.isPending}>
            Save the budget
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
