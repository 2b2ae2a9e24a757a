import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_USAGE } from '@automatos/contracts';
import type { EventEnvelope, EventType, Usage } from '@automatos/contracts';
import { PlatformError, deferred } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import { deriveState } from './run-state.ts';
import { TESTER, ended, openTestRoom, testRun } from './testing/room.ts';
import type { TestRoom } from './testing/room.ts';
import type { ApprovalRequest, Approver, RunContext } from './types.ts';

let room: TestRoom;
beforeAll(async () => {
  room = await openTestRoom();
});
afterAll(() => room.close());

const OWNER: Approver = { ...TESTER, role: 'owner', email: 'tester@example.org' };
const ASK: ApprovalRequest = {
  key: 'ok',
  stepId: 'only',
  title: 'Release?',
  message: 'Shall it go out?',
  timeoutMs: 60_000,
};

const allEvents = (runId: string) =>
  room.runs.events(room.workspaceId, runId, { after: 0, limit: 1000 });

/** Resolves with the first event of the type in the run's log. */
async function event(runId: string, type: EventType): Promise<EventEnvelope> {
  const signal = new AbortController().signal;
  for await (const one of room.runs.follow(room.workspaceId, runId, { after: 0, signal }))
    if (one.type === type) return one;
  throw new Error(`the run ended without ${type}`);
}

/** The log, the row and the state that follows from the log agree. */
async function agrees(runId: string): Promise<void> {
  const run = await room.runs.get(room.workspaceId, runId);
  const state = deriveState((await allEvents(runId)).map((one) => one.type));
  expect([run.status, run.open_approvals]).toEqual([state.status, state.openApprovals]);
}

async function asks(request: Partial<ApprovalRequest> = {}) {
  room.body(async (context) => ({
    outcome: (await context.approval({ ...ASK, ...request })) as unknown as JsonObject,
  }));
  const run = await room.runs.start(room.workspaceId, testRun());
  const waiting = await event(run.id, 'step.waiting_approval');
  return { runId: run.id, approvalId: waiting.data['approval_id'] as string, waiting };
}

const decide = (approvalId: string, more: JsonObject = {}, approver = OWNER) =>
  room.runs.decide(room.workspaceId, approvalId, { decision: 'approve', approver, ...more });

