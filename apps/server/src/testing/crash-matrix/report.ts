import { EXPECTED } from './scenario.ts';
import type { Trial } from './matrix.ts';

export interface Totals {
  workers: number;
  kills: number;
  points: number;
  lost: number;
  duplicatedEffects: number;
  stuck: number;
  repeatedModelCalls: number;
  /** Calls that could be under way at the kills, in all. */
  repeatedAllowed: number;
}

/** Sums up the trials of one number of workers; trials in which nothing was killed count for nothing. */
export function totalsOf(trials: readonly Trial[], workers: number): Totals {
  const killed = trials.filter((trial) => trial.workers === workers && trial.killedAt !== null);
  const sum = (value: (trial: Trial) => number) =>
    killed.reduce((total, trial) => total + value(trial), 0);
  return {
    workers,
    kills: killed.length,
    points: new Set(killed.map(({ point }) => `${point.write} ${point.when}`)).size,
    lost: sum(({ verdict }) => (verdict.lost === null ? 0 : 1)),
    duplicatedEffects: sum(({ verdict }) => verdict.duplicatedEffects),
    stuck: sum(({ verdict }) => (verdict.stuck ? 1 : 0)),
    repeatedModelCalls: sum(({ verdict }) => verdict.repeatedModelCalls),
    repeatedAllowed: killed.length * EXPECTED.widest,
  };
}

/** The table as Markdown, for docs/reliability.md. */
export function toTable(totals: readonly Totals[]): string {
  return [
    '| workers | kills | crash points | lost | duplicated effects | stuck | repeated model calls |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...totals.map(
      (row) =>
        `| ${row.workers} | ${row.kills} | ${row.points} | ${row.lost} | ${row.duplicatedEffects} | ${row.stuck} | ${row.repeatedModelCalls} (of at most ${row.repeatedAllowed} under way) |`,
    ),
  ].join('\n');
}
