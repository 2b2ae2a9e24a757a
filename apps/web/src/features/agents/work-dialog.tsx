'use client';

import { executeAgent, isApiProblem, type Agent, type ExecuteAgentData } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { Input, Select, Textarea } from '../../components/ui/input.tsx';
import { sentence } from '../../lib/format.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';

/** The object that a text of JSON means; null when it means none. */
function objectOf(text: string): Record<string, unknown> | null {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    const fits = typeof value === 'object' && value !== null && !Array.isArray(value);
    return fits ? (value as Record<string, unknown>) : null;
  } catch {
    return null; // said beside the field
  }
}

/** Lets one agent work on something, and opens the kitchen of that run. */
export function WorkDialog({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const client = useApi();
  const router = useRouter();
  const queries = useQueryClient();
  const [target, setTarget] = useState('');
  const [taskType, setTaskType] = useState('');
  const [words, setWords] = useState('');
  const [parameters, setParameters] = useState('');
  const [wrong, setWrong] = useState(false);
  const start = useMutation({
    mutationFn: async (body: ExecuteAgentData['body']) =>
      (
        await executeAgent({
          client,
          path: { agent_id: agent.id },
          body,
          headers: { 'Idempotency-Key': newIdempotencyKey() },
        })
      ).data,
    onSuccess: (run) => {
      void queries.invalidateQueries({ queryKey: ['runs'] });
      router.push(`/runs/${run.id}`);
    },
  });
  const refused = isApiProblem(start.error) ? start.error.errors : [];
  const errorOf = (field: string) =>
    refused.find(({ pointer }) => pointer.startsWith(`/${field}`))?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const values = objectOf(parameters);
    setWrong(values === null);
    if (values === null) return;
    start.mutate({
      ...(target.trim() === '' ? {} : { target: target.trim() }),
      ...(taskType === '' ? {} : { task_type: taskType }),
      ...(words.trim() === '' ? {} : { prompt: words.trim() }),
      parameters: values as NonNullable<ExecuteAgentData['body']['parameters']>,
    });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`Work for ${agent.name}`}
      description="Starts a run that you can watch, stop and repeat."
    >
      <form noValidate className="grid gap-5" onSubmit={submit}>
        <Field
          label="Target"
          optional
          help="Folder, file or address that it works on."
          error={errorOf('target')}
        >
          {(control) => (
            <Input
              control={control}
              autoFocus
              autoComplete="off"
              value={target}
              onChange={({ target: field }) => setTarget(field.value)}
            />
          )}
        </Field>
        {agent.capabilities.length === 0 ? null : (
          <Field label="Kind of work" error={errorOf('task_type')}>
            {(control) => (
              <Select
                control={control}
                value={taskType}
                onChange={({ target: field }) => setTaskType(field.value)}
              >
                <option value="">What it is for</option>
                {agent.capabilities.map((name) => (
                  <option key={name} value={name}>
                    {sentence(name)}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        <Field label="Request" optional error={errorOf('prompt')}>
          {(control) => (
            <Textarea
              control={control}
              rows={3}
              value={words}
              onChange={({ target: field }) => setWords(field.value)}
            />
          )}
        </Field>
        <Field
          label="Parameters"
          optional
          help={'A JSON object, e.g. {"base": "main", "head": "work"}.'}
          error={wrong ? 'This is not a JSON object.' : errorOf('parameters')}
        >
          {(control) => (
            <Textarea
              control={control}
              rows={2}
              className="font-mono text-[0.8125rem]!"
              value={parameters}
              onChange={({ target: field }) => setParameters(field.value)}
            />
          )}
        </Field>
        <FormFooter
          save={start}
          failure="The run could not be started"
          label="Start"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