describe('an approval', () => {
  test('makes the run wait, and the decision goes on with its values', async () => {
    const fields = {
      type: 'object',
      properties: { version: { type: 'string' } },
      required: ['version'],
    };
    const { runId, approvalId, waiting } = await asks({ fields });
    expect(waiting.data).toMatchObject({ title: 'Release?', fields });
    const waits = await room.runs.get(room.workspaceId, runId);
    expect(waits).toMatchObject({ status: 'waiting_approval', open_approvals: 1 });
    expect((await room.runs.steps(room.workspaceId, runId))[0]?.status).toBe('waiting_approval');
    await agrees(runId);

    await expect(decide(approvalId, { values: { version: 1 } })).rejects.toMatchObject({
      code: 'runs.approval.values_invalid',
      errors: [{ pointer: '/values/version', message: 'must be string' }],
    });
    await expect(decide(approvalId)).rejects.toMatchObject({
      errors: [{ pointer: '/values/version', message: 'is required' }],
    });
    const decided = await decide(approvalId, { values: { version: '2' }, comment: 'go' });
    expect(decided).toMatchObject({ status: 'approved', decided_by: 'Tester', may_decide: false });
    const done = await ended(room, runId);
    expect(done).toMatchObject({ status: 'completed', open_approvals: 0 });
    expect(done.outputs?.['outcome']).toMatchObject({
      decision: 'approved',
      by: 'Tester',
      comment: 'go',
      values: { version: '2' },
    });
    await agrees(runId);
  });

  test('C10: counts the first of two decisions made in the same moment; a replayed one changes nothing', async () => {
    const { runId, approvalId } = await asks();
    const both = await Promise.allSettled([
      decide(approvalId),
      room.runs.decide(room.workspaceId, approvalId, { decision: 'reject', approver: OWNER }),
    ]);
    const won = both.filter((one) => one.status === 'fulfilled');
    expect(won).toHaveLength(1);
    expect(both.find((one) => one.status === 'rejected')?.reason).toMatchObject({
      code: 'runs.approval.already_decided',
      kind: 'conflict',
    });
    const done = await ended(room, runId);
    expect(done.outputs?.['outcome']).toMatchObject({ decision: won[0]?.value.status });
    await expect(decide(approvalId)).rejects.toMatchObject({
      code: 'runs.approval.already_decided',
    });
    const decisions = (await allEvents(runId)).filter((one) => one.type === 'approval.decided');
    expect(decisions).toHaveLength(1);
  });

  test('C10: runs out once by the clock of the database, and no decision counts after it', async () => {
    const { runId, approvalId } = await asks({ timeoutMs: 50 });
    const done = await ended(room, runId);
    expect(done.outputs?.['outcome']).toMatchObject({ decision: 'timed_out', by: null });
    await expect(decide(approvalId)).rejects.toMatchObject({ code: 'runs.approval.expired' });
    await agrees(runId);
  });

  test('is refused as expired before the waiting process has noticed', async () => {
    const { runId, approvalId } = await asks({ timeoutMs: 600_000 });
    await room.database.pool.query(
      "UPDATE run_approvals SET due_at = clock_timestamp() - interval '1 second' WHERE id = $1",
      [approvalId],
    );
    await expect(decide(approvalId)).rejects.toMatchObject({ code: 'runs.approval.expired' });
    // Nobody tells it: the waiting side looks by itself.
    expect((await ended(room, runId)).outputs?.['outcome']).toMatchObject({
      decision: 'timed_out',
    });
  });

  test('is decided by the people it names only', async () => {
    const { runId, approvalId } = await asks({
      approvers: { roles: ['admin'], users: ['Boss@Example.org'] },
    });
    await expect(decide(approvalId)).rejects.toMatchObject({
      code: 'runs.approval.not_allowed',
      kind: 'forbidden',
    });
    const list = (approver: Approver) =>
      room.runs.approvals(room.workspaceId, { limit: 10, status: 'open', run: runId, approver });
    expect((await list(OWNER)).items).toMatchObject([{ id: approvalId, may_decide: false }]);
    const boss: Approver = { ...OWNER, id: 'boss', name: 'Boss', email: 'boss@example.org' };
    expect((await list(boss)).items).toMatchObject([{ id: approvalId, may_decide: true }]);
    await decide(approvalId, {}, boss);
    expect((await ended(room, runId)).status).toBe('completed');
  });

  test('closes with the cancel of its run, in the same transaction', async () => {
    const { runId, approvalId } = await asks();
    const run = await room.runs.cancel(room.workspaceId, runId, TESTER);
    expect(run).toMatchObject({ status: 'cancelled', open_approvals: 0 });
    await expect(decide(approvalId)).rejects.toMatchObject({
      code: 'runs.approval.already_decided',
      details: { status: 'cancelled' },
    });
    await agrees(runId);
  });

  test('closes when its scope ends, and the run goes on', async () => {
    const limit = new AbortController();
    room.body(async (context) => {
      const refused = await context
        .approval(ASK, { signal: limit.signal })
        .catch((error: unknown) => (error as PlatformError).code);
      return { refused: refused as JsonValue };
    });
    const run = await room.runs.start(room.workspaceId, testRun());
    await event(run.id, 'step.waiting_approval');
    const code = 'test.scope.over';
    limit.abort(new PlatformError({ code, kind: 'timeout', message: 'over' }));
    expect((await ended(room, run.id)).outputs).toEqual({ refused: code });
    const { items } = await room.runs.approvals(room.workspaceId, {
      limit: 10,
      run: run.id,
      approver: OWNER,
    });
    expect(items).toMatchObject([{ status: 'cancelled' }]);
    await agrees(run.id);
  });

  test('waits through a pause, and a decision meanwhile does not end the pause', async () => {
    const { runId, approvalId } = await asks();
    const paused = await room.runs.pause(room.workspaceId, runId, TESTER);
    expect(paused).toMatchObject({ status: 'paused', open_approvals: 1 });
    await decide(approvalId);
    const still = await room.runs.get(room.workspaceId, runId);
    expect(still).toMatchObject({ status: 'paused', open_approvals: 0 });
    await room.runs.resume(room.workspaceId, runId, TESTER);
    expect((await ended(room, runId)).status).toBe('completed');
    await agrees(runId);
  });

  test('of another workspace does not exist', async () => {
    const { runId, approvalId } = await asks();
    const other = { decision: 'approve' as const, approver: OWNER };
    await expect(room.runs.decide(room.otherWorkspaceId, approvalId, other)).rejects.toMatchObject({
      code: 'approval.item.not_found',
    });
    const seen = await room.runs.approvals(room.otherWorkspaceId, { limit: 10, approver: OWNER });
    expect(seen.items).toEqual([]);
    await room.runs.cancel(room.workspaceId, runId, TESTER);
  });

  test('lists page without gaps, open ones by the time they run out', async () => {
    const open: Awaited<ReturnType<typeof asks>>[] = [];
    for (const timeoutMs of [300_000, 100_000, 200_000]) open.push(await asks({ timeoutMs }));
    const page = (cursor?: string) =>
      room.runs.approvals(room.workspaceId, { limit: 2, status: 'open', approver: OWNER, cursor });
    const first = await page();
    const second = await page(first.nextCursor as string);
    const ids = [...first.items, ...second.items].map((item) => item.id);
    expect(ids).toEqual([1, 2, 0].map((index) => open[index]?.approvalId));
    expect(second.nextCursor).toBeNull();
    for (const { runId } of open) await room.runs.cancel(room.workspaceId, runId, TESTER);
  });
});

