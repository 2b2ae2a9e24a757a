'use client';

import { listAgentPresets, listAgentTypes, type ListAgentPresetsResponse } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../components/api-context.ts';
import { Button } from '../../../components/ui/button.tsx';
import { Choices } from '../../../components/ui/choices.tsx';
import { Field } from '../../../components/ui/field.tsx';
import { Input, Select, Textarea } from '../../../components/ui/input.tsx';
import { sentence } from '../../../lib/format.ts';
import { wordsOf, type AgentDraft } from './agent-draft.ts';
import type { StepProps } from './step-props.ts';

const OTHER = 'other…';
const VISIBILITIES = [
  {
    value: 'workspace',
    label: 'Everyone in the workspace',
    help: 'All members find it and may let it work.',
  },
  { value: 'creator', label: 'Only me', help: 'Administrators of the workspace see it too.' },
] as const;

type Preset = ListAgentPresetsResponse['items'][number];

/** Families to start from; only offered while the agent has no name yet. */
function Presets({ onChoose }: { onChoose: (preset: Preset) => void }) {
  const client = useApi();
  const presets = useQuery({
    queryKey: ['agents', 'presets'],
    queryFn: async ({ signal }) => (await listAgentPresets({ client, signal })).data.items,
  });
  if (presets.data === undefined || presets.data.length === 0) return null;
  return (
    <section aria-labelledby="presets" className="mb-7">
      <h3 id="presets" className="mb-2 text-sm font-medium">
        Start from a family, or from nothing
      </h3>
      <ul className="grid gap-2 sm:grid-cols-2">
        {presets.data.map((preset) => (
          <li key={preset.family}>
            <button
              type="button"
              onClick={() => onChoose(preset)}
              className="h-full w-full rounded-lg border border-line px-4 py-3 text-left text-sm hover:border-accent hover:bg-accent-soft/40"
            >
              <span className="block font-medium">{preset.name}</span>
              <span className="mt-0.5 block text-[0.8125rem] text-ink-soft">
                {preset.description}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function CategoryField({ draft, change, problems }: StepProps) {
  const client = useApi();
  const types = useQuery({
    queryKey: ['agents', 'types'],
    queryFn: async ({ signal }) => (await listAgentTypes({ client, signal })).data.items,
  });
  const known = [...new Set([...(types.data ?? []).map(({ category }) => category), 'custom'])];
  const [typing, setTyping] = useState(false);
  const free = typing || (types.data !== undefined && !known.includes(draft.category));
  return (
    <Field label="Category" error={problems['/category']}>
      {(control) =>
        free ? (
          <div className="flex gap-2">
            <Input
              control={control}
              value={draft.category}
              maxLength={60}
              onChange={({ target }) => change({ category: target.value })}
            />
            <Button
              onClick={() => {
                setTyping(false);
                change({ category: 'custom' });
              }}
            >
              List
            </Button>
          </div>
        ) : (
          <Select
            control={control}
            value={draft.category}
            onChange={({ target }) => {
              setTyping(target.value === OTHER);
              change({ category: target.value === OTHER ? '' : target.value });
            }}
          >
            {known.map((name) => (
              <option key={name} value={name}>
                {sentence(name)}
              </option>
            ))}
            <option value={OTHER}>Another …</option>
          </Select>
        )
      }
    </Field>
  );
}

/** What the agent is called and for whom it is. */
export function BasicsStep(props: StepProps & { isNew: boolean }) {
  const { draft, change, problems, isNew } = props;
  const [tags, setTags] = useState(draft.tags.join(', '));
  const choose = ({ definition }: Preset) => {
    const { slug: _slug, ...taken } = definition;
    change(taken as Partial<AgentDraft>);
    setTags((taken.tags ?? []).join(', '));
  };
  return (
    <>
      {isNew && draft.name === '' ? <Presets onChoose={choose} /> : null}
      <div className="grid gap-5">
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label="Name" error={problems['/name']}>
            {(control) => (
              <Input
                control={control}
                autoFocus
                autoComplete="off"
                maxLength={120}
                value={draft.name}
                onChange={({ target }) => change({ name: target.value })}
              />
            )}
          </Field>
          <CategoryField {...props} />
        </div>
        <Field
          label="Description"
          optional
          help="Whoever looks for an agent reads this, and so does the platform when it chooses one for a task."
          error={problems['/description']}
        >
          {(control) => (
            <Textarea
              control={control}
              rows={3}
              maxLength={5000}
              value={draft.description}
              onChange={({ target }) => change({ description: target.value })}
            />
          )}
        </Field>
        <Field label="Tags" optional help="Separated by commas." error={problems['/tags']}>
          {(control) => (
            <Input
              control={control}
              autoComplete="off"
              value={tags}
              onChange={({ target }) => {
                setTags(target.value);
                change({ tags: wordsOf(target.value) });
              }}
            />
          )}
        </Field>
        <Choices
          legend="Who finds it"
          options={VISIBILITIES}
          value={draft.visibility}
          onChange={(visibility) => change({ visibility })}
        />
      </div>
    </>
  );
}
