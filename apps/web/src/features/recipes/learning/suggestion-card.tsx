'use client';

import {
  applyRecipeSuggestion,
  dismissRecipeSuggestion,
  type Recipe,
  type Suggestion,
} from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Check, X } from 'lucide-react';
import { useApi } from '../../../components/api-context.ts';
import { Badge, type Tone } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { DiffView } from '../../../components/ui/diff-view.tsx';
import { useToast } from '../../../components/ui/toast.tsx';
import { formatCost, formatDuration } from '../../../lib/format.ts';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';
import { problemText } from '../../../lib/problem-text.ts';
import { useMay } from '../../session/use-session.ts';
import { Interval, percent, scaleOf } from './interval.tsx';

const STATES: Record<Suggestion['status'], { label: string; tone: Tone }> = {
  open: { label: 'Suggested', tone: 'accent' },
  measuring: { label: 'Applied, being measured', tone: 'busy' },
  kept: { label: 'Kept', tone: 'ok' },
  rolled_back: { label: 'Taken back', tone: 'warn' },
  dismissed: { label: 'Dismissed', tone: 'idle' },
};

const FIGURES = [
  ['success_rate', 'Success', percent],
  ['duration_ms', 'Duration', formatDuration],
  ['cost_micros', 'Cost', (value: number) => formatCost(Math.round(value))],
  ['quality', 'Quality', percent],
] as const;

function BeforeAfter({ suggestion }: { suggestion: Suggestion }) {
  const { before, after } = suggestion;
  if (before === null && after === null) return null;
  return (
    <dl className="grid gap-4 sm:grid-cols-2 xl:grid-cols-4">
      {FIGURES.map(([key, label, format]) => {
        const values = [before?.[key] ?? null, after?.[key] ?? null] as const;
        if (values[0] === null && values[1] === null) return null;
        const max = scaleOf(values);
        return (
          <div key={key}>
            <dt className="text-xs text-ink-soft">{label}, before and after</dt>
            <dd className="mt-1 grid gap-1.5 text-sm">
              <Interval value={values[0]} max={max} format={format} />
              <Interval value={values[1]} max={max} format={format} />
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

/** One change that the runs speak for: why, what exactly, and what came of it. */
export function SuggestionCard({ recipe, suggestion }: { recipe: Recipe; suggestion: Suggestion }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const mayWrite = useMay('recipes:write');
  const decide = useMutation({
    mutationFn: async (apply: boolean) => {
      const path = { recipe_id: recipe.id, suggestion_id: suggestion.id };
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      const call = apply ? applyRecipeSuggestion : dismissRecipeSuggestion;
      return (await call({ client, path, headers })).data;
    },
    onSuccess: (after) => {
      const title =
        after.applied_version === null
          ? 'The suggestion is dismissed'
          : `Saved as version ${after.applied_version}`;
      notify({ kind: 'success', title });
      void queries.invalidateQueries({ queryKey: ['recipes'] });
    },
    onError: (error) =>
      notify({ kind: 'error', title: 'That did not work', detail: problemText(error) }),
  });
  const state = STATES[suggestion.status];
  return (
    <Card className="grid gap-4 p-5">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <Badge tone={state.tone}>{state.label}</Badge>
          <h3 className="mt-2 font-semibold wrap-anywhere">{suggestion.title}</h3>
          <p className="text-[0.8125rem] text-ink-soft">
            {suggestion.step_id === null ? null : `Step ${suggestion.step_id}, `}against version{' '}
            {suggestion.base_version}
            {suggestion.applied_version === null
              ? null
              : `, applied as version ${suggestion.applied_version}`}
          </p>
        </div>
        {suggestion.status === 'open' && mayWrite ? (
          <div className="flex gap-2">
            <Button size="sm" disabled={decide.isPending} onClick={() => decide.mutate(false)}>
              <X aria-hidden className="size-4" /> Dismiss
            </Button>
            <Button
              size="sm"
              variant="primary"
              pending={decide.isPending}
              onClick={() => decide.mutate(true)}
            >
              {decide.isPending ? null : <Check aria-hidden className="size-4" />} Apply as a
              version
            </Button>
          </div>
        ) : null}
      </div>
      {suggestion.evidence.length === 0 ? null : (
        <ul className="list-disc pl-5 text-sm">
          {suggestion.evidence.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      {suggestion.verdict === null ? null : (
        <p className="rounded-lg bg-sunken px-4 py-3 text-sm">{suggestion.verdict}</p>
      )}
      <BeforeAfter suggestion={suggestion} />
      {suggestion.diff.length === 0 ? null : (
        <DiffView compact label={`Change of ${suggestion.title}`} lines={suggestion.diff} />
      )}
    </Card>
  );
}
