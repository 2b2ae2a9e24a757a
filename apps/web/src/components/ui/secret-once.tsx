'use client';

import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { CodeBlock, CopyButton } from './code-block.tsx';

/** A secret that is shown this one time. */
export function SecretOnce({
  label,
  secret,
  children,
  onDone,
}: {
  label: string;
  secret: string;
  /** What to do with it. */
  children: ReactNode;
  onDone: () => void;
}) {
  return (
    <div className="grid gap-4">
      <p className="text-sm">{children}</p>
      <CodeBlock label={label} text={secret} className="break-all whitespace-pre-wrap" />
      <div className="flex justify-end gap-2">
        <CopyButton text={secret} label={`Copy ${label}`} />
        <Button variant="primary" onClick={onDone}>
          Done
        </Button>
      </div>
    </div>
  );
}
