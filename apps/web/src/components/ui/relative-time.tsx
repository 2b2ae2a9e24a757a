'use client';

import { formatDateTime, formatRelative } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';

/** "3 minutes ago", with the full time in the reader's zone on hover and for machines. */
export function RelativeTime({ time }: { time: string | null }) {
  const now = useNow(30_000);
  if (time === null) return <span className="text-ink-soft">–</span>;
  return (
    <time dateTime={time} title={formatDateTime(time)} suppressHydrationWarning>
      {formatRelative(time, now)}
    </time>
  );
}
