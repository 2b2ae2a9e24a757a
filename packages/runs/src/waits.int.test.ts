import { afterAll, beforeAll, expect, test } from 'vitest';
import { NO_USAGE } from '@automatos/contracts';
import type { EventType, Finding } from '@automatos/contracts';
import { deferred } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { TESTER, ended, openTestRoom, testRun } from './testing/room.ts';
import type { TestRoom } from './testing/room.ts';
import { eventually } from './testing/workers.ts';
import type { Approver, DeclaredStep } from './types.ts';

let room: TestRoom;
beforeAll(async () => {
  // One place only: whatever keeps it while it waits would stop everybody else.
  room = await openTestRoom({ activeMax: 1 });
});
afterAll(() => room.close());

const OWNER: Approver = { ...TESTER, role: 'owner' };
const start = (inputs: JsonObject, extra = {}) =>
  room.runs.start(room.workspaceId, testRun(inputs, extra));

async function event(runId: string, type: EventType) {
  const signal = new AbortController().signal;
  for await (const one of room.runs.follow(room.workspaceId, runId, { after: 0, signal }))
    if (one.type === type) return one;
  throw new Error(`the run ended without ${type}`);
}

const isParked = async (runId: string) =>
  (
    await room.database.pool.query<{ parked: boolean }>('SELECT parked FROM runs WHERE id = $1', [
      runId,
    ])
  ).rows[0]?.parked ?? false;

test('a run that waits takes no place: others run meanwhile, and it goes on afterwards', async () => {
  room.body(async (context) => {
    if (context.inputs['quick'] === true) return {};
    const { decision } = await context.approval({
      key: 'ok',
      stepId: 'only',
      title: 't',
      message: 'm',
      timeoutMs: 600_000,
    });
    await context.step('after', () => Promise.resolve());
    return { decision };
  });
  const waiting = await start({});
  const asked = await event(waiting.id, 'step.waiting_approval');
  const others = await Promise.all([1, 2, 3].map(() => start({ quick: true })));
  for (const other of others) expect((await ended(room, other.id)).status).toBe('completed');
  expect(await isParked(waiting.id)).toBe(true);
  await room.runs.decide(room.workspaceId, asked.data['approval_id'] as string, {
    decision: 'reject',
    approver: OWNER,
  });
  expect((await ended(room, waiting.id)).outputs).toEqual({ decision: 'rejected' });
});

test('a paused run takes no place either, and begins no step', async () => {
  const first = deferred<void>();
  const reached = deferred<void>();
  room.body(async (context) => {
    if (context.inputs['quick'] === true) return {};
    await context.step('first', () => {
      reached.resolve();
      return first.promise;
    });
    await context.gate();
    context.emit({
      type: 'step.started',
      key: 'only:started',
      stepId: 'only',
      data: { name: 'only', type: 'tool', attempt: 1, depends_on: [] },
    });
    return {};
  });
  const run = await start({});
  await reached.promise;
  await room.runs.pause(room.workspaceId, run.id, TESTER);
  first.resolve();
  expect((await ended(room, (await start({ quick: true })).id)).status).toBe('completed');
  const steps = await room.runs.steps(room.workspaceId, run.id);
  expect(steps[0]?.status).toBe('pending');
  await room.runs.resume(room.workspaceId, run.id, TESTER);
  expect((await ended(room, run.id)).status).toBe('completed');
});

test('a run paused in the queue goes back to it and runs when it is resumed', async () => {
  const under = deferred<void>();
  room.body(async (context) => {
    if (context.inputs['quick'] !== true) await context.step('hold', () => under.promise);
    return {};
  });
  const first = await start({});
  await event(first.id, 'run.started');
  const second = await start({ quick: true });
  expect((await room.runs.pause(room.workspaceId, second.id, TESTER)).status).toBe('paused');
  under.resolve();
  await ended(room, first.id);
  expect((await room.runs.get(room.workspaceId, second.id)).status).toBe('paused');
  expect((await room.runs.resume(room.workspaceId, second.id, TESTER)).status).toBe('queued');
  expect((await ended(room, second.id)).status).toBe('completed');
});

