'use client';

import { Button } from '../../components/ui/button.tsx';
import { plural, sentence } from '../../lib/format.ts';
import {
  KEY_ROLES,
  scopeAreas,
  scopesOf,
  withinRole,
  type KeyRole,
  type Scope,
} from './key-scopes.ts';

/** Single permissions by area; a role sets all of its own at once. */
export function ScopePicker({
  role,
  scopes,
  error,
  onChange,
}: {
  /** What the key may at most. */
  role: KeyRole;
  scopes: readonly Scope[];
  error: string | undefined;
  onChange: (scopes: Scope[]) => void;
}) {
  const toggle = (scope: Scope, on: boolean) =>
    onChange(on ? [...scopes, scope] : scopes.filter((each) => each !== scope));
  const presets = KEY_ROLES.slice(0, KEY_ROLES.indexOf(role) + 1);
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">
        Permissions{' '}
        <span className="font-normal text-ink-soft">
          ({plural(scopes.length, 'chosen', 'chosen')})
        </span>
      </legend>
      <div className="mb-2 flex flex-wrap items-center gap-1.5 text-[0.8125rem] text-ink-soft">
        Begin with those of a
        {presets.map((preset) => (
          <Button
            key={preset}
            size="sm"
            onClick={() => onChange(withinRole(scopesOf(preset), role))}
          >
            {sentence(preset)}
          </Button>
        ))}
        <Button size="sm" variant="ghost" onClick={() => onChange([])}>
          None
        </Button>
      </div>
      <div
        role="group"
        aria-label="Permissions by area"
        tabIndex={0}
        className="max-h-72 divide-y divide-line overflow-y-auto rounded-lg border border-line"
      >
        {scopeAreas(role).map(({ area, label, scopes: own }) => (
          <div
            key={area}
            role="group"
            aria-label={label}
            className="flex flex-wrap items-center gap-x-4 px-3 py-0.5 text-sm"
          >
            <span className="w-28 shrink-0 font-medium">{label}</span>
            {own.map(({ scope, label: verb }) => (
              <label key={scope} className="flex min-h-9 items-center gap-2">
                <input
                  type="checkbox"
                  className="size-4 accent-accent"
                  aria-label={`${label}: ${verb}`}
                  checked={scopes.includes(scope)}
                  onChange={({ target }) => toggle(scope, target.checked)}
                />
                {verb}
              </label>
            ))}
          </div>
        ))}
      </div>
      {error === undefined ? null : (
        <p role="alert" className="mt-1.5 text-[0.8125rem] font-medium text-bad">
          {error}
        </p>
      )}
    </fieldset>
  );
}
