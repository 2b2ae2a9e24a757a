import { isBelow, RUNS_NEEDED } from './intervals.ts';
import type { Interval } from './intervals.ts';
import type { LearningStats } from './history.ts';
import { percent, seconds } from './candidate.ts';

export interface Verdict {
  status: 'kept' | 'rolled_back';
  text: string;
}

interface Measure {
  name: string;
  of: (stats: LearningStats) => Interval | null;
  /** Whether more is better. */
  more: boolean;
  show: (value: number) => string;
}
const MEASURES: readonly Measure[] = [
  { name: 'success', of: ({ success_rate }) => success_rate, more: true, show: percent },
  { name: 'quality', of: ({ quality }) => quality, more: true, show: (value) => value.toFixed(2) },
  { name: 'duration', of: ({ duration_ms }) => duration_ms, more: false, show: seconds },
  {
    name: 'cost',
    of: ({ cost_micros }) => cost_micros,
    more: false,
    show: (value) => `${Math.round(value)} micros`,
  },
];

/** Runs after which a change that nothing speaks for or against stays. */
const RUNS_UNDECIDED = 30;

/**
 * Whether an applied suggestion stays; null as long as it has too few runs to tell. It goes when success or quality fell beyond
 * chance, or when duration or cost rose beyond chance without success or quality having risen.
 */
export function verdictOf(before: LearningStats, after: LearningStats): Verdict | null {
  if (after.runs < RUNS_NEEDED) return null;
  const moved = MEASURES.map((measure) => {
    const left = measure.of(before);
    const right = measure.of(after);
    const up = isBelow(left, right);
    const down = isBelow(right, left);
    return {
      measure,
      left,
      right,
      better: measure.more ? up : down,
      worse: measure.more ? down : up,
    };
  });
  const worse = moved.filter((change) => change.worse);
  const better = moved.filter((change) => change.better);
  const results = (name: string) => name === 'success' || name === 'quality';
  const harmful =
    worse.some(({ measure }) => results(measure.name)) ||
    (worse.length > 0 && !better.some(({ measure }) => results(measure.name)));
  if (worse.length + better.length === 0 && after.runs < RUNS_UNDECIDED) return null;
  const told = [...worse, ...better].map(({ measure, left, right }) => {
    const show = (interval: Interval | null) =>
      interval === null ? '?' : measure.show(interval.estimate);
    return `${measure.name} ${show(left)} → ${show(right)}`;
  });
  const runs = `${after.runs} runs after, ${before.runs} before`;
  if (harmful) return { status: 'rolled_back', text: `Worse: ${told.join(', ')} (${runs}).` };
  const text =
    told.length === 0
      ? `No change beyond chance (${runs}).`
      : `Better: ${told.join(', ')} (${runs}).`;
  return { status: 'kept', text };
}
