import type { Overview } from './security-words.ts';

type Day = Overview['by_day'][number];

/** One entry per UTC day up to the end of the overview, zero where nothing was assessed, so that gaps show as gaps. */
export function fillDays(overview: Pick<Overview, 'by_day' | 'to'>, days: number): Day[] {
  const byDay = new Map(overview.by_day.map((each) => [each.day, each]));
  const lastMs = Date.parse(overview.to);
  return Array.from({ length: days }, (_, index) => {
    const day = new Date(lastMs - (days - 1 - index) * 86_400_000).toISOString().slice(0, 10);
    return byDay.get(day) ?? { day, assessed: 0, low: 0, medium: 0, high: 0, critical: 0 };
  });
}
