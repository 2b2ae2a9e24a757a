import type { ThreatAssessment } from '@automatos/sdk';
import { Bar } from '../../components/ui/bar.tsx';
import { CATEGORIES } from './security-words.ts';

/** Why a score is what it is: each finding with its place and its weight. */
export function ReasonList({ reasons }: { reasons: ThreatAssessment['reasons'] }) {
  return (
    <ol aria-label="Reasons" className="grid gap-4">
      {reasons.map((reason, index) => (
        <li
          // oxlint-disable-next-line react/no-array-index-key -- the same rule may hit the same place twice; the list never changes
          key={`${reason.rule}-${reason.where}-${index}`}
          className="grid gap-1.5 text-sm"
        >
          <p className="flex flex-wrap items-baseline justify-between gap-x-3">
            <span className="font-medium">{CATEGORIES[reason.category]}</span>
            <span className="text-ink-soft tabular-nums">{reason.points} points</span>
          </p>
          <Bar className="h-1.5" parts={[{ from: 0, to: reason.points / 100, tone: 'warn' }]} />
          <p>{reason.why}</p>
          <p className="text-[0.8125rem] text-ink-soft wrap-anywhere">
            In {reason.where}, rule <code className="font-mono">{reason.rule}</code>
            {reason.decoded.length === 0 ? '' : `, hidden by ${reason.decoded.join(', ')}`}
          </p>
          {reason.excerpt === '' ? null : (
            <p className="rounded-lg bg-sunken px-3 py-2 font-mono text-xs wrap-anywhere">
              {reason.excerpt}
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}
