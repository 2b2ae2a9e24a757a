'use client';

import { useState, type ChangeEvent } from 'react';
import { Field, type FieldControl as Wiring } from '../../../components/ui/field.tsx';
import { Input, Select, Textarea } from '../../../components/ui/input.tsx';
import { Switch } from '../../../components/ui/switch.tsx';
import { toPointer, valueAt, type Path } from './document/json-edit.ts';
import { problemsAt } from './document/problems.ts';
import { useEditor } from './editor-context.tsx';
import { inWords, put, read, shown } from './field-values.ts';
import type { FormField } from './fields.ts';
import { Suggestion } from './suggestion.tsx';
import { useNames } from './use-names.ts';

interface Drafted {
  draft: string;
  setDraft: (draft: string) => void;
}

/** What is being typed, until the document says something else than it means. */
function useDraft(field: FormField, current: string): Drafted {
  const [draft, setDraft] = useState(current);
  const [seen, setSeen] = useState(current);
  if (current !== seen) {
    setSeen(current);
    const meant = read(field, draft);
    if ('error' in meant || (shown(field, meant.value) ?? '') !== current) setDraft(current);
  }
  return { draft, setDraft };
}

const MONO = ['template', 'json'];

function Names({ kind, id }: { kind: 'agent' | 'tool' | 'recipe'; id: string }) {
  return (
    <datalist id={id}>
      {useNames(kind).map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </datalist>
  );
}

function Control({
  field,
  wiring,
  value,
  onValue,
}: {
  field: FormField;
  wiring: Wiring;
  value: string;
  onValue: (value: string) => void;
}) {
  const { broken } = useEditor();
  const common = {
    control: wiring,
    value,
    disabled: broken,
    placeholder: field.placeholder,
    onChange: (event: ChangeEvent<HTMLInputElement & HTMLTextAreaElement & HTMLSelectElement>) =>
      onValue(event.target.value),
  };
  switch (field.kind) {
    case 'choice': {
      const known = field.choices?.some(([choice]) => choice === value) ?? false;
      return (
        <Select {...common}>
          {known ? null : <option value={value}>{value}</option>}
          {field.choices?.map(([choice, label]) => (
            <option key={choice} value={choice}>
              {label}
            </option>
          ))}
        </Select>
      );
    }
    case 'long':
    case 'template':
    case 'json':
      return (
        <Textarea
          {...common}
          rows={Math.min(
            24,
            Math.max(field.kind === 'template' ? 6 : 3, value.split('\n').length + 1),
          )}
          spellCheck={field.kind !== 'json'}
          className={MONO.includes(field.kind) ? 'font-mono !text-[0.8125rem] leading-6' : ''}
        />
      );
    case 'agent':
    case 'tool':
    case 'recipe':
      return (
        <>
          <Input {...common} list={`${wiring.id}-names`} autoComplete="off" spellCheck={false} />
          <Names kind={field.kind} id={`${wiring.id}-names`} />
        </>
      );
    case 'number':
    case 'duration':
    case 'ratio':
    case 'money':
      return <Input {...common} inputMode="decimal" autoComplete="off" />;
    default:
      return <Input {...common} autoComplete="off" />;
  }
}

const UNITS: Partial<Record<FormField['kind'], string>> = { duration: ', ms', money: ', dollars' };

/** One field of the document: shows what stands there and writes what is typed. */
export function FieldControl({ base, field }: { base: Path; field: FormField }) {
  const editor = useEditor();
  const path = [...base, ...field.path];
  const pointer = toPointer(path);
  const value = valueAt(editor.document.value, path);
  const plain = shown(field, value);
  // What cannot be shown in this kind of field is shown as JSON, so that nothing is hidden or lost.
  const own: FormField = plain === null ? { ...field, kind: 'json' } : field;
  const { draft, setDraft } = useDraft(own, plain ?? JSON.stringify(value, null, 2));
  const meant = read(own, draft);
  const problems = problemsAt(editor.problems, pointer);
  const error = 'error' in meant ? meant.error : problems[0]?.message;
  const onValue = (next: string) => {
    setDraft(next);
    const result = read(own, next);
    if ('value' in result) editor.edit(put(editor.document.value, path, result.value), pointer);
  };
  const words = inWords(own, value);
  if (field.kind === 'switch') {
    return (
      <div data-pointer={pointer}>
        <Field label={field.label} help={field.help} error={error}>
          {(wiring) => (
            <Switch
              id={wiring.id}
              checked={value === undefined ? field.initially === true : value === true}
              describedBy={wiring.describedBy}
              onCheckedChange={(checked) =>
                editor.edit(
                  put(
                    editor.document.value,
                    path,
                    checked === field.initially ? undefined : checked,
                  ),
                  pointer,
                )
              }
            />
          )}
        </Field>
      </div>
    );
  }
  return (
    <div data-pointer={pointer}>
      <Field
        label={`${field.label}${UNITS[own.kind] ?? ''}`}
        help={words === null ? field.help : `${words}. ${field.help ?? ''}`.trim()}
        error={error}
      >
        {(wiring) => <Control field={own} wiring={wiring} value={draft} onValue={onValue} />}
      </Field>
      {problems.map((problem) => (
        <Suggestion key={`${problem.message}/${problem.column ?? 0}`} problem={problem} />
      ))}
    </div>
  );
}
