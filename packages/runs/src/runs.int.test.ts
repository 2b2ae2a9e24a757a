import { afterAll, beforeAll, expect, test } from 'vitest';
import { assertTablesMatch } from '@automatos/database/testing';
import { PlatformError, deferred } from '@automatos/kernel';
import {
  effects,
  events,
  runApprovals,
  runArtifacts,
  runFindings,
  runSignals,
  runSteps,
  runs,
} from './run-tables.ts';
import { ended, openTestRoom, testRun, TESTER } from './testing/room.ts';
import type { TestRoom } from './testing/room.ts';

let room: TestRoom;
beforeAll(async () => {
  room = await openTestRoom();
});
afterAll(() => room.close());

async function typesOf(runId: string) {
  const events = await room.runs.events(room.workspaceId, runId, { after: 0, limit: 1000 });
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  return events.map((event) => event.type);
}

test('a run executes its steps, keeps outputs and ends completed', async () => {
  room.body(async (context) => {
    const doubled = await context.step('double', () =>
      Promise.resolve((context.inputs['n'] as number) * 2),
    );
    return { doubled };
  });
  const run = await room.runs.start(room.workspaceId, testRun({ n: 21 }));
  expect(run.status).toBe('queued');
  const done = await ended(room, run.id);
  expect(done).toMatchObject({ status: 'completed', outputs: { doubled: 42 }, error: null });
  expect(await typesOf(run.id)).toEqual(['run.created', 'run.started', 'run.completed']);
});

test('a failing step fails the run with its typed error', async () => {
  room.body((context) =>
    context.step('broken', () =>
      Promise.reject(
        new PlatformError({
          code: 'test.thing.broken',
          kind: 'upstream-failed',
          message: 'it broke',
        }),
      ),
    ),
  );
  const done = await ended(room, (await room.runs.start(room.workspaceId, testRun())).id);
  expect(done).toMatchObject({
    status: 'failed',
    error: { code: 'test.thing.broken', kind: 'upstream-failed', message: 'it broke' },
  });
});

test('branches in lanes run side by side and keep their own step numbers', async () => {
  const slow = deferred<void>();
  room.body(async (context) => {
    const [a, b] = await Promise.all([
      context.lane(1, async (lane) => {
        await lane.step('a1', () => slow.promise);
        return lane.step('a2', () => Promise.resolve('a'));
      }),
      context.lane(2, async (lane) => {
        await lane.step('b1', () => Promise.resolve(1));
        const value = await lane.step('b2', () => Promise.resolve('b'));
        slow.resolve();
        return value;
      }),
    ]);
    return { a, b };
  });
  const run = await room.runs.start(room.workspaceId, testRun());
  expect((await ended(room, run.id)).outputs).toEqual({ a: 'a', b: 'b' });
  const rows = await room.database.pool.query<{ function_id: number; function_name: string }>(
    'SELECT function_id, function_name FROM dbos.operation_outputs WHERE workflow_uuid = $1 ORDER BY function_id',
    [run.id],
  );
  expect(rows.rows.map((row) => [row.function_id, row.function_name])).toEqual([
    [10_000, 'a1'],
    [10_001, 'a2'],
    [20_000, 'b1'],
    [20_001, 'b2'],
  ]);
});

test('cancel aborts what is under way, ends cancelled and stores nothing more', async () => {
  const under = deferred<void>();
  const aborted = deferred<void>();
  room.body(async (context) => {
    await context.step('wait', ({ signal }) => {
      signal.addEventListener('abort', () => aborted.resolve());
      under.resolve();
      return new Promise<void>((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)),
      );
    });
    return {};
  });
  const run = await room.runs.start(room.workspaceId, testRun());
  await under.promise;
  expect((await room.runs.cancel(room.workspaceId, run.id, TESTER)).status).toBe('cancelled');
  await aborted.promise;
  expect(await typesOf(run.id)).toEqual(['run.created', 'run.started', 'run.cancelled']);
  await expect(room.runs.cancel(room.workspaceId, run.id, TESTER)).rejects.toMatchObject({
    code: 'runs.run.wrong_status',
    kind: 'conflict',
  });
});

