import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { TESTER, ended, openTestRoom, testRun } from '../testing/room.ts';
import type { TestRoom } from '../testing/room.ts';
import { eventually } from '../testing/workers.ts';
import type { StartRun } from '../types.ts';

const PLACES = 4;
let room: TestRoom;
beforeAll(async () => {
  room = await openTestRoom({ activeMax: PLACES });
});
afterAll(() => room.close());

/** Bodies that begin, note their label and stay until they are let go. */
function heldBodies() {
  const begun: string[] = [];
  const open = new Map<string, () => void>();
  let most = 0;
  room.body(async (context) => {
    await context.step('work', () => {
      const label = context.inputs['label'] as string;
      begun.push(label);
      return new Promise<void>((resolve) => {
        open.set(label, resolve);
        most = Math.max(most, open.size);
      });
    });
    return {};
  });
  return {
    begun,
    most: () => most,
    /** Resolves when `count` bodies have begun. */
    until: (count: number) =>
      eventually(
        async () => begun.length,
        (length) => length >= count,
      ),
    letGo(label: string) {
      open.get(label)?.();
      open.delete(label);
    },
    async letAllGo(total: number) {
      await eventually(
        async () => {
          for (const label of open.keys()) this.letGo(label);
          return begun.length;
        },
        (length) => length >= total && open.size === 0,
      );
    },
  };
}

const recipe = (slug: string) => ({ id: newId(), slug, version: 1 });
const start = (label: string, extra: Partial<StartRun> = {}, inputs: JsonObject = {}) =>
  room.runs.start(room.workspaceId, testRun({ ...inputs, label }, extra));

test('fairness: behind 1,000 queued runs of one workspace, the run of another one is next', async () => {
  const bodies = heldBodies();
  for (let n = 0; n < PLACES; n++) await start(`a${n}`);
  await bodies.until(PLACES);
  await room.database.pool.query(
    `INSERT INTO runs (id, workspace_id, kind, title, status, plan, inputs, last_seq, created_by_kind, created_by_id, created_by_name, created_at)
     SELECT gen_random_uuid(), $1, 'test', 'queued', 'queued', '{}', '{"label":"queued"}', 0, 'user', 'u', 'u', now()
     FROM generate_series(1, 1000)`,
    [room.workspaceId],
  );
  const other = await room.runs.start(room.otherWorkspaceId, testRun({ label: 'other' }));
  expect((await room.runs.limits(room.workspaceId)).queued).toBe(1_000);
  bodies.letGo('a0');
  await bodies.until(PLACES + 1);
  expect(bodies.begun.at(-1)).toBe('other');
  await room.database.pool.query('DELETE FROM runs WHERE admitted_at IS NULL');
  await bodies.letAllGo(PLACES + 1);
  await ended({ ...room, workspaceId: room.otherWorkspaceId }, other.id);
});

test('the limit of the workspace holds runs back until it is raised', async () => {
  const bodies = heldBodies();
  await room.runs.setLimits(room.workspaceId, [{ scope: 'workspace', key: '', limit: 2 }]);
  // One after the other: runs accepted in the same moment may be taken in any order.
  const runs = [await start('a'), await start('b'), await start('c')];
  await bodies.until(2);
  // The other workspace goes on: it has nothing to do with this one's limit.
  const free = await room.runs.start(room.otherWorkspaceId, testRun({ label: 'free' }));
  await bodies.until(3);
  expect(bodies.begun).not.toContain('c');
  const limits = await room.runs.limits(room.workspaceId);
  expect(limits).toEqual({
    queued: 1,
    items: [{ scope: 'workspace', key: '', limit: 2, is_default: false, running: 2 }],
  });
  await room.runs.setLimits(room.workspaceId, []);
  await bodies.until(4);
  await bodies.letAllGo(4);
  for (const run of runs) expect((await ended(room, run.id)).status).toBe('completed');
  await ended({ ...room, workspaceId: room.otherWorkspaceId }, free.id);
});

