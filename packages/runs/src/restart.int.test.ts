/** A database server that restarts under workers. Only a server of its own can do that; see server-restart.int.test.ts of the database room. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isConnectionLoss, migrate, openDatabase } from '@automatos/database';
import type { Database } from '@automatos/database';
import { newId, silentLogger } from '@automatos/kernel';
import { createCallRecorder, eventually, startWorker, statuses } from './testing/workers.ts';

const control = process.env['AUTOMATOS_TEST_PG_CTL'] || undefined;
const run = promisify(execFile);
const LEASE = { leaseMs: 4_000, beatMs: 400 };
const RUNS = 12;

describe.runIf(control !== undefined)('a database server that restarts', () => {
  const command = (...args: string[]) => run(control ?? '', args);
  const workspaceId = newId();
  let dir: string;
  let url: string;
  let database: Database;
  let recorder: Awaited<ReturnType<typeof createCallRecorder>>;

  beforeAll(async () => {
    ({ dir, url } = JSON.parse((await command('create')).stdout) as { dir: string; url: string });
    database = await openDatabase({ url, logger: silentLogger });
    await migrate(database);
    await database.pool.query(
      "INSERT INTO workspaces (id, slug, name) VALUES ($1, 'restart', 'Restart')",
      [workspaceId],
    );
    recorder = await createCallRecorder();
  });
  afterAll(async () => {
    await recorder.close();
    await database.close();
    await command('remove', dir);
  });

  const worker = (start: string[][] = []) =>
    startWorker({ where: url, recorder: recorder.url, workspaceId, lease: LEASE, start });
  const ended = () =>
    eventually(
      async () => {
        try {
          return Object.values(await statuses(database));
        } catch (error) {
          if (isConnectionLoss(error)) return [];
          throw error;
        }
      },
      (all) => all.length > 0 && all.every((row) => row.status === 'completed'),
    );

  test('C1: while a survivor recovers the runs of a killed worker, none is left behind', async () => {
    recorder.hold.add('a');
    const dead = worker(Array.from({ length: RUNS }, () => ['a', 'b']));
    await recorder.until((calls) => calls.length === RUNS);
    dead.kill('SIGKILL');
    await dead.exited;
    const survivor = worker();
    // The first recovered call says that the take-over is under way.
    await recorder.until((calls) => calls.length > RUNS);
    recorder.hold.clear();
    await command('restart', dir);
    for (const call of recorder.calls) call.answer();
    await recorder.until((calls) => calls.filter((call) => call.name === 'b').length >= RUNS);
    expect(await ended()).toHaveLength(RUNS);
    expect(survivor.lines.filter((line) => line.startsWith('error'))).toEqual([]);
    await survivor.end();
  });

  test('workers that live through it keep their runs, and repeat nothing', async () => {
    const before = recorder.calls.length;
    recorder.hold.add('x');
    const both = [worker([['x', 'y']]), worker([['x', 'y']])];
    await recorder.until((calls) => calls.length === before + 2);
    await command('restart', dir);
    recorder.hold.clear();
    for (const call of recorder.calls) call.answer();
    await ended();
    const names = recorder.calls.slice(before).map((call) => call.name);
    expect(names.toSorted()).toEqual(['x', 'x', 'y', 'y']);
    const lost = both.flatMap((one) => one.lines).filter((line) => line.includes('taken for dead'));
    expect(lost).toEqual([]);
    for (const one of both) await one.end();
  });
});
