'use client';

import { importRecipes, isApiProblem, type ImportRecipesData } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FileUp } from 'lucide-react';
import Link from 'next/link';
import { useRef, useState } from 'react';
import { useApi } from '../../../components/api-context.ts';
import { Badge, type Tone } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Choices } from '../../../components/ui/choices.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Field } from '../../../components/ui/field.tsx';
import { Textarea } from '../../../components/ui/input.tsx';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';

type OnConflict = NonNullable<ImportRecipesData['body']['on_conflict']>;

const CONFLICTS = [
  {
    value: 'fail',
    label: 'Save nothing',
    help: 'If one slug is taken, the whole import is refused.',
  },
  {
    value: 'new_version',
    label: 'Save a new version',
    help: 'The recipe that has the slug gets this as its next version.',
  },
  { value: 'skip', label: 'Leave it out', help: 'The others are saved.' },
] as const;

const OUTCOMES: Record<string, { label: string; tone: Tone }> = {
  created: { label: 'New', tone: 'ok' },
  updated: { label: 'New version', tone: 'busy' },
  unchanged: { label: 'Unchanged', tone: 'idle' },
  skipped: { label: 'Left out', tone: 'idle' },
};

function Result({
  items,
  onClose,
}: {
  items: { slug: string; version: number; outcome: string }[];
  onClose: () => void;
}) {
  return (
    <div className="grid gap-4">
      <ul
        aria-label="Imported recipes"
        className="divide-y divide-line rounded-lg border border-line text-sm"
      >
        {items.map(({ slug, version, outcome }) => (
          <li key={slug} className="flex items-center justify-between gap-3 px-4 py-2.5">
            <Link
              href={`/recipes/${slug}`}
              className="min-w-0 font-medium text-accent-strong underline underline-offset-2 wrap-anywhere"
            >
              {slug}
            </Link>
            <span className="flex items-center gap-3 text-ink-soft">
              version {version}
              <Badge tone={OUTCOMES[outcome]?.tone ?? 'idle'}>
                {OUTCOMES[outcome]?.label ?? outcome}
              </Badge>
            </span>
          </li>
        ))}
      </ul>
      <div className="flex justify-end">
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  );
}

/** Saves the recipes of a YAML file; all of them or none. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const client = useApi();
  const queries = useQueryClient();
  const picker = useRef<HTMLInputElement>(null);
  const [yaml, setYaml] = useState('');
  const [onConflict, setOnConflict] = useState<OnConflict>('fail');
  const [empty, setEmpty] = useState(false);
  const save = useMutation({
    mutationFn: async () => {
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      return (await importRecipes({ client, body: { yaml, on_conflict: onConflict }, headers }))
        .data.items;
    },
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['recipes'] }),
  });
  const problems = isApiProblem(save.error) ? save.error.errors : [];
  const readFile = async (file: File | undefined) => {
    if (file === undefined) return;
    setYaml(await file.text());
    setEmpty(false);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={save.data === undefined ? 'Import recipes' : 'Imported'}
      description={
        save.data === undefined
          ? 'A YAML file may hold several recipes with --- between them. All are saved, or none.'
          : undefined
      }
    >
      {save.data !== undefined ? (
        <Result items={save.data} onClose={onClose} />
      ) : (
        <form
          noValidate
          className="grid gap-5"
          onSubmit={(event) => {
            event.preventDefault();
            setEmpty(yaml.trim() === '');
            if (yaml.trim() !== '') save.mutate();
          }}
        >
          <div
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => {
              event.preventDefault();
              void readFile(event.dataTransfer.files[0]);
            }}
          >
            <Field
              label="YAML"
              help="Paste it here, drop a file, or choose one."
              error={empty ? 'There is nothing to import yet.' : undefined}
            >
              {(control) => (
                <Textarea
                  control={control}
                  rows={10}
                  spellCheck={false}
                  className="font-mono !text-[0.8125rem] leading-6"
                  value={yaml}
                  onChange={(event) => setYaml(event.target.value)}
                />
              )}
            </Field>
            <input
              ref={picker}
              type="file"
              accept=".yaml,.yml,.json,application/yaml,application/json"
              aria-label="File with recipes"
              className="sr-only"
              tabIndex={-1}
              onChange={(event) => void readFile(event.target.files?.[0])}
            />
            <Button size="sm" className="mt-2" onClick={() => picker.current?.click()}>
              <FileUp aria-hidden className="size-4" /> Choose a file
            </Button>
          </div>
          <Choices
            legend="When a slug is taken"
            options={CONFLICTS}
            value={onConflict}
            onChange={setOnConflict}
          />
          {save.isError ? (
            <div className="grid gap-2">
              <ErrorState compact what="Nothing was imported" error={save.error} />
              <ul className="list-disc pl-5 text-sm text-bad">
                {problems.map(({ pointer, message, line }) => (
                  <li key={`${pointer}/${message}`} className="wrap-anywhere">
                    {line === undefined ? pointer : `line ${line}`}: {message}
                  </li>
                ))}
              </ul>
            </div>
          ) : null}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="primary" pending={save.isPending}>
              Import
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
