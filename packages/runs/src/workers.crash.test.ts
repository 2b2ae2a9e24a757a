/** Worker processes that are killed, frozen, drained and upgraded, beside an outside recorder of their calls. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '@automatos/database';
import type { Database } from '@automatos/database';
import { createTestDatabase, databaseKind } from '@automatos/database/testing';
import { silentLogger } from '@automatos/kernel';
import { findOrphans, takeOver } from './admission/take-over.ts';
import type { ChildOptions } from './testing/worker-child.ts';
import { createCallRecorder, eventually, startWorker, statuses } from './testing/workers.ts';

/** Short enough for a test, long enough for a loaded machine. */
const LEASE = { leaseMs: 3_000, beatMs: 300 };

let template: Awaited<ReturnType<typeof createTestDatabase>>;
let recorder: Awaited<ReturnType<typeof createCallRecorder>>;
let workers: ReturnType<typeof startWorker>[];
let where: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  template = await createTestDatabase();
  if (!template.url) await template.database.close();
});
afterAll(() => template.close());
beforeEach(async () => {
  recorder = await createCallRecorder();
  workers = [];
  if (template.url) {
    const own = await createTestDatabase();
    where = own.url as string;
    remove = own.close;
  } else {
    where = await mkdtemp(path.join(tmpdir(), 'automatos-workers-'));
    await cp(template.dataDir as string, where, { recursive: true });
    remove = () => rm(where, { recursive: true, force: true });
  }
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.end()));
  await recorder.close();
  await remove();
});

function worker(options: Partial<ChildOptions> = {}) {
  const started = startWorker({
    where,
    recorder: recorder.url,
    workspaceId: template.workspaceId,
    lease: LEASE,
    ...options,
  });
  workers.push(started);
  return started;
}

async function onDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase({
    ...(where.startsWith('postgres') ? { url: where } : { dataDir: where }),
    logger: silentLogger,
  });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

const namesOf = (runId?: string) =>
  recorder.calls.filter((call) => !runId || call.runId === runId).map((call) => call.name);

async function statusesWhen(done: (all: { status: string; code: string | null }[]) => boolean) {
  return onDatabase((database) =>
    eventually(
      async () => Object.values(await statuses(database)),
      (all) => done(all),
    ),
  );
}
const allEnded = (all: { status: string }[]) =>
  all.every((run) => ['completed', 'failed', 'cancelled'].includes(run.status));

/** Types of all events of all runs, checked to be dense. */
async function eventTypes(): Promise<string[]> {
  return onDatabase(async (database) => {
    const { rows } = await database.pool.query<{ run_id: string; seq: number; type: string }>(
      'SELECT run_id, seq, type FROM events ORDER BY run_id, seq',
    );
    for (const [, ofRun] of Map.groupBy(rows, (row) => row.run_id))
      expect(ofRun.map((row) => row.seq)).toEqual(ofRun.map((_, index) => index + 1));
    return rows.map((row) => row.type);
  });
}

