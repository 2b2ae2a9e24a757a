'use client';

import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '../../../components/ui/button.tsx';
import { Field } from '../../../components/ui/field.tsx';
import { Input, Select } from '../../../components/ui/input.tsx';
import { Switch } from '../../../components/ui/switch.tsx';
import {
  addInput,
  asKind,
  INPUT_KINDS,
  inputRows,
  removeInput,
  renameInput,
  require,
  type InputKind,
  type InputRow,
} from './document/input-schema.ts';
import { useEditor } from './editor-context.tsx';
import { FieldControl } from './field-control.tsx';
import type { FormField } from './fields.ts';

const TITLE: FormField = { path: ['title'], label: 'Label', kind: 'text' };
const HELP: FormField = { path: ['description'], label: 'Explanation', kind: 'text' };
const DEFAULT: FormField = { path: ['default'], label: 'Default', kind: 'text' };
const DEFAULT_NUMBER: FormField = { path: ['default'], label: 'Default', kind: 'number' };
const CHOICES: FormField = {
  path: ['enum'],
  label: 'Choices',
  kind: 'words',
  help: 'With commas between.',
};
const WHOLE: FormField = { path: [], label: 'JSON schema', kind: 'json', needed: true };

function detailsOf(kind: InputKind): FormField[] {
  if (kind === 'other') return [WHOLE];
  if (kind === 'boolean' || kind === 'list') return [TITLE, HELP];
  if (kind === 'integer' || kind === 'number') return [TITLE, HELP, DEFAULT_NUMBER];
  return kind === 'choice' ? [TITLE, HELP, CHOICES, DEFAULT] : [TITLE, HELP, DEFAULT];
}

/** The name, taken over when the field is left, because references change with it. */
export function NameField({
  name,
  label,
  onRename,
}: {
  name: string;
  label: string;
  onRename: (name: string) => void;
}) {
  const { broken } = useEditor();
  const [draft, setDraft] = useState(name);
  const take = () => {
    if (draft.trim() !== name) onRename(draft.trim());
  };
  return (
    <Field label={label}>
      {(control) => (
        <Input
          control={control}
          value={draft}
          disabled={broken}
          spellCheck={false}
          autoComplete="off"
          className="font-mono"
          onChange={(event) => setDraft(event.target.value)}
          onBlur={take}
          onKeyDown={(event) => (event.key === 'Enter' ? take() : undefined)}
        />
      )}
    </Field>
  );
}

function Row({ row }: { row: InputRow }) {
  const editor = useEditor();
  const recipe = editor.document.value;
  const path = ['inputs', 'properties', row.name];
  return (
    <li className="grid gap-4 rounded-lg border border-line p-4">
      <div className="grid gap-4 sm:grid-cols-[1fr_1fr_auto_auto]">
        <NameField
          name={row.name}
          label="Name"
          onRename={(name) =>
            editor.edit(renameInput(recipe, row.name, name), `/inputs/${row.name}/name`)
          }
        />
        <Field label="Kind">
          {(control) => (
            <Select
              control={control}
              value={row.kind}
              disabled={editor.broken}
              onChange={(event) =>
                editor.edit(
                  [
                    {
                      kind: 'set',
                      path,
                      value: asKind(row.schema, event.target.value as InputKind),
                    },
                  ],
                  `/inputs/${row.name}/kind`,
                )
              }
            >
              {INPUT_KINDS.map(([kind, label]) => (
                <option key={kind} value={kind}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Needed">
          {(control) => (
            <Switch
              id={control.id}
              checked={row.required}
              onCheckedChange={(needed) =>
                editor.edit(require(recipe, row.name, needed), `/inputs/${row.name}/needed`)
              }
            />
          )}
        </Field>
        <div className="sm:pt-6">
          <IconButton
            label={`Remove input ${row.name}`}
            disabled={editor.broken}
            onClick={() => editor.edit(removeInput(recipe, row.name), `/inputs/${row.name}/-`)}
          >
            <Trash2 aria-hidden className="size-4" />
          </IconButton>
        </div>
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        {detailsOf(row.kind).map((each) => (
          <div
            key={`${row.kind}/${each.label}`}
            className={each.path.length === 0 ? 'sm:col-span-2' : ''}
          >
            <FieldControl base={path} field={each} />
          </div>
        ))}
      </div>
    </li>
  );
}

/** What the recipe asks for when it is cooked. */
export function InputsPanel() {
  const editor = useEditor();
  const rows = inputRows(editor.document.value);
  return (
    <section aria-labelledby="editor-inputs" className="grid gap-5" data-pointer="/inputs">
      <div>
        <h2 id="editor-inputs" className="text-lg font-semibold">
          Inputs
        </h2>
        <p className="mt-1 text-sm text-ink-soft">
          What is asked when the recipe is cooked. Steps reach a value as{' '}
          <code className="font-mono text-[0.8125rem]">{'{{inputs.name}}'}</code>.
        </p>
      </div>
      {rows.length === 0 ? (
        <p className="rounded-lg bg-sunken px-4 py-3 text-sm text-ink-soft">
          This recipe asks for nothing. Add an input to let people choose a folder, a text or a
          number.
        </p>
      ) : (
        <ul aria-label="Inputs" className="grid gap-4">
          {rows.map((row) => (
            <Row key={row.name} row={row} />
          ))}
        </ul>
      )}
      <div>
        <Button
          disabled={editor.broken}
          onClick={() => editor.edit(addInput(editor.document.value), '/inputs/+')}
        >
          <Plus aria-hidden className="size-4" /> Add input
        </Button>
      </div>
    </section>
  );
}