describe('a signal', () => {
  const send = (runId: string, payload: JsonValue) =>
    room.runs.signal(room.workspaceId, runId, { name: 'go', payload, by: TESTER });

  test('ends the wait, also when it came before; each ends one', async () => {
    const ready = deferred<void>();
    room.body(async (context) => {
      await context.step('begin', () => ready.promise);
      const wait = (key: string) => context.signalled({ key, stepId: 'only', name: 'go' });
      return { first: await wait('a'), second: await wait('b') };
    });
    const run = await room.runs.start(room.workspaceId, testRun());
    await event(run.id, 'run.started');
    await send(run.id, 'early');
    ready.resolve();
    const waiting = await event(run.id, 'step.waiting');
    expect(waiting.data).toEqual({ reason: 'signal', signal: 'go' });
    await send(run.id, { n: 2 });
    const done = await ended(room, run.id);
    expect(done.outputs).toEqual({ first: { payload: 'early' }, second: { payload: { n: 2 } } });
    await expect(send(run.id, 'late')).rejects.toMatchObject({ code: 'runs.run.wrong_status' });
  });

  test('that does not come lets the wait pass after its time', async () => {
    room.body(async (context) => ({
      got: await context.signalled({ key: 'a', stepId: 'only', name: 'go', timeoutMs: 30 }),
    }));
    const run = await room.runs.start(room.workspaceId, testRun());
    expect((await ended(room, run.id)).outputs).toEqual({ got: null });
  });
});

