'use client';

import {
  createTask,
  isApiProblem,
  listPatterns,
  previewTask,
  type CreateTaskData,
  type TaskPreview,
} from '@automatos/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronLeft, Play } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Card, Section } from '../../components/ui/card.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Input, Select, Textarea } from '../../components/ui/input.tsx';
import { NumberField } from '../../components/ui/number-field.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { formatCost, formatDuration } from '../../lib/format.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { useAgentSlugs } from '../agents/use-agent-slugs.ts';
import { AssignmentList } from './assignment-list.tsx';

type Body = CreateTaskData['body'];

interface Form {
  goal: string;
  target: string;
  agents: string[];
  pattern: string;
  quality: number | null;
  cost: number | null;
  refinements: string;
}

const EMPTY: Form = {
  goal: '',
  target: '',
  agents: [],
  pattern: '',
  quality: null,
  cost: null,
  refinements: '1',
};

function bodyOf(form: Form): Body {
  const { goal, target, agents, pattern, quality, cost, refinements } = form;
  return {
    goal: goal.trim(),
    ...(target.trim() === '' ? {} : { target: target.trim() }),
    ...(agents.length === 0 ? {} : { agents }),
    ...(pattern === '' ? {} : { pattern }),
    ...(quality === null ? {} : { quality_threshold: quality }),
    ...(cost === null ? {} : { budget: { max_cost_micros: cost } }),
    max_refinements: Number(refinements),
  };
}

