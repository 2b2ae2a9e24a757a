'use client';

import type { Change } from '@automatos/sdk';
import { Badge, type Tone } from '../../components/ui/badge.tsx';

const KINDS: Record<Change['kind'], { label: string; tone: Tone }> = {
  added: { label: 'Added', tone: 'ok' },
  removed: { label: 'Removed', tone: 'bad' },
  changed: { label: 'Changed', tone: 'busy' },
};
const SHOWN_MAX = 160;

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

/** What changed, value by value. */
export function ChangeList({ changes }: { changes: readonly Change[] }) {
  if (changes.length === 0) {
    return (
      <p className="px-5 py-4 text-sm text-ink-soft">
        No value changed; only the text may have, such as comments.
      </p>
    );
  }
  return (
    <ul aria-label="Changed values" className="divide-y divide-line text-sm">
      {changes.map((change) => (
        <li
          key={`${change.kind}${change.pointer}`}
          className="grid gap-1 px-5 py-3 sm:grid-cols-[6.5rem_1fr]"
        >
          <span>
            <Badge tone={KINDS[change.kind].tone}>{KINDS[change.kind].label}</Badge>
          </span>
          <span className="min-w-0">
            <code className="font-mono text-[0.8125rem] wrap-anywhere">
              {change.pointer === '' ? '/' : change.pointer}
            </code>
            {change.before === undefined ? null : (
              <span className="block text-[0.8125rem] text-ink-soft wrap-anywhere">
                <span className="sr-only">before: </span>
                <del className="decoration-bad/60">{short(change.before)}</del>
              </span>
            )}
            {change.after === undefined ? null : (
              <span className="block text-[0.8125rem] wrap-anywhere">
                <span className="sr-only">after: </span>
                <ins className="no-underline">{short(change.after)}</ins>
              </span>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