describe('a part of a run', () => {
  const part = (inputs: JsonObject, title = 'part') => {
    const { idempotencyKey: _key, parent: _parent, ...start } = testRun(inputs, { title });
    return { key: title, stepId: 'only', start };
  };
  const usage: Usage = { ...NO_USAGE, model_calls: 2, input_tokens: 30, cost_micros: 5 };

  /** Starts a part as its step and tells what it used, as recipes do. */
  async function runPart(context: RunContext, inputs: JsonObject): Promise<JsonObject> {
    const outcome = await context.subRun(part(inputs));
    context.emit({
      type: 'step.completed',
      key: 'step:only:completed',
      stepId: 'only',
      data: { duration_ms: 1, output_preview: '', usage, sub_run_id: outcome.runId },
      attachment: { output: outcome.outputs },
    });
    return { status: outcome.status, outputs: outcome.outputs, error: outcome.error?.code ?? null };
  }

  test('runs as a run of its own, whose use and result are those of the step', async () => {
    room.body((context) =>
      context.inputs['part'] === true
        ? Promise.resolve({ answer: 42 })
        : runPart(context, { part: true }),
    );
    const run = await room.runs.start(room.workspaceId, testRun({}, { priority: 'high' }));
    const done = await ended(room, run.id);
    expect(done.outputs).toEqual({ status: 'completed', outputs: { answer: 42 }, error: null });
    expect(done.usage).toMatchObject({ model_calls: 2, input_tokens: 30, cost_micros: 5 });
    const { items } = await room.runs.list(room.workspaceId, { limit: 10, parent: run.id });
    expect(items).toMatchObject([{ parent_run_id: run.id, priority: 'high', title: 'part' }]);
    const [step] = await room.runs.steps(room.workspaceId, run.id);
    expect(step?.sub_run_id).toBe(items[0]?.id);
    const last = (await allEvents(run.id)).at(-1);
    expect(last?.data['usage']).toMatchObject({ model_calls: 2 });
  });

  test('is cancelled with its parent, at any depth', async () => {
    const deep = deferred<void>();
    room.body(async (context) => {
      const depth = Number(context.inputs['depth'] ?? 0);
      if (depth < 2) return runPart(context, { depth: depth + 1 });
      deep.resolve();
      await context.approval(ASK);
      return {};
    });
    const run = await room.runs.start(room.workspaceId, testRun());
    await deep.promise;
    await room.runs.cancel(room.workspaceId, run.id, TESTER);
    const rows = await room.database.pool.query<{ id: string; status: string }>(
      'SELECT id, status FROM runs WHERE parent_run_id IS NOT NULL AND created_at >= $1',
      [run.created_at],
    );
    expect(rows.rows.map((row) => row.status)).toEqual(['cancelled', 'cancelled']);
    for (const row of rows.rows) await agrees(row.id);
  });

  test('is cancelled when the scope of its step ends, and when its parent fails without it', async () => {
    const limit = new AbortController();
    room.body(async (context) => {
      if (context.inputs['part'] === true) {
        await context.signalled({ key: 'never', stepId: 'only', name: 'never' });
        return {};
      }
      const scoped = context
        .lane(1, (lane) => lane.subRun(part({ part: true }, 'scoped'), { signal: limit.signal }))
        .catch((error: unknown) => (error as PlatformError).code);
      const left = context.lane(2, (lane) => lane.subRun(part({ part: true }, 'left')));
      left.catch(() => undefined);
      const code = await scoped;
      throw new PlatformError({ code: `seen.${code as string}`, kind: 'timeout', message: 'x' });
    });
    const run = await room.runs.start(room.workspaceId, testRun());
    const children = async () =>
      (await room.runs.list(room.workspaceId, { limit: 10, parent: run.id })).items;
    const watched = deferred<void>();
    const stop = room.runs.watchWorkspace(room.workspaceId, () => {
      void children().then((items) => {
        if (items.filter((item) => item.status === 'running').length === 2) watched.resolve();
      });
    });
    await watched.promise;
    stop();
    limit.abort(new PlatformError({ code: 'test.scope.over', kind: 'timeout', message: 'over' }));
    const done = await ended(room, run.id);
    expect(done.error?.code).toBe('seen.test.scope.over');
    for (const child of await children()) {
      expect((await ended(room, child.id)).status).toBe('cancelled');
    }
  });
});

describe('lanes', () => {
  test('fork gives each body its own numbers, nested, and the rows of instances follow', async () => {
    room.body(async (context) => {
      const outer = await context.fork('map', 3);
      const values = await Promise.all(
        outer.map(async (lane, index) => {
          lane.emit({
            type: 'step.started',
            key: `s${index}`,
            stepId: `only#${index}`,
            data: { name: 'Only', type: 'agent', agent: 'a', attempt: 1, depends_on: [] },
          });
          const inner = await lane.fork('inner', 2);
          return Promise.all(
            inner.map((one, n) => one.step('call', () => Promise.resolve(10 * index + n))),
          );
        }),
      );
      context.emit({
        type: 'step.skipped',
        key: 'skip',
        stepId: 'only#3',
        data: { reason: 'none left' },
      });
      return { values };
    });
    const run = await room.runs.start(room.workspaceId, testRun());
    const done = await ended(room, run.id);
    expect(done.outputs).toEqual({
      values: [
        [0, 1],
        [10, 11],
        [20, 21],
      ],
    });
    const rows = await room.database.pool.query<{ function_id: number }>(
      "SELECT function_id FROM dbos.operation_outputs WHERE workflow_uuid = $1 AND function_name = 'call'",
      [run.id],
    );
    expect(new Set(rows.rows.map((row) => row.function_id)).size).toBe(6);
    expect(Math.min(...rows.rows.map((row) => row.function_id))).toBeGreaterThanOrEqual(
      200_010_000,
    );
    const steps = await room.runs.steps(room.workspaceId, run.id);
    expect(steps.map((step) => [step.step_id, step.status, step.name])).toEqual([
      ['only', 'completed', 'only'],
      ['only#0', 'running', 'Only'],
      ['only#1', 'running', 'Only'],
      ['only#2', 'running', 'Only'],
      ['only#3', 'skipped', 'only'],
    ]);
  });
});
