'use client';

import { useState } from 'react';
import { Field } from '../../../components/ui/field.tsx';
import { Input } from '../../../components/ui/input.tsx';
import { wordsOf } from './agent-draft.ts';
import type { StepProps } from './step-props.ts';
import { ToolPicker } from './tool-picker.tsx';

/** What the agent is for, and what it may touch. */
export function CapabilitiesStep({ draft, change, problems }: StepProps) {
  const [capabilities, setCapabilities] = useState(draft.capabilities.join(', '));
  const wrong = Object.entries(problems).filter(([pointer]) => pointer.startsWith('/tools'));
  return (
    <div className="grid gap-6">
      <Field
        label="Capabilities"
        optional
        help="Kinds of work it can be chosen for, separated by commas, e.g. security_scan, code_review."
        error={problems['/capabilities']}
      >
        {(control) => (
          <Input
            control={control}
            autoComplete="off"
            value={capabilities}
            onChange={({ target }) => {
              setCapabilities(target.value);
              change({ capabilities: wordsOf(target.value) });
            }}
          />
        )}
      </Field>
      <section aria-labelledby="tools-to-give">
        <h3 id="tools-to-give" className="mb-1 text-sm font-medium">
          Tools
        </h3>
        <p className="mb-3 text-[0.8125rem] text-ink-soft">
          An agent can use what it is given here and nothing else; that is checked again at every
          call. “Read only” keeps it from changing anything, whatever the tool could do.
        </p>
        {wrong.map(([pointer, message]) => (
          <p key={pointer} role="alert" className="mb-2 text-[0.8125rem] font-medium text-bad">
            {message}
          </p>
        ))}
        <ToolPicker grants={draft.tools} onChange={(tools) => change({ tools })} />
      </section>
    </div>
  );
}
