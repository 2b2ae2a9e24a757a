'use client';

import { changeAgents, type ChangeAgentsData } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { plural } from '../../lib/format.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { problemText } from '../../lib/problem-text.ts';

type Action = ChangeAgentsData['body']['action'];

const ACTIONS: readonly { action: Action; label: string; done: string }[] = [
  { action: 'activate', label: 'Activate', done: 'activated' },
  { action: 'pause', label: 'Pause', done: 'paused' },
  { action: 'retire', label: 'Retire', done: 'retired' },
];

/** What can be done with the chosen agents together; those that cannot be moved are told with the reason. */
export function RosterBulk({ chosen, onDone }: { chosen: readonly string[]; onDone: () => void }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const change = useMutation({
    mutationFn: async (action: Action) =>
      (
        await changeAgents({
          client,
          body: { action, agents: [...chosen] },
          headers: { 'Idempotency-Key': newIdempotencyKey() },
        })
      ).data,
    onSuccess: ({ items, changed }, action) => {
      const done = ACTIONS.find((each) => each.action === action)?.done ?? 'changed';
      const refused = items.filter(({ ok }) => !ok);
      notify({
        kind: refused.length === 0 ? 'success' : 'error',
        title:
          refused.length === 0
            ? `${plural(changed, 'agent')} ${done}`
            : `${plural(changed, 'agent')} ${done}, ${refused.length} could not be`,
        detail: refused.map(({ agent, error }) => `${agent}: ${error?.message ?? ''}`).join(' '),
      });
      onDone();
    },
    onError: (error) =>
      notify({
        kind: 'error',
        title: 'The agents could not be changed',
        detail: problemText(error),
      }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['agents'] }),
  });
  if (chosen.length === 0) return null;
  return (
    <div
      role="status"
      className="sticky bottom-16 z-20 mt-4 flex flex-wrap items-center justify-between gap-3 rounded-card border border-line bg-surface px-5 py-3 shadow-card lg:bottom-4"
    >
      <p className="text-sm">{plural(chosen.length, 'agent')} chosen</p>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" variant="ghost" onClick={onDone}>
          Clear
        </Button>
        {ACTIONS.map(({ action, label }) => (
          <Button
            key={action}
            size="sm"
            pending={change.isPending && change.variables === action}
            onClick={() => change.mutate(action)}
          >
            {label}
          </Button>
        ))}
      </div>
    </div>
  );
}
