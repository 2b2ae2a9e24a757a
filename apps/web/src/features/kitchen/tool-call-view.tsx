'use client';

import {
  Ban,
  ChevronDown,
  CircleCheck,
  CircleX,
  Clock,
  Wrench,
  type LucideIcon,
} from 'lucide-react';
import { CodeBlock } from '../../components/ui/code-block.tsx';
import { Spinner } from '../../components/ui/spinner.tsx';
import { formatDuration, plural } from '../../lib/format.ts';
import { FindingItem } from './finding-item.tsx';
import type { ToolCall } from './run-state-types.ts';

const ENDS: Record<
  Exclude<ToolCall['status'], 'running'>,
  { label: string; icon: LucideIcon; tone: string }
> = {
  completed: { label: 'Completed', icon: CircleCheck, tone: 'text-ok' },
  error: { label: 'Failed', icon: CircleX, tone: 'text-bad' },
  denied: { label: 'Denied', icon: Ban, tone: 'text-bad' },
  timeout: { label: 'Timed out', icon: Clock, tone: 'text-bad' },
};

function End({ status }: { status: ToolCall['status'] }) {
  if (status === 'running') {
    return (
      <>
        <Spinner />
        <span className="sr-only">Running</span>
      </>
    );
  }
  const { label, icon: Icon, tone } = ENDS[status];
  return (
    <span className={`inline-flex shrink-0 items-center gap-1.5 text-xs font-medium ${tone}`}>
      <Icon aria-hidden className="size-4" />
      {label}
    </span>
  );
}

/** One tool call: closed it says what came of it, open it shows input, result and findings. */
export function ToolCallView({ call }: { call: ToolCall }) {
  return (
    <details className="group rounded-lg border border-line">
      <summary className="flex min-h-11 items-start gap-2.5 px-4 py-2.5 text-sm hover:bg-sunken/50">
        <Wrench aria-hidden className="mt-0.5 size-4 shrink-0 text-busy" />
        <span className="min-w-0 flex-1">
          <span className="sr-only">Tool call </span>
          <span className="font-mono text-[0.8125rem] font-medium wrap-anywhere">{call.tool}</span>
          <span className="block text-ink-soft wrap-anywhere">
            {call.error === null ? call.summary : call.error.message}
            {call.durationMs === null ? '' : ` (${formatDuration(call.durationMs)})`}
          </span>
          {call.findingsTotal > 0 ? (
            <span className="block text-xs font-medium text-warn">
              {plural(call.findingsTotal, 'finding')}
            </span>
          ) : null}
        </span>
        <End status={call.status} />
        <ChevronDown
          aria-hidden
          className="mt-0.5 size-4 shrink-0 text-ink-soft transition-transform group-open:rotate-180"
        />
      </summary>
      <div className="grid grid-cols-1 gap-3 border-t border-line p-4">
        <div>
          <p className="mb-1.5 text-xs font-medium text-ink-soft">Input</p>
          <CodeBlock
            label={`Input of ${call.tool}`}
            text={JSON.stringify(call.input, null, 2)}
            className="max-h-64"
          />
        </div>
        {call.error === null ? null : (
          <p className="font-mono text-xs text-bad">{call.error.code}</p>
        )}
        {call.outputPreview === '' ? null : (
          <div>
            <p className="mb-1.5 text-xs font-medium text-ink-soft">
              Output{call.truncated ? ', shortened' : ''}
            </p>
            <CodeBlock
              label={`Output of ${call.tool}`}
              text={call.outputPreview}
              className="max-h-64"
            />
          </div>
        )}
        {call.findings.length === 0 ? null : (
          <div>
            <p className="mb-1.5 text-xs font-medium text-ink-soft">
              {call.findings.length < call.findingsTotal
                ? `First ${call.findings.length} of ${call.findingsTotal} findings`
                : 'Findings'}
            </p>
            <ul className="divide-y divide-line rounded-lg border border-line">
              {call.findings.map((finding, index) => (
                <FindingItem key={`${finding.rule}-${index}`} finding={finding} />
              ))}
            </ul>
          </div>
        )}
      </div>
    </details>
  );
}