test('pause holds before the next call, resume goes on', async () => {
  const first = deferred<void>();
  const reached = deferred<void>();
  let secondRan = false;
  room.body(async (context) => {
    await context.step('first', () => {
      reached.resolve();
      return first.promise;
    });
    await context.step('second', () => {
      secondRan = true;
      return Promise.resolve();
    });
    return {};
  });
  const run = await room.runs.start(room.workspaceId, testRun());
  await reached.promise;
  expect((await room.runs.pause(room.workspaceId, run.id, TESTER)).status).toBe('paused');
  first.resolve();
  // Another whole run goes through meanwhile: the paused one had every chance to move.
  room.body(() => Promise.resolve({}));
  await ended(room, (await room.runs.start(room.workspaceId, testRun())).id);
  expect(secondRan).toBe(false);
  expect((await room.runs.get(room.workspaceId, run.id)).status).toBe('paused');
  await room.runs.resume(room.workspaceId, run.id, TESTER);
  expect((await ended(room, run.id)).status).toBe('completed');
  expect(secondRan).toBe(true);
});

test('the same idempotency key starts one run; with other inputs it is refused', async () => {
  room.body(() => Promise.resolve({}));
  const first = await room.runs.start(
    room.workspaceId,
    testRun({ a: 1 }, { idempotencyKey: 'k1' }),
  );
  const again = await room.runs.start(
    room.workspaceId,
    testRun({ a: 1 }, { idempotencyKey: 'k1' }),
  );
  expect(again.id).toBe(first.id);
  await expect(
    room.runs.start(room.workspaceId, testRun({ a: 2 }, { idempotencyKey: 'k1' })),
  ).rejects.toMatchObject({ code: 'runs.idempotency_key.reused' });
  await ended(room, first.id);
});

test('events keep text that JSON columns refuse, and the same key once', async () => {
  room.body((context) => {
    for (let copy = 0; copy < 3; copy++)
      context.emit({
        type: 'step.progress',
        key: 'same',
        stepId: 'only',
        data: { message: `nul \0 and half \ud83d` },
      });
    return Promise.resolve({});
  });
  const run = await room.runs.start(room.workspaceId, testRun());
  await ended(room, run.id);
  const events = await room.runs.events(room.workspaceId, run.id, { after: 0, limit: 100 });
  expect(
    events.filter((event) => event.type === 'step.progress').map((event) => event.data['message']),
  ).toEqual(['nul \uFFFD and half \uFFFD']);
});

test('usage and findings are sums over the calls; an unknown price makes the cost unknown', async () => {
  const call = {
    call_id: 'c',
    provider: 'p',
    model: 'm',
    agent: 'a',
    input_tokens: 10,
    output_tokens: 5,
    cached_input_tokens: 2,
    reasoning_tokens: 1,
    cost_micros: 7,
    estimated: false,
    offline: false,
    duration_ms: 1,
    finish_reason: 'stop',
    tool_calls: 0,
    text: '',
  };
  room.body((context) => {
    context.emit({ type: 'llm.completed', key: 'l1', stepId: 'only', data: call });
    context.emit({
      type: 'llm.completed',
      key: 'l2',
      stepId: 'only',
      data: { ...call, cost_micros: context.inputs['unpriced'] ? null : 7 },
    });
    const finding = {
      rule: 'r',
      severity: 'high',
      message: 'm',
      evidence: 'e',
      tool: 't',
      location: { path: 'a.ts', line: 3 },
    } as const;
    context.emit({
      type: 'tool.completed',
      key: 't1',
      stepId: 'only',
      data: {
        call_id: 't1',
        tool: 't',
        duration_ms: 1,
        summary: '',
        findings_total: 2,
        findings: [],
        output_preview: '',
        truncated: false,
      },
      attachment: { findings: [{ ...finding, severity: 'low' }, finding] },
    });
    return Promise.resolve({});
  });
  const priced = await ended(room, (await room.runs.start(room.workspaceId, testRun())).id);
  expect(priced.usage).toEqual({
    model_calls: 2,
    tool_calls: 1,
    input_tokens: 20,
    output_tokens: 10,
    cached_input_tokens: 4,
    reasoning_tokens: 2,
    cost_micros: 14,
    estimated: false,
  });
  expect(priced.findings_total).toBe(2);
  const page = await room.runs.findings(room.workspaceId, priced.id, { limit: 1 });
  expect(page).toMatchObject({
    total: 2,
    items: [{ severity: 'high', location: { path: 'a.ts', line: 3 } }],
  });
  const next = await room.runs.findings(room.workspaceId, priced.id, {
    limit: 1,
    cursor: page.nextCursor as string,
  });
  expect(next.items.map((item) => item.severity)).toEqual(['low']);
  const unpriced = await ended(
    room,
    (await room.runs.start(room.workspaceId, testRun({ unpriced: true }))).id,
  );
  expect(unpriced.usage.cost_micros).toBeNull();
});

