'use client';

import { useState } from 'react';
import { Input } from '../../components/ui/input.tsx';
import { CredentialIcon } from './credential-icon.tsx';
import { CATEGORIES, type CredentialType } from './credential-views.ts';

/** First step of a new credential: what it is for. */
export function TypePicker({
  types,
  onPick,
}: {
  types: readonly CredentialType[];
  onPick: (type: CredentialType) => void;
}) {
  const [typed, setTyped] = useState('');
  const wanted = typed.trim().toLowerCase();
  const found = types.filter(({ id, name }) => `${name} ${id}`.toLowerCase().includes(wanted));
  return (
    <div className="grid gap-4">
      <Input
        type="search"
        aria-label="Find a service"
        placeholder="Find a service"
        autoFocus
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
        onKeyDown={(event) => {
          const first = found[0];
          if (event.key === 'Enter' && wanted !== '' && first !== undefined) onPick(first);
        }}
      />
      {found.length === 0 ? (
        <p className="text-sm text-ink-soft">
          Nothing is called so. “Custom” takes fields of any name.
        </p>
      ) : null}
      {CATEGORIES.map(([category, label]) => {
        const own = found.filter((type) => type.category === category);
        if (own.length === 0) return null;
        return (
          <section key={category} aria-label={label}>
            <h3 className="mb-1.5 text-xs font-medium text-ink-soft">{label}</h3>
            <ul className="grid gap-1.5 sm:grid-cols-2">
              {own.map((type) => (
                <li key={type.id}>
                  <button
                    type="button"
                    onClick={() => onPick(type)}
                    className="flex min-h-11 w-full items-center gap-3 rounded-lg border border-line px-3 text-left text-sm font-medium hover:border-accent hover:bg-accent-soft/60"
                  >
                    <CredentialIcon type={type} className="size-4 shrink-0 text-accent-strong" />
                    {type.name}
                  </button>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