function PatternField({ value, onChange }: { value: string; onChange: (slug: string) => void }) {
  const client = useApi();
  const patterns = useQuery({
    queryKey: ['patterns', 'names'],
    queryFn: async ({ signal }) =>
      (await listPatterns({ client, query: { limit: 100 }, signal })).data.items,
  });
  const chosen = patterns.data?.find(({ slug }) => slug === value);
  return (
    <Field
      label="How they work together"
      help={chosen?.description ?? 'Side by side, as far as parts do not depend on each other.'}
    >
      {(control) => (
        <Select control={control} value={value} onChange={({ target }) => onChange(target.value)}>
          <option value="">Each on its own part</option>
          {patterns.data?.map((pattern) => (
            <option key={pattern.id} value={pattern.slug}>
              {pattern.name} ({pattern.kind})
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

function AgentsField({
  value,
  onChange,
}: {
  value: readonly string[];
  onChange: (slugs: string[]) => void;
}) {
  const slugs = useAgentSlugs();
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">
        Only these agents <span className="font-normal text-ink-soft">– none chosen: all</span>
      </legend>
      <div className="flex flex-wrap gap-1.5">
        {slugs.map((slug) => (
          <label
            key={slug}
            className="inline-flex min-h-9 cursor-pointer items-center gap-2 rounded-full border border-line px-3 text-sm has-checked:border-accent has-checked:bg-accent-soft/60 has-focus-visible:outline-2 has-focus-visible:outline-accent"
          >
            <input
              type="checkbox"
              checked={value.includes(slug)}
              onChange={({ target }) =>
                onChange(target.checked ? [...value, slug] : value.filter((each) => each !== slug))
              }
              className="size-4 accent-accent"
            />
            {slug}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Preview({ preview }: { preview: TaskPreview }) {
  const { estimate } = preview;
  const figures = [
    estimate.duration_ms === null ? null : `about ${formatDuration(estimate.duration_ms)}`,
    estimate.cost_micros === null ? null : `about ${formatCost(estimate.cost_micros)}`,
    estimate.quality === null ? null : `quality about ${Math.round(estimate.quality * 100)} %`,
  ].filter((figure) => figure !== null);
  return (
    <div className="grid gap-6" aria-live="polite">
      {preview.problems.map((problem) => (
        <p key={problem} role="alert" className="rounded-lg bg-bad-soft px-4 py-3 text-sm">
          {problem}
        </p>
      ))}
      <Section title="Who would do what">
        <AssignmentList units={preview.units} assignments={preview.assignments} />
      </Section>
      <Section title="What to expect">
        <div className="grid gap-2 px-5 py-4 text-sm">
          {figures.length === 0 ? null : <p className="font-medium">{figures.join(', ')}</p>}
          <p className="text-ink-soft">{estimate.note}</p>
          <ul className="list-disc pl-5 text-ink-soft">
            {[...preview.complexity.reasons, ...preview.assumptions].map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      </Section>
    </div>
  );
}

/** A goal, shown split and assigned before anything runs, then started. */
export function TaskForm() {
  const client = useApi();
  const queries = useQueryClient();
  const router = useRouter();
  const [form, setForm] = useState(EMPTY);
  const [missing, setMissing] = useState(false);
  const change = (changes: Partial<Form>) => setForm((before) => ({ ...before, ...changes }));
  const body = bodyOf(form);
  const preview = useMutation({
    mutationFn: async () => ({
      of: JSON.stringify(body),
      shown: (await previewTask({ client, body })).data,
    }),
  });
  const start = useMutation({
    mutationFn: async () =>
      (await createTask({ client, body, headers: { 'Idempotency-Key': newIdempotencyKey() } }))
        .data,
    onSuccess: (task) => {
      void queries.invalidateQueries({ queryKey: ['tasks'] });
      router.push(`/tasks/${task.id}`);
    },
  });
  const failed = start.error ?? preview.error;
  const refused = isApiProblem(failed) ? failed.errors : [];
  const errorOf = (field: string) =>
    refused.find(({ pointer }) => pointer.startsWith(`/${field}`))?.message;
  const withGoal = (go: () => void) => {
    setMissing(body.goal === '');
    if (body.goal !== '') go();
  };
  const shown = preview.data?.of === JSON.stringify(body) ? preview.data.shown : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    withGoal(() => start.mutate());
  };
  return (
    <div className="mx-auto max-w-4xl">
      <Link
        href="/tasks"
        className="mb-3 inline-flex min-h-9 items-center gap-1 text-sm text-ink-soft hover:text-ink"
      >
        <ChevronLeft aria-hidden className="size-4" /> Tasks
      </Link>
      <PageHeader title="New task" />
      <form noValidate className="grid gap-8" onSubmit={submit}>
        <Card className="grid gap-5 p-5 sm:p-7">
          <Field
            label="Goal"
            error={missing ? 'Say what is to be reached.' : errorOf('goal')}
            help="Several things at once are fine: “find leaked secrets, then write what to do first”."
          >
            {(control) => (
              <Textarea
                control={control}
                autoFocus
                rows={4}
                maxLength={20_000}
                value={form.goal}
                onChange={({ target }) => change({ goal: target.value })}
              />
            )}
          </Field>
          <Field
            label="Target"
            optional
            help="Folder, file or address that it is about."
            error={errorOf('target')}
          >
            {(control) => (
              <Input
                control={control}
                autoComplete="off"
                value={form.target}
                onChange={({ target }) => change({ target: target.value })}
              />
            )}
          </Field>
          <PatternField value={form.pattern} onChange={(pattern) => change({ pattern })} />
          <details>
            <summary className="min-h-9 cursor-pointer content-center text-sm text-accent-strong">
              Agents, quality and budget
            </summary>
            <div className="mt-4 grid gap-5">
              <AgentsField value={form.agents} onChange={(agents) => change({ agents })} />
              <div className="grid gap-5 sm:grid-cols-3">
                <NumberField
                  label="Least quality"
                  optional
                  unit="%"
                  scale={0.01}
                  value={form.quality}
                  error={errorOf('quality_threshold')}
                  onChange={(quality) => change({ quality })}
                />
                <NumberField
                  label="Budget"
                  optional
                  unit="dollars"
                  scale={1_000_000}
                  placeholder="no limit"
                  value={form.cost}
                  error={errorOf('budget')}
                  onChange={(cost) => change({ cost })}
                />
                <Field label="Send a poor result back" error={errorOf('max_refinements')}>
                  {(control) => (
                    <Select
                      control={control}
                      value={form.refinements}
                      onChange={({ target }) => change({ refinements: target.value })}
                    >
                      <option value="0">never</option>
                      <option value="1">once</option>
                      <option value="2">twice</option>
                      <option value="3">three times</option>
                    </Select>
                  )}
                </Field>
              </div>
            </div>
          </details>
        </Card>
        {failed === null ? null : (
          <ErrorState compact what="The task could not be started" error={failed} />
        )}
        <div className="flex flex-wrap gap-2">
          <Button pending={preview.isPending} onClick={() => withGoal(() => preview.mutate())}>
            Show who would do what
          </Button>
          <Button type="submit" variant="primary" pending={start.isPending}>
            <Play aria-hidden className="size-4" /> Start the task
          </Button>
        </div>
        {shown === null ? null : <Preview preview={shown} />}
      </form>
    </div>
  );
}
