'use client';

import { STEP_TYPES, type StepTypeLook } from './step-types.ts';

export function StepTypeList({ onChoose }: { onChoose: (type: StepTypeLook) => void }) {
  return (
    <ul className="grid gap-2 sm:grid-cols-2">
      {STEP_TYPES.map((type) => (
        <li key={type.type}>
          <button
            type="button"
            onClick={() => onChoose(type)}
            className="flex h-full w-full items-start gap-3 rounded-lg border border-line p-3 text-left hover:border-line-strong hover:bg-sunken"
          >
            <type.icon aria-hidden className="mt-0.5 size-5 shrink-0 text-accent-strong" />
            <span className="min-w-0">
              <span className="block text-sm font-medium">{type.label}</span>
              <span className="block text-[0.8125rem] text-ink-soft">{type.does}</span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
