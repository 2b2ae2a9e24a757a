'use client';

import { useEffect, useRef } from 'react';
import { Card } from '../../../components/ui/card.tsx';
import { useEditor } from './editor-context.tsx';
import { FieldControl } from './field-control.tsx';
import { ABOUT_FIELDS, SETTINGS_FIELDS, type FormField } from './fields.ts';
import { InputsPanel } from './inputs-panel.tsx';
import { Outline } from './outline.tsx';
import { OutputsPanel } from './outputs-panel.tsx';
import { StepPanel } from './step-panel.tsx';

function FieldsPanel({
  title,
  lead,
  fields,
}: {
  title: string;
  lead: string;
  fields: readonly FormField[];
}) {
  return (
    <section aria-label={title} className="grid gap-5">
      <div>
        <h2 className="text-lg font-semibold">{title}</h2>
        <p className="mt-1 text-sm text-ink-soft">{lead}</p>
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        {fields.map((field) => (
          <div key={field.path.join('.')} className={field.kind === 'long' ? 'sm:col-span-2' : ''}>
            <FieldControl base={[]} field={field} />
          </div>
        ))}
      </div>
    </section>
  );
}

/** The form of what is selected: a section of the recipe or one step. */
export function SelectedPanel() {
  const { step, selected, target } = useEditor();
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (target === null || root.current === null) return;
    const places = [...root.current.querySelectorAll<HTMLElement>('[data-pointer]')];
    const inside = places.filter(({ dataset }) => {
      const own = dataset['pointer'] ?? '';
      return target.pointer === own || target.pointer.startsWith(`${own}/`);
    });
    const nearest = inside.toSorted(
      (a, b) => (b.dataset['pointer'] ?? '').length - (a.dataset['pointer'] ?? '').length,
    )[0];
    nearest?.querySelector<HTMLElement>('input, textarea, select, button')?.focus();
  }, [target]);
  return (
    <div ref={root}>
      {step !== null ? (
        <StepPanel key={step.pointer} step={step} />
      ) : selected === 'inputs' ? (
        <InputsPanel />
      ) : selected === 'outputs' ? (
        <OutputsPanel />
      ) : selected === 'settings' ? (
        <FieldsPanel
          title="Settings"
          lead="How runs are carried out, and what they may spend."
          fields={SETTINGS_FIELDS}
        />
      ) : (
        <FieldsPanel title="About" lead="How people find this recipe." fields={ABOUT_FIELDS} />
      )}
    </div>
  );
}

/** Where outline and form stand below each other, a choice leads down to its form. */
function useScrollToChoice(selected: string) {
  const panel = useRef<HTMLDivElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current && window.matchMedia('(max-width: 1023px)').matches) {
      panel.current?.scrollIntoView({ block: 'start', behavior: 'smooth' });
    }
    first.current = false;
  }, [selected]);
  return panel;
}

export function FormView() {
  const panel = useScrollToChoice(useEditor().selected);
  return (
    <div className="grid gap-6 lg:grid-cols-[17rem_1fr]">
      <Card className="h-fit p-2.5 lg:sticky lg:top-20 lg:max-h-[calc(100dvh-6rem)] lg:overflow-y-auto">
        <Outline />
      </Card>
      <div ref={panel} className="scroll-mt-36">
        <Card className="h-fit p-5 sm:p-6">
          <SelectedPanel />
        </Card>
      </div>
    </div>
  );
}
