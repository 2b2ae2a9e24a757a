'use client';

import {
  isApiProblem,
  testAgent,
  testAgentDraft,
  type Agent,
  type TestAgentDraftData,
} from '@automatos/sdk';
import { useMutation } from '@tanstack/react-query';
import { FlaskConical } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../../components/api-context.ts';
import { Button } from '../../../components/ui/button.tsx';
import { Choices } from '../../../components/ui/choices.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Field } from '../../../components/ui/field.tsx';
import { Input, Textarea } from '../../../components/ui/input.tsx';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';
import { AgentRunView } from '../agent-run-view.tsx';
import type { AgentDraft } from './agent-draft.ts';

const MODELS = [
  {
    value: 'offline',
    label: 'Without a language model',
    help: 'Its tools really run, a report is composed of what they find. Costs nothing.',
  },
  { value: 'own', label: "The agent's own model", help: 'As it will work; costs what it costs.' },
] as const;

type Trial = TestAgentDraftData['body'];

/** Tries what is in the wizard on real input; nothing is saved, and tools that change something are refused. */
export function TestRun({ draft, agent }: { draft: AgentDraft; agent: Agent | null }) {
  const client = useApi();
  const [target, setTarget] = useState('');
  const [words, setWords] = useState('');
  const [model, setModel] = useState<NonNullable<Trial['model']>>('offline');
  const start = useMutation({
    mutationFn: async () => {
      const task = {
        ...(target.trim() === '' ? {} : { target: target.trim() }),
        ...(words.trim() === '' ? {} : { prompt: words.trim() }),
      };
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      const body = { definition: draft, task, model };
      return agent === null
        ? (await testAgentDraft({ client, body, headers })).data
        : (await testAgent({ client, path: { agent_id: agent.id }, body, headers })).data;
    },
  });
  const refused = isApiProblem(start.error) ? start.error.errors : [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  return (
    <div className="grid gap-5">
      <form noValidate className="grid gap-5" onSubmit={submit}>
        <div className="grid gap-5 sm:grid-cols-2">
          <Field
            label="Target"
            optional
            help="A folder, file or address that its tools work on."
            error={refused.find(({ pointer }) => pointer === '/task/target')?.message}
          >
            {(control) => (
              <Input
                control={control}
                autoComplete="off"
                placeholder="/home/me/project"
                value={target}
                onChange={({ target: field }) => setTarget(field.value)}
              />
            )}
          </Field>
          <Field label="Request" optional help="Left empty, it does what it is for.">
            {(control) => (
              <Textarea
                control={control}
                rows={2}
                value={words}
                onChange={({ target: field }) => setWords(field.value)}
              />
            )}
          </Field>
        </div>
        <Choices legend="Answered by" options={MODELS} value={model} onChange={setModel} />
        {start.isError ? (
          <ErrorState compact what="The test could not be started" error={start.error} />
        ) : null}
        <div>
          <Button type="submit" pending={start.isPending}>
            <FlaskConical aria-hidden className="size-4" />{' '}
            {start.data === undefined ? 'Try it' : 'Try it again'}
          </Button>
        </div>
      </form>
      {start.data === undefined ? null : <AgentRunView key={start.data.id} runId={start.data.id} />}
    </div>
  );
}
