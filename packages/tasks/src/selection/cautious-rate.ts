import type { TrackRecord } from '@automatos/agents';

/** What an agent is credited with before it has done anything: two of three. */
const CREDIT = { successes: 2, failures: 1 };

/**
 * Success rate that can be counted on, 0–1: the mean of what the record makes likely, less one standard deviation of it. An
 * agent without a record stands at 0.43; each success raises it, each failure lowers it, and the more runs the nearer it is to
 * the plain rate.
 */
export function cautiousRate({ runs, successes }: Pick<TrackRecord, 'runs' | 'successes'>): number {
  const good = successes + CREDIT.successes;
  const bad = runs - successes + CREDIT.failures;
  const all = good + bad;
  const deviation = Math.sqrt((good * bad) / (all * all * (all + 1)));
  return good / all - deviation;
}
