import { lastDays } from '../../lib/days.ts';
import type { Overview } from './security-words.ts';

type Day = Overview['by_day'][number];

/** One entry per UTC day up to the end of the overview, zero where nothing was assessed, so that gaps show as gaps. */
export function fillDays(overview: Pick<Overview, 'by_day' | 'to'>, days: number): Day[] {
  const byDay = new Map(overview.by_day.map((each) => [each.day, each]));
  return lastDays(days, Date.parse(overview.to)).map(
    (day) => byDay.get(day) ?? { day, assessed: 0, low: 0, medium: 0, high: 0, critical: 0 },
  );
}
