'use client';

import { Sparkles } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Badge } from '../../components/ui/badge.tsx';
import { Spinner } from '../../components/ui/spinner.tsx';
import { formatCostInText, formatDuration, formatNumber, plural } from '../../lib/format.ts';
import { CacheBadge } from '../providers/cache-badge.tsx';
import type { LlmCall } from './run-state-types.ts';

/** Text that grows: stays at its end while the reader has not scrolled away from it. */
function StreamingText({
  text,
  running,
  label,
}: {
  text: string;
  running: boolean;
  label: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    const element = box.current;
    if (element !== null && running && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [text, running]);
  return (
    <div
      ref={box}
      role="group"
      aria-label={label}
      tabIndex={0}
      onScroll={(event) => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        atEnd.current = scrollHeight - scrollTop - clientHeight < 24;
      }}
      className="max-h-80 overflow-y-auto border-t border-line px-4 py-3 text-sm leading-6 whitespace-pre-wrap wrap-anywhere"
    >
      {text}
      {running ? (
        <span
          aria-hidden
          className="ml-0.5 inline-block h-4 w-1.5 translate-y-0.5 bg-accent animate-caret"
        />
      ) : null}
    </div>
  );
}

/** Candidates that failed, with what they had written until then. */
function Fallbacks({ call }: { call: LlmCall }) {
  return call.fallbacks.map((fallback, index) => (
    // The same candidate may fail twice; the order does not change.
    <div key={`${index} ${fallback.from}`} className="mt-1 text-xs">
      <p className="text-warn wrap-anywhere">
        {fallback.from} failed ({fallback.error.message}); went on with {fallback.to}
      </p>
      {fallback.discarded === '' ? null : (
        <details>
          <summary className="inline-flex min-h-8 items-center text-ink-soft">
            {plural(fallback.discarded.length, 'character')} discarded
          </summary>
          <p className="max-h-40 overflow-y-auto whitespace-pre-wrap text-ink-soft line-through wrap-anywhere">
            {fallback.discarded}
          </p>
        </details>
      )}
    </div>
  ));
}

export function LlmCallView({ call }: { call: LlmCall }) {
  const running = call.status === 'running';
  return (
    <article aria-label={`Model call, turn ${call.turn}`} className="rounded-lg border border-line">
      <div className="flex items-start gap-2.5 px-4 py-2.5 text-sm">
        <Sparkles aria-hidden className="mt-0.5 size-4 shrink-0 text-accent-strong" />
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span className="font-medium">{call.provider}</span>
            <span className="text-ink-soft wrap-anywhere">{call.model}</span>
            {call.offline ? <Badge>rules, no model</Badge> : null}
            <CacheBadge cache={call.cache} />
          </p>
          <p className="text-xs text-ink-soft tabular-nums">
            Turn {call.turn}
            {running
              ? ', writing…'
              : ` · ${formatNumber(call.inputTokens)} in, ${formatNumber(call.outputTokens)} out · ${formatCostInText(call.costMicros)} · ${formatDuration(call.durationMs ?? 0)}`}
          </p>
          <Fallbacks call={call} />
        </div>
        {running ? <Spinner /> : null}
      </div>
      {call.text === '' ? (
        running || call.finishReason !== 'tool-calls' ? null : (
          <p className="border-t border-line px-4 py-2.5 text-sm text-ink-soft">
            Asked for tools, wrote no text.
          </p>
        )
      ) : (
        <StreamingText text={call.text} running={running} label={`Text of turn ${call.turn}`} />
      )}
    </article>
  );
}