describe('one worker after the other', () => {
  test('SIGTERM: the call under way ends and is recorded, so the next worker does not repeat it', async () => {
    recorder.hold.add('a');
    const first = worker({ start: [['a', 'b']], drainMs: 20_000 });
    const [held] = await recorder.until((calls) => calls.length === 1);
    first.kill('SIGTERM');
    await first.line('stopping');
    held?.answer();
    await first.line('closed');
    await first.exited;
    expect(namesOf()).toEqual(['a']);
    const second = worker();
    await recorder.until((calls) => calls.length === 2);
    second.kill('SIGTERM');
    await second.line('closed');
    await second.exited;
    expect(namesOf()).toEqual(['a', 'b']);
    expect(await statusesWhen(() => true)).toEqual([{ status: 'completed', code: null }]);
  });

  test('SIGTERM: a call that does not end in time is left, and made again with its key', async () => {
    recorder.hold.add('a');
    const first = worker({ start: [['a']], drainMs: 200 });
    await recorder.until((calls) => calls.length === 1);
    first.kill('SIGTERM');
    await first.line('closed');
    await first.exited;
    recorder.hold.clear();
    const second = worker();
    await recorder.until((calls) => calls.length === 2);
    second.kill('SIGTERM');
    await second.exited;
    expect(new Set(recorder.calls.map((call) => call.key)).size).toBe(1);
    expect(await statusesWhen(() => true)).toMatchObject([{ status: 'completed' }]);
  });

  test('C4: a recovered run of a recipe that runs once at a time lets the queue move on', async () => {
    recorder.hold.add('a');
    const first = worker({ start: [['a'], ['b'], ['c']], recipeLimit: 1 });
    await first.started(3);
    await recorder.until((calls) => calls.length === 1);
    first.kill('SIGKILL');
    await first.exited;
    recorder.hold.clear();
    const second = worker();
    await recorder.until((calls) => calls.length === 4);
    expect(namesOf()).toEqual(['a', 'a', 'b', 'c']);
    expect(recorder.mostOpen()).toBe(1);
    second.kill('SIGTERM');
    await second.exited;
    expect(await statusesWhen(allEnded)).toHaveLength(3);
  });

  test('C16: a run of a version that nobody understands ends, and says what to do', async () => {
    recorder.hold.add('a');
    const old = worker({ start: [['a'], ['a']], journalVersion: '0', activeMax: 1 });
    await old.started(2);
    await recorder.until((calls) => calls.length === 1);
    old.kill('SIGKILL');
    await old.exited;
    recorder.hold.clear();
    const next = worker();
    // What had not begun is of no version, and runs.
    await recorder.until((calls) => calls.length === 2);
    await next.line('error a run that nobody can go on with');
    next.kill('SIGTERM');
    await next.exited;
    expect(await statusesWhen(allEnded)).toEqual([
      { status: 'failed', code: 'runs.run.version_unsupported' },
      { status: 'completed', code: null },
    ]);
    const types = await eventTypes();
    expect(types.filter((type) => type === 'run.failed')).toHaveLength(1);
  });
});

