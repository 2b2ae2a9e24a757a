/**
 * Kills workers at every write to the database, before it and after it, with one worker and with three, until at least
 * `--kills` processes died (default 1,000) or `--minutes` are over, and prints what was lost, doubled, stuck and repeated. Needs a database
 * server; `npm run crash-matrix` starts one.
 */
import { parseArgs } from 'node:util';
import { createMatrix } from '../src/testing/crash-matrix/matrix.ts';
import type { Trial } from '../src/testing/crash-matrix/matrix.ts';
import { toTable, totalsOf } from '../src/testing/crash-matrix/report.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    minutes: { type: 'string', default: '600' },
  },
});
const wanted = Number(values.kills);
const sizes = [1, 3];
const matrix = await createMatrix();
const trials: Trial[] = [];
const kills = () => trials.filter(({ killedAt }) => killedAt !== null).length;
const startedAt = Date.now();
const isOver = () => kills() >= wanted || Date.now() - startedAt > Number(values.minutes) * 60_000;

/** All points of one run in order; ends at the first write that a run no longer makes. */
async function sweep(workers: number): Promise<void> {
  for (let write = 1; ; write += 1) {
    for (const when of ['before', 'after'] as const) {
      const trial = await matrix.trial({ workers, point: { write, when } });
      trials.push(trial);
      report(trial);
      if (trial.killedAt === null || isOver()) return;
    }
  }
}

function report(trial: Trial): void {
  const { verdict, point } = trial;
  const bad =
    verdict.lost ??
    (verdict.stuck ? 'stuck' : verdict.duplicatedEffects > 0 ? 'an effect was doubled' : null);
  if (bad === null && kills() % 50 !== 0) return;
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  const place = `${trial.workers} workers, ${point.when} write ${point.write} (${trial.killedAt?.replaceAll(/\s+/g, ' ').slice(0, 80) ?? 'no kill'})`;
  process.stdout.write(`${seconds} s, ${kills()} kills; ${place}: ${bad ?? 'ok'}\n`);
}

while (!isOver()) for (const workers of sizes) await sweep(workers);
const broken = await matrix.invariants();
await matrix.close();
const totals = sizes.map((workers) => totalsOf(trials, workers));
process.stdout.write(
  `\n${toTable(totals)}\n\nInvariants broken: ${broken.length === 0 ? 'none' : JSON.stringify(broken)}\n`,
);
const isClean = totals.every(
  (row) =>
    row.lost + row.duplicatedEffects + row.stuck === 0 &&
    row.repeatedModelCalls <= row.repeatedAllowed,
);
process.exit(isClean && broken.length === 0 ? 0 : 1);
