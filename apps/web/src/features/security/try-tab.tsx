'use client';

import { assessThreat, isApiProblem } from '@automatos/sdk';
import { useMutation } from '@tanstack/react-query';
import { FlaskConical } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Input, Select, Textarea } from '../../components/ui/input.tsx';
import { LevelBadge } from './level-badge.tsx';
import { ReasonList } from './reason-list.tsx';
import { ACTIONS } from './security-words.ts';

/** What a text or an address of a request would score; nothing is stored. */
export function TryTab() {
  const client = useApi();
  const [as, setAs] = useState<'text' | 'request'>('text');
  const [text, setText] = useState('');
  const assess = useMutation({
    mutationFn: async () =>
      (
        await assessThreat({
          client,
          body: as === 'text' ? { text } : { request: { method: 'GET', url: text, headers: {} } },
        })
      ).data,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== '') assess.mutate();
  };
  const result = assess.data;
  const fieldError = isApiProblem(assess.error) ? assess.error.errors[0]?.message : undefined;
  return (
    <div className="grid items-start gap-6 lg:grid-cols-2">
      <Card className="p-5">
        <form noValidate className="grid gap-4" onSubmit={submit}>
          <Field label="Try as">
            {(control) => (
              <Select
                control={control}
                value={as}
                onChange={({ target }) => {
                  setAs(target.value as 'text' | 'request');
                  assess.reset();
                }}
              >
                <option value="text">Input of an agent</option>
                <option value="request">Address of a request</option>
              </Select>
            )}
          </Field>
          <Field
            label={as === 'text' ? 'Text' : 'Path and query'}
            help={as === 'text' ? undefined : 'Begins with a slash, such as /api/runs?search=x.'}
            error={fieldError}
          >
            {(control) =>
              as === 'text' ? (
                <Textarea
                  control={control}
                  rows={8}
                  maxLength={100_000}
                  value={text}
                  onChange={({ target }) => setText(target.value)}
                />
              ) : (
                <Input
                  control={control}
                  autoComplete="off"
                  spellCheck={false}
                  value={text}
                  onChange={({ target }) => setText(target.value)}
                />
              )
            }
          </Field>
          <div className="flex justify-end">
            <Button
              type="submit"
              variant="primary"
              pending={assess.isPending}
              disabled={text.trim() === ''}
            >
              <FlaskConical aria-hidden className="size-4" /> Assess
            </Button>
          </div>
        </form>
      </Card>
      <div aria-live="polite">
        {assess.isError ? (
          <ErrorState what="It could not be assessed" error={assess.error} />
        ) : result === undefined ? (
          <p className="text-sm text-ink-soft">
            The detector says what it would find, and why. Nothing is stored, and nothing follows.
          </p>
        ) : (
          <Card className="grid gap-5 p-5">
            <p className="flex flex-wrap items-center gap-3">
              <LevelBadge level={result.level} score={result.score} />
              <span className="text-sm">{ACTIONS[result.action]}</span>
              <span className="text-sm text-ink-soft tabular-nums">
                in {(result.duration_us / 1000).toFixed(2)} ms
              </span>
            </p>
            {result.reasons.length === 0 ? (
              <p className="text-sm">Nothing in it looks like an attack.</p>
            ) : (
              <ReasonList reasons={result.reasons} />
            )}
          </Card>
        )}
      </div>
    </div>
  );
}