test('limits that contradict themselves are refused with their place', async () => {
  const twice = { scope: 'recipe', key: 'a', limit: 1 } as const;
  await expect(
    room.runs.setLimits(room.workspaceId, [
      twice,
      twice,
      { scope: 'workspace', key: 'x', limit: 1 },
      { scope: 'agent', key: '', limit: 1 },
    ]),
  ).rejects.toMatchObject({
    kind: 'invalid-input',
    errors: [{ pointer: '/items/1/key' }, { pointer: '/items/2/key' }, { pointer: '/items/3/key' }],
  });
  expect((await room.runs.limits(room.workspaceId)).items).toHaveLength(1);
});

test.each([
  ['its own limit', async () => 1],
  [
    'the limit that the workspace sets',
    async () => {
      await room.runs.setLimits(room.workspaceId, [{ scope: 'recipe', key: 'solo', limit: 1 }]);
      return undefined;
    },
  ],
])('a recipe runs once at a time by %s, and others pass it in the queue', async (_by, set) => {
  const bodies = heldBodies();
  const recipeLimit = await set();
  const solo = {
    recipe: recipe('solo'),
    ...(recipeLimit === undefined ? {} : { recipeLimit }),
  };
  for (const label of ['s1', 's2', 's3']) await start(label, solo);
  await start('x');
  await start('y');
  await bodies.until(3);
  expect(bodies.begun.toSorted()).toEqual(['s1', 'x', 'y']);
  bodies.letGo('s1');
  await bodies.until(4);
  expect(bodies.begun.at(-1)).toBe('s2');
  await bodies.letAllGo(5);
  await room.runs.setLimits(room.workspaceId, []);
});

test('priority decides inside of a workspace, then age', async () => {
  const bodies = heldBodies();
  await room.runs.setLimits(room.workspaceId, [{ scope: 'workspace', key: '', limit: 1 }]);
  await start('first');
  await bodies.until(1);
  await start('low', { priority: 'low' });
  await start('normal 1');
  await start('normal 2');
  await start('high', { priority: 'high' });
  for (let count = 2; count <= 5; count++) {
    bodies.letGo(bodies.begun.at(-1) as string);
    await bodies.until(count);
  }
  expect(bodies.begun).toEqual(['first', 'high', 'normal 1', 'normal 2', 'low']);
  expect(bodies.most()).toBe(1);
  await bodies.letAllGo(5);
  await room.runs.setLimits(room.workspaceId, []);
});

test('a part of a run is held back by no limit of the workspace and passes the queue', async () => {
  const bodies = heldBodies();
  await room.runs.setLimits(room.workspaceId, [{ scope: 'workspace', key: '', limit: 1 }]);
  const parent = await start('parent');
  await bodies.until(1);
  await start('next', { priority: 'high' });
  await start('part', { parent: { runId: parent.id, stepId: 'only' } });
  await bodies.until(2);
  expect(bodies.begun).toEqual(['parent', 'part']);
  await bodies.letAllGo(3);
  await room.runs.setLimits(room.workspaceId, []);
});

test('a run that waits for long takes no place: neither of the process nor of its limit', async () => {
  await room.runs.setLimits(room.workspaceId, [{ scope: 'workspace', key: '', limit: 1 }]);
  const bodies = heldBodies();
  room.body(async (context) => {
    if (context.inputs['label'] === 'waits')
      await context.signalled({ key: 'w', stepId: 'only', name: 'go' });
    return {};
  });
  const waiting = [];
  for (let n = 0; n <= PLACES; n++) waiting.push(await start('waits'));
  // Each is admitted only because the one before waits: one more than there are places, with a limit of one.
  await eventually(
    async () =>
      (await room.database.pool.query(`SELECT 1 FROM runs WHERE parked AND status = 'running'`))
        .rowCount,
    (parked) => parked === waiting.length,
  );
  const passes = await start('passes');
  expect((await ended(room, passes.id)).status).toBe('completed');
  for (const run of waiting)
    await room.runs.signal(room.workspaceId, run.id, { name: 'go', payload: null, by: TESTER });
  for (const run of waiting) expect((await ended(room, run.id)).status).toBe('completed');
  expect(bodies.begun).toEqual([]);
  await room.runs.setLimits(room.workspaceId, []);
});

