'use client';

import { formatDateTime, formatDuration } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';

const DAY_MS = 86_400_000;

/** How long a decision can still be made. */
export function TimeLeft({ dueAt }: { dueAt: string }) {
  const now = useNow(1000);
  const left = Date.parse(dueAt) - now;
  const text =
    left <= 0
      ? 'time has run out'
      : left >= DAY_MS
        ? `${Math.floor(left / DAY_MS)} d ${Math.floor((left % DAY_MS) / 3_600_000)} h left`
        : `${formatDuration(left)} left`;
  return (
    <time dateTime={dueAt} title={formatDateTime(dueAt)} suppressHydrationWarning>
      {text}
    </time>
  );
}