// One process per embedded folder.
describe.runIf(databaseKind() === 'server')('several workers on one server', () => {
  test('a frozen worker is taken over; awake again it records nothing, tells nothing, and works on', async () => {
    recorder.hold.add('b');
    const frozen = worker({ start: [['a', 'b', 'c']] });
    const [runId = ''] = await frozen.started(1);
    await recorder.until((calls) => calls.length === 2);
    frozen.kill('SIGSTOP');
    const heir = worker();
    await recorder.until((calls) => calls.length === 3);
    recorder.hold.clear();
    recorder.calls[2]?.answer();
    expect(await statusesWhen(allEnded)).toEqual([{ status: 'completed', code: null }]);
    const before = await eventTypes();
    // The frozen one wakes up in the middle of its call and gets its answer now.
    recorder.calls[1]?.answer();
    frozen.kill('SIGCONT');
    await frozen.line('error this process was taken for dead');
    expect(namesOf(runId)).toEqual(['a', 'b', 'b', 'c']);
    expect(await eventTypes()).toEqual(before);
    const steps = await onDatabase((database) =>
      database.pool.query<{ function_name: string }>(
        'SELECT function_name FROM dbos.operation_outputs ORDER BY function_id',
      ),
    );
    expect(steps.rows.map((row) => row.function_name)).toEqual(['a', 'b', 'c']);
    // It is an executor again, and takes part when the other one goes.
    heir.kill('SIGKILL');
    await heir.exited;
    const third = worker({ start: [['d']], activeMax: 1 });
    await recorder.until((calls) => calls.some((call) => call.name === 'd'));
    third.kill('SIGTERM');
    await third.exited;
    frozen.kill('SIGTERM');
    await frozen.line('closed');
  });

  test('C2: a draining worker takes over nothing and claims nothing', async () => {
    recorder.hold.add('a');
    const draining = worker({ start: [['a']], drainMs: 60_000 });
    await recorder.until((calls) => calls.length === 1);
    draining.kill('SIGTERM');
    await draining.line('stopping');
    const other = worker({ start: [['held'], ['x']], activeMax: 1 });
    recorder.hold.add('held');
    await other.started(2);
    await recorder.until((calls) => calls.length === 2);
    other.kill('SIGKILL');
    await other.exited;
    // A third one does it all; the draining one is alive the whole time.
    recorder.hold.clear();
    worker();
    await recorder.until((calls) => calls.length === 4);
    const rows = await statusesWhen(
      (all) => all.filter((run) => run.status === 'completed').length === 2,
    );
    expect(rows.filter((run) => run.status === 'running')).toHaveLength(1);
    expect(draining.lines.filter((line) => line.includes('took over'))).toEqual([]);
    expect(namesOf().toSorted()).toEqual(['a', 'held', 'held', 'x']);
    recorder.calls[0]?.answer();
    await draining.line('closed');
  });

  test('C3: of two recoverers with the same list the later one gets nothing', async () => {
    recorder.hold.add('a');
    const dead = worker({ start: Array.from({ length: 5 }, () => ['a']) });
    await recorder.until((calls) => calls.length === 5);
    dead.kill('SIGKILL');
    await dead.exited;
    await onDatabase(async (database) => {
      await database.pool.query('DELETE FROM run_executors');
      const look = { owner: 'me', known: [], versions: ['2'], limit: 100 };
      const list = await findOrphans(database, look);
      expect(list).toHaveLength(5);
      const mine = { journalVersion: '2', token: 'token' };
      const taken = await Promise.all(
        ['one', 'two', 'three'].map((owner) => takeOver(database, list, { ...mine, owner })),
      );
      expect(taken.map((runs) => runs.length).toSorted((a, b) => a - b)).toEqual([0, 0, 5]);
    });
  });

  test('C7: a call longer than the lease is dispatched once', async () => {
    recorder.hold.add('long');
    const lease = { leaseMs: 1_000, beatMs: 150 };
    const first = worker({ start: [['long']], lease });
    await recorder.until((calls) => calls.length === 1);
    const second = worker({ lease });
    await second.line('ready');
    const beats = () =>
      onDatabase((database) =>
        database.pool.query<{ beats: number }>(
          `SELECT (EXTRACT(EPOCH FROM clock_timestamp() - min(started_at)) * 1000)::int AS beats FROM run_executors`,
        ),
      );
    await eventually(beats, ({ rows }) => (rows[0]?.beats ?? 0) > 4 * lease.leaseMs);
    recorder.calls[0]?.answer();
    await statusesWhen(allEnded);
    expect(namesOf()).toEqual(['long']);
    expect([...first.lines, ...second.lines].filter((line) => line.startsWith('warn'))).toEqual([]);
  });

  test('limits are exact over two workers', async () => {
    recorder.hold.add('a');
    const start = Array.from({ length: 10 }, () => ['a']);
    const both = [worker({ start, recipeLimit: 3 }), worker({ start, recipeLimit: 3 })];
    await Promise.all(both.map((one) => one.started(10)));
    for (let answered = 0; answered < 20; answered++) {
      await recorder.until((calls) => calls.length >= Math.min(20, answered + 3));
      recorder.calls[answered]?.answer();
    }
    expect(await statusesWhen(allEnded)).toHaveLength(20);
    expect(recorder.calls).toHaveLength(20);
    expect(recorder.mostOpen()).toBe(3);
  });

  test('C16: a run is left to a living worker of its version', async () => {
    recorder.hold.add('a');
    const lease = { leaseMs: 2_000, beatMs: 300 };
    const dead = worker({ start: [['a']], journalVersion: '0', lease });
    await recorder.until((calls) => calls.length === 1);
    const old = worker({ journalVersion: '0', lease });
    const next = worker({ lease });
    await Promise.all([old.line('ready'), next.line('ready')]);
    recorder.hold.clear();
    dead.kill('SIGKILL');
    await old.line('warn took over runs');
    expect(await statusesWhen(allEnded)).toEqual([{ status: 'completed', code: null }]);
    expect(next.lines.filter((line) => line.includes('took over runs'))).toEqual([]);
  });
});
