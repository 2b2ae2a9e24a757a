'use client';

import { Badge } from '../../../components/ui/badge.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { formatCost, formatDuration, formatNumber, sentence } from '../../../lib/format.ts';
import { CacheBadge } from '../cache-badge.tsx';
import { refText, type TryAnswer } from '../provider-types.ts';
import { STRATEGIES } from '../strategies.ts';
import { AttemptList } from './attempt-list.tsx';

/** The answer of a trial with everything that led to it. */
export function TryAnswerView({ answer }: { answer: TryAnswer }) {
  const { usage, route } = answer;
  const figures: { label: string; value: string; note?: string }[] = [
    {
      label: 'Cost',
      value: formatCost(usage.cost_micros),
      ...(usage.estimated ? { note: 'tokens estimated' } : {}),
    },
    { label: 'Tokens in', value: formatNumber(usage.input_tokens) },
    { label: 'Tokens out', value: formatNumber(usage.output_tokens) },
    { label: 'Time', value: formatDuration(answer.duration_ms) },
    {
      label: 'First token',
      value:
        answer.first_token_ms === null ? 'not streamed' : formatDuration(answer.first_token_ms),
    },
  ];
  const strategy = STRATEGIES.find(({ value }) => value === route.strategy);
  return (
    <Card>
      <div className="border-b border-line px-5 py-4">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-mono text-sm wrap-anywhere">{refText(answer)}</span>
          {answer.offline ? <Badge>rules, no model</Badge> : null}
          <CacheBadge cache={route.cache} />
          {answer.finish_reason === 'stop' ? null : (
            <Badge tone="warn">{sentence(answer.finish_reason)}</Badge>
          )}
        </p>
        <p className="mt-1.5 text-sm text-ink-soft">{route.reason}</p>
      </div>
      <div
        role="group"
        aria-label="Text of the answer"
        tabIndex={0}
        className="max-h-96 overflow-y-auto px-5 py-4 text-sm leading-6 whitespace-pre-wrap wrap-anywhere"
      >
        {answer.text === '' ? (
          <span className="text-ink-soft">The model wrote no text.</span>
        ) : (
          answer.text
        )}
      </div>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-3 border-t border-line px-5 py-4 text-sm sm:grid-cols-5">
        {figures.map(({ label, value, note }) => (
          <div key={label}>
            <dt className="text-xs text-ink-soft">{label}</dt>
            <dd className="font-medium tabular-nums">
              {value}
              {note === undefined ? null : (
                <span className="block text-xs font-normal text-ink-soft">{note}</span>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <div className="border-t border-line px-5 py-4">
        <h3 className="text-sm font-semibold">Who was asked</h3>
        <p className="text-[0.8125rem] text-ink-soft">
          Strategy: {strategy?.label ?? sentence(route.strategy)}. {strategy?.help}
        </p>
        <div className="mt-1">
          <AttemptList attempts={route.attempts} />
        </div>
      </div>
    </Card>
  );
}
