import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { newId, silentLogger, systemClock } from '@automatos/kernel';
import type { RunId } from '@automatos/kernel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import type { ToolInvocation } from '../definition.ts';
import { createToolExecutor } from '../executor/tool-executor.ts';
import { createToolRegistry } from '../registry.ts';
import { createToolGate } from './tool-gate.ts';
import { createToolNotes } from './tool-notes.ts';
import { createToolRecords } from './tool-records.ts';
import { createToolSettings } from './tool-settings.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

const room = () => createToolSettings({ database: db.database, clock: systemClock });
const tool = (name: string, capabilities: Parameters<typeof defineTool>[0]['capabilities']) =>
  defineTool({
    name,
    title: name,
    description: name,
    group: 'test',
    input: z.strictObject({}),
    output: z.object({}),
    capabilities,
    timeoutMs: 1000,
    idempotent: true,
    isolation: 'inline',
    run: () => Promise.resolve({ output: {}, summary: 'ran' }),
  });
const registry = createToolRegistry([
  tool('reads', ['read']),
  tool('writes', ['write']),
  tool('posts', ['network', 'write']),
  tool('limited', ['read']),
]);

/** An executor of its own for each: what they share is the database, as two processes do. */
const executor = () =>
  createToolExecutor({
    registry,
    roots: () => [],
    outboundAllow: [],
    permit: createToolGate(room()),
  });
async function run(name: string, more: Partial<ToolInvocation> = {}) {
  const one = executor();
  const outcome = await one.execute({
    tool: name,
    input: {},
    callId: 'c',
    idempotencyKey: 'k',
    workspaceId: db.workspaceId,
    grants: 'all',
    signal: new AbortController().signal,
    ...more,
  });
  await one.close();
  return outcome.error?.code ?? outcome.status;
}
const put = (name: string, parts: Partial<Parameters<ReturnType<typeof room>['put']>[2]>) =>
  room().put(db.workspaceId, name, {
    enabled: true,
    approval: 'never',
    rate_per_minute: null,
    ...parts,
  });

describe('settings of a tool', () => {
  test('without any every call goes on', async () => {
    expect(await run('reads')).toBe('success');
    expect(await room().get(db.workspaceId, 'reads')).toMatchObject({
      enabled: true,
      updated_at: null,
    });
  });

  test('switched off: refused at execution and gone from the selection', async () => {
    await put('reads', { enabled: false });
    expect(await run('reads')).toBe('tools.tool.disabled');
    expect(await run('reads', { approvedBy: 'Ada' })).toBe('tools.tool.disabled');
    expect([...(await room().disabled(db.workspaceId))]).toEqual(['reads']);
    await put('reads', {});
    expect(await run('reads')).toBe('success');
  });

  test('consent: for what changes things, or for everything; given consent lets the call through', async () => {
    await put('writes', { approval: 'changes' });
    await put('reads', { approval: 'changes' });
    expect(await run('writes')).toBe('tools.approval.required');
    expect(await run('writes', { approvedBy: 'Ada' })).toBe('success');
    expect(await run('reads')).toBe('success');
    await put('reads', { approval: 'always' });
    expect(await run('reads')).toBe('tools.approval.required');
  });

  test('text of strangers in the conversation: consent before what could carry data away, unless switched off', async () => {
    expect(await run('posts')).toBe('success');
    expect(await run('posts', { readForeignText: true })).toBe('tools.approval.required');
    expect(await run('limited', { readForeignText: true })).toBe('success');
    await room().putEnvironment(db.workspaceId, {
      disk_quota_bytes: 2_000_000,
      network_hosts: ['example.com'],
      command_secrets: [],
      ask_after_foreign_text: false,
    });
    expect(await run('posts', { readForeignText: true })).toBe('success');
    expect(await room().environment(db.workspaceId)).toMatchObject({
      disk_quota_bytes: 2_000_000,
      network_hosts: ['example.com'],
    });
  });

  test('rate: counted over processes, exactly as many as allowed, also when all knock at once', async () => {
    await put('limited', { rate_per_minute: 5 });
    const codes = await Promise.all(Array.from({ length: 12 }, () => run('limited')));
    expect(codes.filter((code) => code === 'success')).toHaveLength(5);
    expect(codes.filter((code) => code === 'tools.rate.exceeded')).toHaveLength(7);
    await db.database.pool.query(
      `UPDATE tool_rate_windows SET started_at = started_at - interval '61 seconds'`,
    );
    expect(await run('limited')).toBe('success');
  });

  test('of one workspace say nothing in another', async () => {
    const other = db.otherWorkspaceId;
    await put('reads', { enabled: false });
    expect(await run('reads', { workspaceId: other })).toBe('success');
    expect(await room().list(other)).toEqual([]);
  });
});

test('records of calls are stored and add up', async () => {
  const records = createToolRecords({
    database: db.database,
    clock: systemClock,
    logger: silentLogger,
  });
  for (const status of ['success', 'success', 'error', 'denied'] as const)
    records.note(db.workspaceId, 'reads', status);
  await records.flush();
  records.note(db.workspaceId, 'reads', 'timeout');
  await records.flush();
  expect((await records.read(db.workspaceId)).get('reads')).toEqual({ calls: 4, successes: 2 });
});

describe('the scratchpad of a run', () => {
  const notes = () => createToolNotes({ database: db.database, clock: systemClock });
  async function runOf(finished: string | null): Promise<RunId> {
    const id = newId<'run'>();
    await db.database.pool.query(
      `INSERT INTO runs (id, workspace_id, kind, title, status, plan, inputs, created_by_kind, created_by_id, created_by_name, created_at, finished_at)
       VALUES ($1, $2, 'test', 't', $3, '{}', '{}', 'system', 's', 's', now(), now() - $4::interval)`,
      [id, db.workspaceId, finished === null ? 'running' : 'completed', finished],
    );
    return id;
  }

  test('keeps, lists, changes and deletes notes, and refuses more than it holds', async () => {
    const pad = notes().of({ workspaceId: db.workspaceId, runId: await runOf(null) });
    await pad.write('plan', 'first');
    await pad.write('plan', 'second');
    expect(await pad.read('plan')).toMatchObject({ text: 'second' });
    expect(await pad.list()).toMatchObject([{ key: 'plan', chars: 6 }]);
    await expect(pad.write('big', 'x'.repeat(1_000_001))).rejects.toMatchObject({
      code: 'tools.scratchpad.full',
    });
    await pad.write('plan', '');
    expect(await pad.list()).toEqual([]);
  });

  test('is gone an hour after the end of its run, not before', async () => {
    const [old, fresh] = [await runOf('61 minutes'), await runOf('59 minutes')];
    const scope = { workspaceId: db.workspaceId };
    await notes()
      .of({ ...scope, runId: fresh })
      .write('k', 'x');
    await db.database.pool.query(
      `INSERT INTO tool_notes (run_id, key, workspace_id, text, updated_at) VALUES ($1, 'k', $2, 'x', now())`,
      [old, db.workspaceId],
    );
    expect(await notes().sweep()).toBe(1);
    expect(
      await notes()
        .of({ ...scope, runId: fresh })
        .read('k'),
    ).not.toBeNull();
  });
});
