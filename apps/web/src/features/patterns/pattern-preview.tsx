'use client';

import { previewPattern, previewTask, type Pattern } from '@automatos/sdk';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Input, Textarea } from '../../components/ui/input.tsx';
import { sentence } from '../../lib/format.ts';

/** Who would get what of a goal by this pattern; nothing runs. */
export function PatternPreview({ pattern, onClose }: { pattern: Pattern; onClose: () => void }) {
  const client = useApi();
  const [goal, setGoal] = useState('');
  const [target, setTarget] = useState('');
  const look = useMutation({
    mutationFn: async () => {
      const task = { goal, ...(target.trim() === '' ? {} : { target: target.trim() }) };
      const split = (await previewTask({ client, body: task })).data;
      const units = split.units.map((unit) => ({
        id: unit.unit_id,
        title: unit.title,
        needs: unit.needs,
        depends_on: unit.depends_on,
        complexity: unit.complexity,
      }));
      const body = { pattern: pattern.slug, goal, units };
      return { units, shared: (await previewPattern({ client, body })).data };
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    look.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`Preview of ${pattern.name}`}
      description="Splits a goal and shows who would get what, and why. Nothing runs."
    >
      <form noValidate className="grid gap-5" onSubmit={submit}>
        <Field label="Goal">
          {(control) => (
            <Textarea
              control={control}
              autoFocus
              rows={3}
              value={goal}
              onChange={({ target: field }) => setGoal(field.value)}
            />
          )}
        </Field>
        <Field label="Target" optional>
          {(control) => (
            <Input
              control={control}
              autoComplete="off"
              value={target}
              onChange={({ target: field }) => setTarget(field.value)}
            />
          )}
        </Field>
        {look.isError ? (
          <ErrorState compact what="It could not be previewed" error={look.error} />
        ) : null}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Close</Button>
          <Button
            type="submit"
            variant="primary"
            pending={look.isPending}
            disabled={goal.trim() === ''}
          >
            Show
          </Button>
        </div>
      </form>
      {look.data === undefined ? null : (
        <div aria-live="polite" className="mt-6 grid gap-6">
          <ol aria-label="Parts" className="divide-y divide-line rounded-lg border border-line">
            {look.data.shared.units.map((unit) => (
              <li key={unit.unit_id} className="px-4 py-3 text-sm">
                <p className="flex flex-wrap items-center justify-between gap-2">
                  <span className="font-medium wrap-anywhere">
                    {look.data.units.find(({ id }) => id === unit.unit_id)?.title ?? unit.unit_id}
                  </span>
                  <span>{unit.agents.length === 0 ? 'decided later' : unit.agents.join(', ')}</span>
                </p>
                <p className="mt-0.5 text-[0.8125rem] text-ink-soft wrap-anywhere">{unit.reason}</p>
              </li>
            ))}
          </ol>
          <ul aria-label="Decisions" className="grid gap-2.5 text-sm">
            {look.data.shared.decisions.map((made) => (
              <li key={`${made.decision} ${made.subject} ${made.chosen.join(' ')}`}>
                <Badge>{sentence(made.decision)}</Badge>{' '}
                <span className="font-medium">{made.subject}</span>
                {made.chosen.length === 0 ? '' : ` → ${made.chosen.join(', ')}`}
                <span className="block text-[0.8125rem] text-ink-soft wrap-anywhere">
                  {made.reason}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Dialog>
  );
}
