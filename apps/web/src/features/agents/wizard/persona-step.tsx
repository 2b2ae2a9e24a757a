'use client';

import { listPersonas } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../components/api-context.ts';
import { Badge } from '../../../components/ui/badge.tsx';
import { Choices } from '../../../components/ui/choices.tsx';
import { cn } from '../../../components/ui/cn.ts';
import { CodeBlock } from '../../../components/ui/code-block.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Field } from '../../../components/ui/field.tsx';
import { Textarea } from '../../../components/ui/input.tsx';
import { SkeletonList } from '../../../components/ui/skeleton.tsx';
import type { StepProps } from './step-props.ts';

const KINDS = [
  { value: 'none', label: 'None', help: 'Only the instructions below say how it works.' },
  { value: 'stored', label: 'A persona of the workspace', help: 'Shared with other agents.' },
  { value: 'own', label: 'Its own', help: 'Written here, for this agent alone.' },
] as const;
type Kind = (typeof KINDS)[number]['value'];

function StoredPersonas({ draft, change, problems }: StepProps) {
  const client = useApi();
  const personas = useQuery({
    queryKey: ['personas', 'all'],
    queryFn: async ({ signal }) =>
      (await listPersonas({ client, query: { limit: 100 }, signal })).data.items,
  });
  if (personas.isError)
    return (
      <ErrorState
        compact
        what="The personas could not be loaded"
        error={personas.error}
        onRetry={() => void personas.refetch()}
      />
    );
  if (personas.data === undefined) return <SkeletonList label="personas" rows={3} height="h-14" />;
  const chosen = personas.data.find(({ slug }) => slug === draft.persona);
  return (
    <div>
      <ul aria-label="Personas" className="grid gap-2 sm:grid-cols-2">
        {personas.data.map((persona) => (
          <li key={persona.id}>
            <button
              type="button"
              aria-pressed={persona.slug === draft.persona}
              onClick={() => change({ persona: persona.slug })}
              className={cn(
                'h-full w-full rounded-lg border px-4 py-3 text-left text-sm',
                persona.slug === draft.persona
                  ? 'border-accent bg-accent-soft/60'
                  : 'border-line hover:bg-sunken',
              )}
            >
              <span className="flex flex-wrap items-center justify-between gap-2">
                <span className="font-medium">{persona.name}</span>
                <Badge>{persona.category}</Badge>
              </span>
              <span className="mt-0.5 block text-[0.8125rem] text-ink-soft">
                {persona.description}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {problems['/persona'] === undefined ? null : (
        <p role="alert" className="mt-2 text-[0.8125rem] font-medium text-bad">
          {problems['/persona']}
        </p>
      )}
      {chosen === undefined ? null : (
        <CodeBlock
          label={`Prompt of ${chosen.name}`}
          text={chosen.prompt}
          className="mt-3 max-h-56 whitespace-pre-wrap"
        />
      )}
    </div>
  );
}

/** Who the agent is when it speaks, and what it is told to do. */
export function PersonaStep(props: StepProps) {
  const { draft, change, problems } = props;
  const [kind, setKind] = useState<Kind>(
    draft.persona_text !== '' ? 'own' : draft.persona === null ? 'none' : 'stored',
  );
  const choose = (next: Kind) => {
    setKind(next);
    if (next !== 'stored') change({ persona: null });
    if (next !== 'own') change({ persona_text: '' });
  };
  return (
    <div className="grid gap-6">
      <Choices legend="Persona" options={KINDS} value={kind} onChange={choose} />
      {kind === 'stored' ? <StoredPersonas {...props} /> : null}
      {kind === 'own' ? (
        <Field
          label="Text of the persona"
          help="Who it is, what it insists on, what it never does. One sentence per line reads best."
          error={problems['/persona_text']}
        >
          {(control) => (
            <Textarea
              control={control}
              rows={8}
              maxLength={20_000}
              value={draft.persona_text}
              onChange={({ target }) => change({ persona_text: target.value })}
            />
          )}
        </Field>
      ) : null}
      <Field
        label="Instructions"
        optional
        help="How it works through a request: what it looks at first, which tools it uses together, what an answer must hold."
        error={problems['/instructions']}
      >
        {(control) => (
          <Textarea
            control={control}
            rows={8}
            maxLength={50_000}
            value={draft.instructions}
            onChange={({ target }) => change({ instructions: target.value })}
          />
        )}
      </Field>
    </div>
  );
}
