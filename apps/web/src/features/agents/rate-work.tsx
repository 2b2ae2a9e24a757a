'use client';

import { rateAgentRun } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ThumbsDown, ThumbsUp } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Input } from '../../components/ui/input.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { problemText } from '../../lib/problem-text.ts';
import { useMay } from '../session/use-session.ts';

/** How an agent's work in a run was; counts in its figures and when agents are chosen for tasks. */
export function RateWork({ agent, runId }: { agent: string; runId: string }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const mayRate = useMay('runs:control');
  const [comment, setComment] = useState('');
  const rate = useMutation({
    mutationFn: (rating: 'up' | 'down') =>
      rateAgentRun({
        client,
        path: { agent_id: agent },
        body: { run_id: runId, rating, comment: comment.trim() },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: () => {
      notify({ kind: 'success', title: `Your rating of ${agent} is kept` });
      void queries.invalidateQueries({ queryKey: ['agents'] });
    },
    onError: (error) =>
      notify({ kind: 'error', title: 'The rating could not be kept', detail: problemText(error) }),
  });
  if (!mayRate) return null;
  const given = rate.isSuccess ? rate.variables : null;
  return (
    <div
      role="group"
      aria-label={`Rate the work of ${agent}`}
      className="flex flex-wrap items-center gap-2 text-sm"
    >
      <span className="text-ink-soft">How was the work of {agent}?</span>
      <Input
        aria-label="Comment"
        placeholder="Why, if you like"
        maxLength={2000}
        className="min-h-9! max-w-56 text-sm!"
        value={comment}
        onChange={({ target }) => setComment(target.value)}
      />
      {(['up', 'down'] as const).map((rating) => (
        <Button
          key={rating}
          size="sm"
          aria-pressed={given === rating}
          variant={given === rating ? 'primary' : 'secondary'}
          pending={rate.isPending && rate.variables === rating}
          onClick={() => rate.mutate(rating)}
        >
          {rating === 'up' ? (
            <ThumbsUp aria-hidden className="size-4" />
          ) : (
            <ThumbsDown aria-hidden className="size-4" />
          )}
          {rating === 'up' ? 'Good' : 'Poor'}
        </Button>
      ))}
    </div>
  );
}