test('a part runs on the place that its parent gives back; a long sleep is told and gives it back', async () => {
  room.body(async (context) => {
    if (context.inputs['part'] === true) return { done: true };
    await context.sleep('pause', 1_300, { stepId: 'only' });
    const { inputs: _none, ...rest } = testRun();
    const outcome = await context.subRun({
      key: 'part',
      stepId: 'only',
      start: { ...rest, inputs: { part: true } },
    });
    return { outputs: outcome.outputs };
  });
  const run = await start({});
  const waiting = await event(run.id, 'step.waiting');
  expect(waiting.data).toMatchObject({ reason: 'time' });
  expect(await eventually(() => isParked(run.id), Boolean)).toBe(true);
  expect((await ended(room, run.id)).outputs).toEqual({ outputs: { done: true } });
});

const declared = (stepId: string): DeclaredStep => ({
  stepId,
  name: stepId,
  type: 'tool',
  dependsOn: [],
});

test('a fork takes over rows, instances and findings of finished steps, without their cost', async () => {
  const usage = { ...NO_USAGE, tool_calls: 1 };
  const finding: Finding = { rule: 'r', severity: 'high', message: 'm', evidence: 'e', tool: 't' };
  room.body((context) => {
    if (context.reusedFrom !== null) {
      const reused = Object.fromEntries(context.reused);
      return Promise.resolve({ reused, from: context.reusedFrom });
    }
    for (const stepId of ['a', 'a#0', 'b']) {
      const data = { name: stepId, type: 'tool', attempt: 2, depends_on: [] };
      context.emit({ type: 'step.started', key: `${stepId}:started`, stepId, data });
      context.emit({
        type: 'tool.completed',
        key: `${stepId}:tool`,
        stepId,
        data: {
          call_id: stepId,
          tool: 't',
          duration_ms: 1,
          summary: '',
          findings_total: 1,
          findings: [],
          output_preview: '',
          truncated: false,
        },
        attachment: { findings: [finding] },
      });
      context.emit({
        type: 'step.completed',
        key: `${stepId}:completed`,
        stepId,
        data: { duration_ms: 1, output_preview: '', usage },
        attachment: { output: { of: stepId } },
      });
    }
    return Promise.resolve({});
  });
  const steps = ['a', 'b', 'c'].map(declared);
  const source = await ended(room, (await start({}, { steps })).id);
  expect(source.findings_total).toBe(3);
  const fork = await start(
    {},
    { steps, reuse: { runId: source.id, fromStepId: 'b', stepIds: ['a', 'a#0'] } },
  );
  expect(fork).toMatchObject({
    forked_from: { run_id: source.id, step_id: 'b' },
    findings_total: 2,
  });
  const done = await ended(room, fork.id);
  expect(done.outputs).toEqual({
    reused: { a: { of: 'a' }, 'a#0': { of: 'a#0' } },
    from: source.id,
  });
  expect(done.usage.tool_calls).toBe(0);
  const rows = await room.runs.steps(room.workspaceId, fork.id);
  expect(rows.map((row) => [row.step_id, row.reused_from, row.usage.tool_calls])).toEqual([
    ['a', source.id, 0],
    ['a#0', source.id, 0],
    ['b', null, 0],
    ['c', null, 0],
  ]);
  const findings = await room.runs.findings(room.workspaceId, fork.id, { limit: 10 });
  expect(findings.items.map((item) => item.step_id).toSorted()).toEqual(['a', 'a#0']);
  const compared = await room.runs.compare(room.workspaceId, { left: source.id, right: fork.id });
  expect(compared.findings).toMatchObject({ only_left: 1, both: 2, only_right: 0 });
});

