import type { ReactNode } from 'react';
import { Card } from '../../components/ui/card.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';

/** One figure with its name; a skeleton until it is known. */
export function Stat({
  label,
  value,
  note,
}: {
  label: string;
  value: ReactNode | undefined;
  note?: ReactNode;
}) {
  return (
    <Card className="px-4 py-3.5 sm:px-5 sm:py-4">
      <dt className="text-[0.8125rem] text-ink-soft">{label}</dt>
      <dd className="mt-1">
        {value === undefined ? (
          <Skeleton className="h-8 w-20" />
        ) : (
          <span className="text-[1.625rem] leading-8 font-semibold tracking-tight tabular-nums">
            {value}
          </span>
        )}
        {note === undefined ? null : (
          <span className="mt-0.5 block text-xs text-ink-soft">{note}</span>
        )}
      </dd>
    </Card>
  );
}