test('another workspace sees nothing and steers nothing', async () => {
  room.body(() => Promise.resolve({}));
  const run = await room.runs.start(room.workspaceId, testRun());
  await ended(room, run.id);
  await expect(room.runs.get(room.otherWorkspaceId, run.id)).rejects.toMatchObject({
    kind: 'not-found',
  });
  await expect(room.runs.cancel(room.otherWorkspaceId, run.id, TESTER)).rejects.toMatchObject({
    kind: 'not-found',
  });
  await expect(
    room.runs.events(room.otherWorkspaceId, run.id, { after: 0, limit: 10 }),
  ).rejects.toMatchObject({ kind: 'not-found' });
  expect((await room.runs.list(room.otherWorkspaceId, { limit: 10 })).items).toEqual([]);
});

test('the database itself refuses to leave a terminal status', async () => {
  room.body(() => Promise.resolve({}));
  const run = await room.runs.start(room.workspaceId, testRun());
  await ended(room, run.id);
  await expect(
    room.database.pool.query("UPDATE runs SET status = 'running' WHERE id = $1", [run.id]),
  ).rejects.toThrow(/cannot become running/);
});

test('lists page by cursor without gaps, filter by status', async () => {
  const first = await room.runs.list(room.workspaceId, { limit: 3 });
  const second = await room.runs.list(room.workspaceId, {
    limit: 3,
    cursor: first.nextCursor as string,
  });
  const all = await room.runs.list(room.workspaceId, { limit: 6 });
  expect([...first.items, ...second.items].map((run) => run.id)).toEqual(
    all.items.map((run) => run.id),
  );
  expect(
    (await room.runs.list(room.workspaceId, { limit: 50, status: 'failed' })).items.every(
      (run) => run.status === 'failed',
    ),
  ).toBe(true);
  await expect(
    room.runs.list(room.workspaceId, { limit: 3, cursor: 'nonsense' }),
  ).rejects.toMatchObject({ kind: 'invalid-input' });
});

test('fifty runs at once each get a dense log and one terminal event', async () => {
  room.body(async (context) => {
    for (let n = 0; n < 3; n++) {
      const value = await context.step(`s${n}`, () => Promise.resolve(n));
      context.emit({
        type: 'step.progress',
        key: `p${n}`,
        stepId: 'only',
        data: { message: String(value) },
      });
    }
    return {};
  });
  const runs = await Promise.all(
    Array.from({ length: 50 }, () => room.runs.start(room.workspaceId, testRun())),
  );
  await Promise.all(runs.map((run) => ended(room, run.id)));
  for (const run of runs)
    expect(await typesOf(run.id)).toEqual([
      'run.created',
      'run.started',
      'step.progress',
      'step.progress',
      'step.progress',
      'run.completed',
    ]);
});

test('tables agree with the database', () =>
  expect(
    assertTablesMatch(room.database, [
      runs,
      runSteps,
      events,
      runArtifacts,
      runFindings,
      runApprovals,
      runSignals,
      effects,
    ]),
  ).resolves.toBeUndefined());