test('lists are narrowed by each field of the filter', async () => {
  room.body((context) => {
    const score = context.inputs['score'];
    if (typeof score === 'number') {
      context.emit({
        type: 'quality.scored',
        key: 'quality',
        data: { score, grade: 'B', dimensions: {} },
      });
      context.emit({
        type: 'step.started',
        key: 'look',
        stepId: 'look#0',
        data: { name: 'Look', type: 'agent', agent: 'security', attempt: 1, depends_on: [] },
      });
    }
    return Promise.resolve({});
  });
  const trigger = { kind: 'schedule', id: 's1', name: 'nightly', depth: 0 };
  const by = await start({}, { title: 'by a person' });
  const scheduled = await start({ score: 0.8 }, { title: 'scheduled', trigger, dryRun: true });
  for (const run of [by, scheduled]) await ended(room, run.id);
  const list = async (filter: object) =>
    (
      await room.runs.list(room.workspaceId, { limit: 50, from: by.created_at, ...filter })
    ).items.map((run) => run.id);
  const both = [scheduled.id, by.id];
  expect(await list({})).toEqual(both);
  expect(await list({ sort: 'created_at' })).toEqual(both.toReversed());
  expect(await list({ trigger: 'schedule' })).toEqual([scheduled.id]);
  expect(await list({ trigger: 'person' })).toEqual([by.id]);
  expect(await list({ trigger: 'sub_run' })).toEqual([]);
  expect(await list({ grade: 'B' })).toEqual([scheduled.id]);
  expect(await list({ agent: 'security' })).toEqual([scheduled.id]);
  expect(await list({ agent: 'nobody' })).toEqual([]);
  expect(await list({ statuses: ['failed', 'completed'] })).toEqual(both);
  expect(await list({ statuses: ['failed'] })).toEqual([]);
  expect(await list({ to: by.created_at })).toEqual([]);
  expect(await list({ search: 'PERSON' })).toEqual([by.id]);
  const run = await room.runs.get(room.workspaceId, scheduled.id);
  expect(run).toMatchObject({
    trigger: { kind: 'schedule', id: 's1', name: 'nightly' },
    dry_run: true,
    quality_grade: 'B',
  });
  expect(run.quality_score).toBeCloseTo(0.8);
});

test('a document of bytes comes back as it was', async () => {
  const content = new Uint8Array([0, 255, 37, 80]);
  room.body(async (context) => {
    const saved = await context.saveArtifact({
      name: 'pdf',
      stepId: 'only',
      title: 'Report',
      format: 'pdf',
      contentType: 'application/pdf',
      content: () => Promise.resolve(content),
    });
    return saved;
  });
  const done = await ended(room, (await start({})).id);
  expect(done.outputs?.['bytes']).toBe(4);
  const id = done.outputs?.['id'] as string;
  const found = await room.runs.artifact(room.workspaceId, done.id, id);
  expect(new Uint8Array(found.content as Uint8Array)).toEqual(content);
});

test('C13: a payload of 33 MB is recorded, told and kept whole', { timeout: 120_000 }, async () => {
  const SIZE = 33_000_000;
  const payload = 'ä'.repeat(SIZE / 2);
  let calls = 0;
  room.body(async (context) => {
    const result = await context.step('large', async () => {
      calls += 1;
      return { payload };
    });
    const { payload: recorded } = result as { payload: string };
    context.emit({
      type: 'step.progress',
      key: 'large',
      stepId: 'only',
      data: { message: recorded.slice(0, 5_000_000) },
    });
    const kept = await context.saveArtifact({
      name: 'large',
      stepId: 'only',
      title: 'Large',
      format: 'text',
      contentType: 'text/plain',
      content: () => Promise.resolve(recorded),
    });
    return { bytes: kept.bytes, id: kept.id };
  });
  const run = await start({});
  const told = await event(run.id, 'step.progress');
  expect((told.data['message'] as string).length).toBe(5_000_000);
  const { status, outputs } = await ended(room, run.id);
  expect([status, outputs?.['bytes'], calls]).toEqual(['completed', SIZE, 1]);
  const { content } = await room.runs.artifact(room.workspaceId, run.id, outputs?.['id'] as string);
  expect(content).toBe(payload);
});
