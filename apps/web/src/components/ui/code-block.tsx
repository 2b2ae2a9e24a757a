'use client';

import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { copyText } from '../../lib/copy-text.ts';
import { Button } from './button.tsx';
import { cn } from './cn.ts';

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    if (!(await copyText(text))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <Button size="sm" onClick={() => void copy()} aria-label={copied ? 'Copied' : label}>
      {copied ? (
        <Check aria-hidden className="size-4 text-ok" />
      ) : (
        <Copy aria-hidden className="size-4" />
      )}
      <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
    </Button>
  );
}

/** Monospaced text that scrolls inside itself; `label` names the region for keyboard and screen reader. */
export function CodeBlock({
  label,
  text,
  className,
}: {
  label: string;
  text: string;
  className?: string;
}) {
  return (
    <pre
      role="group"
      aria-label={label}
      tabIndex={0}
      className={cn(
        'overflow-auto rounded-lg border border-line bg-sunken p-3.5 font-mono text-[0.8125rem] leading-6',
        className,
      )}
    >
      {text}
    </pre>
  );
}
