'use client';

import type { Finding } from '@automatos/sdk';
import { FileSearch } from 'lucide-react';
import { SeverityBadge } from '../../components/status/severity.tsx';
import { openSource } from './source-param.ts';

export function SourceLink({ path, line }: { path: string; line: number | undefined }) {
  const text = line === undefined ? path : `${path}:${line}`;
  return (
    <button
      type="button"
      onClick={() => openSource(path, line)}
      aria-label={`Open source ${text}`}
      className="inline-flex min-h-9 max-w-full items-center gap-1.5 rounded-md text-left font-mono text-[0.8125rem] text-accent-strong underline underline-offset-2 hover:no-underline"
    >
      <FileSearch aria-hidden className="size-4 shrink-0" />
      <span className="wrap-anywhere">{text}</span>
    </button>
  );
}

/** One finding with its place in the source, what proves it, and what to do. */
export function FindingItem({ finding, note }: { finding: Finding; note?: string }) {
  return (
    <li className="px-4 py-3.5 text-sm">
      <div className="flex items-start justify-between gap-3">
        <p className="font-medium wrap-anywhere">{finding.message}</p>
        <SeverityBadge severity={finding.severity} />
      </div>
      {finding.location === undefined ? null : (
        <SourceLink path={finding.location.path} line={finding.location.line} />
      )}
      {finding.evidence === '' ? null : (
        <p className="mt-1 rounded-md bg-sunken px-2.5 py-1.5 font-mono text-xs leading-5 whitespace-pre-wrap wrap-anywhere">
          {finding.evidence}
        </p>
      )}
      {finding.fix === undefined ? null : (
        <p className="mt-1.5 text-ink-soft wrap-anywhere">{finding.fix}</p>
      )}
      <p className="mt-1.5 text-xs text-ink-soft wrap-anywhere">
        {finding.rule} · found by {finding.tool}
        {note === undefined ? '' : ` · ${note}`}
      </p>
    </li>
  );
}
