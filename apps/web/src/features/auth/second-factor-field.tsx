'use client';

import { useState } from 'react';
import { CodeInput } from '../../components/ui/code-input.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Input } from '../../components/ui/input.tsx';
import { isCode, spelledBackupCode } from './codes.ts';

/** Six digits of the authenticator, or one of the backup codes instead. */
export function SecondFactorField({
  value,
  onChange,
  onComplete,
  error,
  disabled = false,
  autoFocus = true,
}: {
  value: string;
  onChange: (value: string) => void;
  /** Called with the last character of a code. */
  onComplete: (code: string) => void;
  error?: string | undefined;
  disabled?: boolean;
  autoFocus?: boolean;
}) {
  const [backup, setBackup] = useState(false);
  const change = (text: string) => {
    const spelled = spelledBackupCode(text);
    onChange(spelled);
    if (spelled !== value && isCode(spelled)) onComplete(spelled);
  };
  return (
    <div className="grid justify-items-start gap-1.5">
      {backup ? (
        <div className="w-full">
          <Field
            key="backup"
            label="Backup code"
            help="One of those that you stored when you set up the second factor. Each counts once."
            error={error}
          >
            {(control) => (
              <Input
                control={control}
                autoFocus
                className="font-mono"
                autoComplete="off"
                autoCapitalize="off"
                spellCheck={false}
                placeholder="xxxxx-xxxxx"
                disabled={disabled}
                value={value}
                onChange={({ target }) => change(target.value)}
              />
            )}
          </Field>
        </div>
      ) : (
        <Field key="totp" label="Code of your authenticator" error={error}>
          {(control) => (
            <CodeInput
              control={control}
              autoFocus={autoFocus}
              value={value}
              disabled={disabled}
              onChange={onChange}
              onComplete={onComplete}
            />
          )}
        </Field>
      )}
      <button
        type="button"
        className="min-h-9 text-sm font-medium text-accent-strong underline underline-offset-2"
        onClick={() => {
          setBackup(!backup);
          onChange('');
        }}
      >
        {backup ? 'Use the authenticator' : 'Use a backup code'}
      </button>
    </div>
  );
}
