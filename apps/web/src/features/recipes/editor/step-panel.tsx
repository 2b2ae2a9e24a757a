'use client';

import { ArrowDown, ArrowUp, Copy, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '../../../components/ui/button.tsx';
import { Field } from '../../../components/ui/field.tsx';
import { Input } from '../../../components/ui/input.tsx';
import { toPointer, valueAt } from './document/json-edit.ts';
import { problemsAt } from './document/problems.ts';
import { renameStep, type StepItem } from './document/step-tree.ts';
import { useEditor } from './editor-context.tsx';
import { FieldControl } from './field-control.tsx';
import { ARM_FIELDS, stepForm, type FormField } from './fields.ts';
import { stepType } from './step-types.ts';
import { useStepActions } from './use-step-actions.ts';

const NAME: FormField = {
  path: ['name'],
  label: 'Name',
  kind: 'text',
  help: 'Shown in graphs and runs.',
};

/** The id; taken over when the field is left, because every reference to the step changes with it. */
function IdField({ step }: { step: StepItem }) {
  const editor = useEditor();
  const [draft, setDraft] = useState(step.stepId);
  const [seen, setSeen] = useState(step.stepId);
  if (seen !== step.stepId) {
    setSeen(step.stepId);
    setDraft(step.stepId);
  }
  const pointer = `${step.pointer}/step_id`;
  const take = () => {
    if (draft !== step.stepId)
      editor.edit(renameStep(editor.document.value, step, draft.trim()), pointer);
  };
  return (
    <div data-pointer={pointer}>
      <Field
        label="Id"
        help="References and what waits for this step change with it."
        error={problemsAt(editor.problems, pointer)[0]?.message}
      >
        {(control) => (
          <Input
            control={control}
            value={draft}
            disabled={editor.broken}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setDraft(event.target.value)}
            onBlur={take}
            onKeyDown={(event) => (event.key === 'Enter' ? take() : undefined)}
          />
        )}
      </Field>
    </div>
  );
}

function Arms({ step }: { step: StepItem }) {
  const editor = useEditor();
  const arms = step.value['branches'];
  const count = Array.isArray(arms) ? arms.length : 0;
  const path = [...step.path, 'branches'];
  const add = () => {
    const value = {
      name: `branch_${count + 1}`,
      when: '',
      steps: [{ step_id: `${step.stepId}_${count + 1}`, agent: '', prompt_template: '' }],
    };
    editor.edit([{ kind: 'insert', path, index: count, value }], `${toPointer(path)}/+`);
  };
  return (
    <fieldset className="grid gap-4">
      <legend className="mb-3 text-sm font-semibold">Ways, the first true one is taken</legend>
      {Array.from({ length: count }, (_, index) => (
        <div
          key={index}
          className="grid gap-3 rounded-lg border border-line p-4 sm:grid-cols-[10rem_1fr_auto]"
        >
          {ARM_FIELDS.map((field) => (
            <FieldControl key={field.path.join('.')} base={[...path, index]} field={field} />
          ))}
          <div className="sm:pt-6">
            <IconButton
              label={`Remove way ${index + 1}`}
              disabled={editor.broken || count === 1}
              onClick={() =>
                editor.edit([{ kind: 'remove', path: [...path, index] }], `${toPointer(path)}/-`)
              }
            >
              <Trash2 aria-hidden className="size-4" />
            </IconButton>
          </div>
        </div>
      ))}
      <div>
        <Button size="sm" disabled={editor.broken} onClick={add}>
          <Plus aria-hidden className="size-4" /> Add a way
        </Button>
      </div>
    </fieldset>
  );
}

const isIn = (pointer: string, place: string) =>
  pointer === place || pointer.startsWith(`${place}/`);

function More({ step, fields }: { step: StepItem; fields: readonly FormField[] }) {
  const { problems, target } = useEditor();
  const used = fields.filter(({ path }) => valueAt(step.value, path) !== undefined);
  const wrong = used.some(
    ({ path }) => problemsAt(problems, toPointer([...step.path, ...path])).length > 0,
  );
  const [open, setOpen] = useState(wrong);
  const [seen, setSeen] = useState(target);
  if (target !== seen) {
    setSeen(target);
    const here =
      target !== null &&
      fields.some(({ path }) => isIn(target.pointer, toPointer([...step.path, ...path])));
    if (here) setOpen(true);
  }
  return (
    <details
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      className="rounded-lg border border-line"
    >
      <summary className="flex min-h-11 items-center px-4 py-2 text-sm font-medium">
        More settings
        {used.length === 0 ? null : (
          <span className="ml-2 font-normal text-ink-soft">{used.length} set</span>
        )}
      </summary>
      {open ? (
        <div className="grid gap-4 border-t border-line p-4 sm:grid-cols-2">
          {fields.map((field) => (
            <div
              key={field.path.join('.')}
              className={field.kind === 'json' ? 'sm:col-span-2' : ''}
            >
              <FieldControl base={step.path} field={field} />
            </div>
          ))}
        </div>
      ) : null}
    </details>
  );
}

/** The form of one step. */
export function StepPanel({ step }: { step: StepItem }) {
  const { broken } = useEditor();
  const actions = useStepActions();
  const { icon: Icon, label, does } = stepType(step.type);
  const form = stepForm(step.type);
  return (
    <section aria-label={`Step ${step.name}`} className="grid gap-5">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="flex min-w-0 items-start gap-3">
          <span className="mt-0.5 inline-flex size-9 shrink-0 items-center justify-center rounded-lg bg-accent-soft text-accent-strong">
            <Icon aria-hidden className="size-5" />
          </span>
          <div className="min-w-0">
            <h2 className="text-lg font-semibold wrap-anywhere">{step.name}</h2>
            <p className="text-sm text-ink-soft">
              {label}. {does}.
            </p>
          </div>
        </div>
        <div className="flex gap-1">
          <IconButton
            label="Move up"
            disabled={broken || !actions.mayMove(step, -1)}
            onClick={() => actions.move(step, -1)}
          >
            <ArrowUp aria-hidden className="size-4" />
          </IconButton>
          <IconButton
            label="Move down"
            disabled={broken || !actions.mayMove(step, 1)}
            onClick={() => actions.move(step, 1)}
          >
            <ArrowDown aria-hidden className="size-4" />
          </IconButton>
          <IconButton
            label="Duplicate step"
            disabled={broken}
            onClick={() => actions.duplicate(step)}
          >
            <Copy aria-hidden className="size-4" />
          </IconButton>
          <IconButton label="Delete step" disabled={broken} onClick={() => actions.remove(step)}>
            <Trash2 aria-hidden className="size-4" />
          </IconButton>
        </div>
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <FieldControl base={step.path} field={NAME} />
        <IdField step={step} />
      </div>
      {form.main.map((field) => (
        <FieldControl key={field.path.join('.')} base={step.path} field={field} />
      ))}
      {step.type === 'branch' ? <Arms step={step} /> : null}
      <More key={step.pointer} step={step} fields={form.more} />
    </section>
  );
}