test('turns of an agent are limited over runs; without a limit nothing is counted', async () => {
  let working = 0;
  let most = 0;
  /** Of the agent itself. */
  let limit: number | undefined;
  const turn = (label: string) => async () => {
    working += 1;
    most = Math.max(most, working);
    await new Promise((resolve) => setImmediate(resolve));
    working -= 1;
    return label;
  };
  room.body(async (context) => {
    for (let n = 0; n < 3; n++) {
      const callId = `c${n}`;
      const place = { scope: 'agent' as const, key: 'writer', callId };
      const giveBack = await context.place(limit === undefined ? place : { ...place, limit });
      await context.step(callId, turn(callId));
      await giveBack();
    }
    return {};
  });
  const go = async () => {
    const runs = await Promise.all(Array.from({ length: PLACES }, (_, n) => start(`r${n}`)));
    for (const run of runs) expect((await ended(room, run.id)).status).toBe('completed');
  };
  await room.runs.setLimits(room.workspaceId, [{ scope: 'agent', key: 'writer', limit: 1 }]);
  await go();
  expect(most).toBe(1);
  await room.runs.setLimits(room.workspaceId, [{ scope: 'agent', key: 'another', limit: 1 }]);
  most = 0;
  await go();
  expect(most).toBeGreaterThan(1);
  [limit, most] = [1, 0];
  await go();
  expect(most).toBe(1);
  expect((await room.database.pool.query('SELECT * FROM run_places')).rows).toEqual([]);
});

test('C5: a run is not seen before its transaction commits, and not lost when nobody is told', async () => {
  room.body(() => Promise.resolve({ went: true }));
  const rolledBack = room.database.workspace(room.workspaceId, async (tx) => {
    await room.runs.startIn(tx, room.workspaceId, testRun());
    throw new Error('not to be');
  });
  await expect(rolledBack).rejects.toThrow('not to be');
  const { run } = await room.database.workspace(room.workspaceId, (tx) =>
    room.runs.startIn(tx, room.workspaceId, testRun()),
  );
  expect((await ended(room, run.id)).outputs).toEqual({ went: true });
  const counts = await room.runs.counts(room.workspaceId);
  expect(counts).toMatchObject({ queued: 0, running: 0 });
});

test('C6: a worker that restarts after a success leaves it as it is', async () => {
  let executions = 0;
  room.body(() => {
    executions += 1;
    return Promise.resolve({ n: executions });
  });
  const run = await start('once');
  await ended(room, run.id);
  const state = async () =>
    (
      await room.database.pool.query<{ status: string }>(
        'SELECT status FROM dbos.workflow_status WHERE workflow_uuid = $1',
        [run.id],
      )
    ).rows[0]?.status;
  await eventually(state, (status) => status === 'SUCCESS');
  // As if the worker had died between the run's end and the workflow's.
  await room.database.pool.query(
    `UPDATE dbos.workflow_status SET status = 'PENDING', executor_id = 'gone', owner_xid = 'gone' WHERE workflow_uuid = $1`,
    [run.id],
  );
  await eventually(state, (status) => status === 'SUCCESS');
  expect(executions).toBe(1);
  expect(await room.runs.get(room.workspaceId, run.id)).toMatchObject({
    status: 'completed',
    outputs: { n: 1 },
  });
});

test('what must hold of every run holds, and says so when it does not', async () => {
  const sound = await room.runs.invariants(room.workspaceId);
  expect(sound.invariants.filter((rule) => rule.violations > 0)).toEqual([]);
  expect(sound.workers).toMatchObject([{ executor: 'slot-1', alive: true }]);
  room.body(() => Promise.resolve({}));
  const run = await start('odd');
  await ended(room, run.id);
  await room.database.pool.query("DELETE FROM events WHERE run_id = $1 AND key = 'run:ended'", [
    run.id,
  ]);
  await room.database.pool.query(
    `INSERT INTO run_approvals (id, workspace_id, run_id, step_id, wait_key, title, message, requested_at, due_at)
     VALUES ($1, $2, $3, 'only', 'k', 't', 'm', now(), now())`,
    [newId(), room.workspaceId, run.id],
  );
  const broken = (await room.runs.invariants(room.workspaceId)).invariants.filter(
    (rule) => rule.violations > 0,
  );
  expect(broken).toMatchObject([
    { name: 'ended_has_no_open_approval', violations: 1, examples: [run.id] },
    { name: 'status_follows_from_events', violations: 1, examples: [run.id] },
  ]);
  const other = await room.runs.invariants(room.otherWorkspaceId);
  expect(other.invariants.flatMap((rule) => rule.examples)).toEqual([]);
});
