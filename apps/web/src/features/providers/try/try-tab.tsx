'use client';

import { isApiProblem, tryModel } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, Send } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../../components/api-context.ts';
import { Button, ButtonLink } from '../../../components/ui/button.tsx';
import { Card, Section } from '../../../components/ui/card.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Field } from '../../../components/ui/field.tsx';
import { Input, Select, Textarea } from '../../../components/ui/input.tsx';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';
import { useMay } from '../../session/use-session.ts';
import { ModelRefFields } from '../model-ref-fields.tsx';
import { useProviders } from '../provider-queries.ts';
import { TryAnswerView } from './try-answer.tsx';

const FIRST = {
  prompt: '',
  system: '',
  chosen: false,
  ref: { provider: '', model: '' },
  temperature: '',
  maxTokens: '512',
};
type Values = typeof FIRST;

/** Something that rules can answer as well as a model. */
const EXAMPLE = `Which planet is the largest?

Context:
Jupiter is the largest planet of the solar system. Saturn has the widest rings.`;

function bodyOf(values: Values) {
  const { ref, chosen } = values;
  return {
    prompt: values.prompt,
    system: values.system,
    provider: chosen && ref.provider !== '' ? ref.provider : null,
    model: chosen && ref.model !== '' ? ref.model : null,
    temperature: values.temperature === '' ? null : Number(values.temperature),
    ...(values.maxTokens === '' ? {} : { max_output_tokens: Number(values.maxTokens) }),
  };
}

/** What the form misses before it is sent; the server checks again. */
function missing(values: Values): { pointer: string; message: string } | null {
  if (values.prompt.trim() === '')
    return { pointer: '/prompt', message: 'Write what you want to ask.' };
  if (values.chosen && values.ref.provider === '')
    return { pointer: '/provider', message: 'Choose a provider.' };
  if (values.chosen && values.ref.model.trim() === '')
    return { pointer: '/model', message: 'Name the model.' };
  return null;
}

function useTry() {
  const client = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (values: Values) =>
      (
        await tryModel({
          client,
          body: bodyOf(values),
          headers: { 'Idempotency-Key': newIdempotencyKey() },
        })
      ).data,
    onSettled: () => {
      for (const key of [['providers', 'health'], ['llm-usage'], ['budgets']])
        void queries.invalidateQueries({ queryKey: key });
    },
  });
}

/** One call through the router: the answer, who gave it and why. */
export function TryTab() {
  const mayCall = useMay('models:call');
  const [values, setValues] = useState(FIRST);
  const [problem, setProblem] = useState<ReturnType<typeof missing>>(null);
  const call = useTry();
  const offline = useProviders().data?.find(({ is_default }) => is_default)?.id === 'offline';
  const set = (changes: Partial<Values>) => setValues((before) => ({ ...before, ...changes }));
  const refused = isApiProblem(call.error) ? call.error : null;
  const errorAt = (pointer: string) =>
    problem?.pointer === pointer
      ? problem.message
      : refused?.errors.find((each) => each.pointer.endsWith(pointer))?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = missing(values);
    setProblem(found);
    if (found === null) call.mutate(values);
  };
  return (
    <div className="grid grid-cols-1 gap-8 xl:grid-cols-2">
      <Section title="Ask a model">
        <form noValidate className="grid gap-5 p-5" onSubmit={submit}>
          <Field
            label="Prompt"
            help={
              offline
                ? 'The default is the offline provider: no language model, it answers only from text that stands after “Context:”.'
                : 'It is sent to the provider and counts towards budgets.'
            }
            error={errorAt('/prompt')}
          >
            {(control) => (
              <Textarea
                control={control}
                rows={5}
                value={values.prompt}
                onChange={({ target }) => set({ prompt: target.value })}
              />
            )}
          </Field>
          <Field label="Who answers">
            {(control) => (
              <Select
                control={control}
                value={values.chosen ? 'chosen' : 'auto'}
                onChange={({ target }) => set({ chosen: target.value === 'chosen' })}
              >
                <option value="auto">Automatic: default model, then the chain</option>
                <option value="chosen">A model that I choose, then the chain</option>
              </Select>
            )}
          </Field>
          {values.chosen ? (
            <ModelRefFields
              value={values.ref}
              onChange={(ref) => set({ ref })}
              errors={{ provider: errorAt('/provider'), model: errorAt('/model') }}
            />
          ) : null}
          <details>
            <summary className="inline-flex min-h-9 items-center gap-1 text-sm font-medium">
              <ChevronDown aria-hidden className="size-4" /> More settings
            </summary>
            <div className="mt-3 grid gap-4">
              <Field label="System message" optional error={errorAt('/system')}>
                {(control) => (
                  <Textarea
                    control={control}
                    rows={2}
                    value={values.system}
                    onChange={({ target }) => set({ system: target.value })}
                  />
                )}
              </Field>
              <div className="grid gap-4 sm:grid-cols-2">
                <Field
                  label="Temperature"
                  optional
                  help="0 to 2; with 0 the cache may answer."
                  error={errorAt('/temperature')}
                >
                  {(control) => (
                    <Input
                      control={control}
                      type="number"
                      min={0}
                      max={2}
                      step={0.1}
                      value={values.temperature}
                      onChange={({ target }) => set({ temperature: target.value })}
                    />
                  )}
                </Field>
                <Field label="Tokens of the answer, at most" error={errorAt('/max_output_tokens')}>
                  {(control) => (
                    <Input
                      control={control}
                      type="number"
                      min={1}
                      max={32_000}
                      value={values.maxTokens}
                      onChange={({ target }) => set({ maxTokens: target.value })}
                    />
                  )}
                </Field>
              </div>
            </div>
          </details>
          <div className="flex flex-wrap items-center justify-end gap-3">
            {mayCall ? null : (
              <p className="mr-auto text-sm text-ink-soft">Your role may not call models.</p>
            )}
            <Button variant="ghost" onClick={() => set({ prompt: EXAMPLE })}>
              Use an example
            </Button>
            <Button type="submit" variant="primary" pending={call.isPending} disabled={!mayCall}>
              {call.isPending ? null : <Send aria-hidden className="size-4" />} Ask
            </Button>
          </div>
        </form>
      </Section>
      <Section title="Answer" bare>
        <div role="status" aria-label="Answer">
          {call.isPending ? (
            <Card className="p-5 text-sm text-ink-soft">The router asks the candidates…</Card>
          ) : call.data === undefined ? (
            call.isError ? null : (
              <Card className="p-5 text-sm text-ink-soft">
                Nothing was asked yet. The answer stands here, with who gave it, why that one, and
                what it cost.
              </Card>
            )
          ) : (
            <TryAnswerView answer={call.data} />
          )}
        </div>
        {call.isError ? (
          <div className="grid gap-3">
            <ErrorState what="No answer" error={call.error} />
            {refused?.code.startsWith('providers.budget.') === true ? (
              <div>
                <ButtonLink href="/usage?tab=budgets">See the budgets</ButtonLink>
              </div>
            ) : null}
          </div>
        ) : null}
      </Section>
    </div>
  );
}
