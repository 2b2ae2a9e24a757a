/**
 * kill -9 with 50 runs in flight: how long until all of them are complete, and which calls were made again. Once with a
 * second worker that lives, once with the only worker started again. `node bench/recovery.ts [--rounds 3]`; needs the
 * server of AUTOMATOS_TEST_DATABASE_URL.
 */
import { parseArgs } from 'node:util';
import { createTestDatabase } from '@automatos/database/testing';
import { createCallRecorder, startWorker } from '../packages/runs/src/testing/workers.ts';
import { median, table } from './measure.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const RUNS = 50;
const CALLS = Array.from({ length: 10 }, (_, n) => `call${n}`);
const HELD = 'call5';

interface Trial {
  settledMs: number;
  /** Calls that had no recorded answer when the process died. */
  inFlight: number;
  repeated: number;
  completed: number;
}

async function trial(options: { heirLives: boolean }): Promise<Trial> {
  const test = await createTestDatabase();
  if (test.url === undefined)
    throw new Error('set AUTOMATOS_TEST_DATABASE_URL: recovery needs a server');
  const recorder = await createCallRecorder();
  const common = { where: test.url, recorder: recorder.url, workspaceId: test.workspaceId };
  const workers: ReturnType<typeof startWorker>[] = [];
  const worker = (more: object = {}) => {
    workers.push(startWorker({ ...common, ...more }));
    return workers.at(-1) as ReturnType<typeof startWorker>;
  };
  try {
    // All runs stand in the middle, each in a call, when the process dies.
    recorder.hold.add(HELD);
    const victim = worker({ activeMax: RUNS, start: Array.from({ length: RUNS }, () => CALLS) });
    await recorder.until((calls) => calls.filter(({ name }) => name === HELD).length === RUNS);
    if (options.heirLives) await worker().line('ready');
    victim.kill('SIGKILL');
    const killedAt = performance.now();
    recorder.hold.clear();
    await victim.exited;
    const made = recorder.calls.length;
    const { rows: kept } = await test.database.pool.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM dbos.operation_outputs WHERE function_name LIKE 'call%'`,
    );
    if (!options.heirLives) worker();
    const completed = await untilSettled(test.database.pool);
    const settledMs = performance.now() - killedAt;
    const distinct = new Set(recorder.calls.map(({ runId, name }) => `${runId} ${name}`)).size;
    return {
      settledMs,
      inFlight: made - (kept[0]?.n ?? 0),
      repeated: recorder.calls.length - distinct,
      completed,
    };
  } finally {
    await Promise.all(workers.map((started) => started.end()));
    await recorder.close();
    await test.close();
  }
}

/** Number of completed runs, once none is left unfinished. */
async function untilSettled(pool: { query: Function }): Promise<number> {
  for (;;) {
    const { rows } = await pool.query(
      `SELECT count(*) FILTER (WHERE status NOT IN ('completed','failed','cancelled'))::int AS open,
              count(*) FILTER (WHERE status = 'completed')::int AS completed FROM runs`,
    );
    if (rows[0].open === 0) return rows[0].completed as number;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const rows: Record<string, string | number>[] = [];
for (const heirLives of [true, false]) {
  const trials: Trial[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1)
    trials.push(await trial({ heirLives }));
  const of = (pick: (one: Trial) => number) => Math.round(median(trials.map(pick)));
  rows.push({
    'after kill -9': heirLives ? 'a second worker takes over' : 'the only worker is started again',
    'completed of 50': of((one) => one.completed),
    'all settled after, s': (median(trials.map((one) => one.settledMs)) / 1000).toFixed(1),
    'calls in flight': of((one) => one.inFlight),
    'calls made again': of((one) => one.repeated),
  });
}
process.stdout.write(`${table(rows)}\n`);
process.exit(0);
