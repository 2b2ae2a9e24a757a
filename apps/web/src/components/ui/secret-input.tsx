'use client';

import { Eye, EyeOff } from 'lucide-react';
import { useState, type ComponentProps } from 'react';
import { IconButton } from './button.tsx';
import type { FieldControl } from './field.tsx';
import { Input } from './input.tsx';

/** A secret that is typed or pasted, shown while the eye is open. Browsers do not offer to keep it. */
export function SecretInput({
  control,
  name,
  ...rest
}: ComponentProps<'input'> & {
  control: FieldControl;
  /** For the name of the button that shows it. */
  name: string;
}) {
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <div className="relative">
      <Input
        {...rest}
        control={control}
        type={shown ? 'text' : 'password'}
        autoComplete="new-password"
        autoCapitalize="off"
        spellCheck={false}
        className="pr-12 font-mono"
      />
      <div className="absolute inset-y-0 right-0 flex items-center">
        <IconButton label={`${shown ? 'Hide' : 'Show'} ${name}`} onClick={() => setShown(!shown)}>
          <Icon aria-hidden className="size-4" />
        </IconButton>
      </div>
    </div>
  );
}
