'use client';

import { Plus, Trash2 } from 'lucide-react';
import { Button, IconButton } from '../../../components/ui/button.tsx';
import { isObject, valueAt } from './document/json-edit.ts';
import { useEditor } from './editor-context.tsx';
import { FieldControl } from './field-control.tsx';
import { put } from './field-values.ts';
import { NameField } from './inputs-panel.tsx';

/** Named results of a run. */
export function OutputsPanel() {
  const editor = useEditor();
  const recipe = editor.document.value;
  const outputs = valueAt(recipe, ['outputs']);
  const names = isObject(outputs) ? Object.keys(outputs) : [];
  const last = editor.steps.filter(({ depth }) => depth === 0).at(-1)?.stepId ?? 'step';
  const add = () => {
    let number = names.length + 1;
    while (names.includes(`result_${number}`)) number += 1;
    const name = names.length === 0 ? 'result' : `result_${number}`;
    editor.edit(
      [{ kind: 'set', path: ['outputs', name], value: `{{steps.${last}}}` }],
      '/outputs/+',
    );
  };
  return (
    <section aria-labelledby="editor-outputs" className="grid gap-5" data-pointer="/outputs">
      <div>
        <h2 id="editor-outputs" className="text-lg font-semibold">
          Outputs
        </h2>
        <p className="mt-1 text-sm text-ink-soft">
          Results that a finished run names, for whoever started it and for other recipes.
        </p>
      </div>
      {names.length === 0 ? (
        <p className="rounded-lg bg-sunken px-4 py-3 text-sm text-ink-soft">
          No named results. The results of all steps are kept either way.
        </p>
      ) : (
        <ul aria-label="Outputs" className="grid gap-4">
          {names.map((name) => (
            <li
              key={name}
              className="grid gap-4 rounded-lg border border-line p-4 sm:grid-cols-[12rem_1fr_auto]"
            >
              <NameField
                name={name}
                label="Name"
                onRename={(key) =>
                  key === '' || names.includes(key)
                    ? undefined
                    : editor.edit(
                        [{ kind: 'rename', path: ['outputs', name], key }],
                        `/outputs/${name}/name`,
                      )
                }
              />
              <FieldControl
                base={['outputs', name]}
                field={{ path: [], label: 'Value', kind: 'text', needed: true }}
              />
              <div className="sm:pt-6">
                <IconButton
                  label={`Remove output ${name}`}
                  disabled={editor.broken}
                  onClick={() =>
                    editor.edit(put(recipe, ['outputs', name], undefined), `/outputs/${name}/-`)
                  }
                >
                  <Trash2 aria-hidden className="size-4" />
                </IconButton>
              </div>
            </li>
          ))}
        </ul>
      )}
      <div>
        <Button disabled={editor.broken} onClick={add}>
          <Plus aria-hidden className="size-4" /> Add output
        </Button>
      </div>
    </section>
  );
}
