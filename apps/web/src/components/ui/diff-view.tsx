'use client';

import type { DiffLine } from '@automatos/sdk';
import { useState } from 'react';
import { plural } from '../../lib/format.ts';
import { useMedia } from '../../lib/use-media.ts';
import { cn } from './cn.ts';
import { sideBySide, withoutDistant } from './diff-rows.ts';

const LOOKS: Record<DiffLine['kind'], string> = {
  same: '',
  removed: 'bg-bad-soft',
  added: 'bg-ok-soft',
};
const SIGNS: Record<DiffLine['kind'], string> = { same: ' ', removed: '−', added: '+' };
const WORDS: Record<DiffLine['kind'], string> = {
  same: '',
  removed: 'removed: ',
  added: 'added: ',
};

function Hidden({ count, span }: { count: number; span: number }) {
  return (
    <tr>
      <td colSpan={span} className="bg-sunken px-3 py-1 text-xs text-ink-soft">
        {plural(count, 'equal line')}
      </td>
    </tr>
  );
}

function Cells({ line, number }: { line: DiffLine | null; number: number | null }) {
  const look = line === null ? 'bg-sunken/60' : LOOKS[line.kind];
  return (
    <>
      <td
        className={cn('w-10 min-w-10 px-2 text-right text-ink-soft tabular-nums select-none', look)}
      >
        {number}
      </td>
      <td className={cn('w-1/2 px-2 whitespace-pre-wrap wrap-anywhere', look)}>
        {line === null || line.kind === 'same' ? null : (
          <span aria-hidden className="mr-1.5 select-none">
            {SIGNS[line.kind]}
          </span>
        )}
        {line === null ? null : <span className="sr-only">{WORDS[line.kind]}</span>}
        {line?.text}
      </td>
    </>
  );
}

function Unified({ lines }: { lines: ReturnType<typeof withoutDistant> }) {
  return (
    <tbody>
      {lines.map((line, index) =>
        line.kind === 'hidden' ? (
          <Hidden key={index} count={line.count} span={3} />
        ) : (
          <tr key={index} className={LOOKS[line.kind]}>
            <td className="w-10 min-w-10 px-2 text-right text-ink-soft tabular-nums select-none">
              {line.left_line}
            </td>
            <td className="w-10 min-w-10 px-2 text-right text-ink-soft tabular-nums select-none">
              {line.right_line}
            </td>
            <td className="px-2 whitespace-pre-wrap wrap-anywhere">
              <span aria-hidden className="mr-1.5 select-none">
                {SIGNS[line.kind]}
              </span>
              <span className="sr-only">{WORDS[line.kind]}</span>
              {line.text}
            </td>
          </tr>
        ),
      )}
    </tbody>
  );
}

function Beside({ lines }: { lines: ReturnType<typeof withoutDistant> }) {
  return (
    <tbody>
      {sideBySide(lines).map((row, index) =>
        row.kind === 'hidden' ? (
          <Hidden key={index} count={row.count} span={4} />
        ) : (
          <tr key={index} className="align-top">
            <Cells line={row.left} number={row.left?.left_line ?? null} />
            <Cells line={row.right} number={row.right?.right_line ?? null} />
          </tr>
        ),
      )}
    </tbody>
  );
}

/** The lines in which two texts differ; side by side where there is room. Never by colour alone. */
export function DiffView({
  label,
  lines,
  compact = false,
}: {
  label: string;
  lines: readonly DiffLine[];
  compact?: boolean;
}) {
  const wide = useMedia('(min-width: 1024px)');
  const [unified, setUnified] = useState(compact);
  const shown = withoutDistant(lines);
  if (lines.every(({ kind }) => kind === 'same')) {
    return (
      <p className="rounded-lg bg-sunken px-4 py-3 text-sm text-ink-soft">The texts are equal.</p>
    );
  }
  const beside = wide && !unified;
  return (
    <div>
      {wide && !compact ? (
        <label className="mb-2 flex min-h-9 items-center gap-2 text-sm">
          <input
            type="checkbox"
            checked={unified}
            onChange={(event) => setUnified(event.target.checked)}
            className="size-4 accent-accent"
          />
          In one column
        </label>
      ) : null}
      <div
        role="group"
        aria-label={label}
        tabIndex={0}
        className="max-h-[70dvh] overflow-auto rounded-lg border border-line bg-surface"
      >
        <table className="w-full border-collapse font-mono text-[0.8125rem] leading-6">
          <caption className="sr-only">{label}</caption>
          {beside ? <Beside lines={shown} /> : <Unified lines={shown} />}
        </table>
      </div>
    </div>
  );
}
