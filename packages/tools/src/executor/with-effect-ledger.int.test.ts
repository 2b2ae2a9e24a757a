import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { systemClock } from '@automatos/kernel';
import { createEffectLedger } from '@automatos/runs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import type { ToolInvocation } from '../definition.ts';
import { createToolRegistry } from '../registry.ts';
import { createToolExecutor } from './tool-executor.ts';
import { withEffectLedger } from './with-effect-ledger.ts';

let db: TestDatabase;
let made: string[] = [];
const write = defineTool({
  name: 'write_thing',
  title: 'Write',
  description: 'Writes.',
  group: 'test',
  input: z.strictObject({ what: z.string(), fail: z.boolean().default(false) }),
  output: z.object({ key: z.string() }),
  capabilities: ['write'],
  timeoutMs: 1000,
  idempotent: false,
  isolation: 'inline',
  run({ what, fail }, env) {
    made.push(what);
    if (fail) return Promise.reject(new Error('no'));
    return Promise.resolve({ output: { key: env.idempotencyKey }, summary: 'written' });
  },
});
const registry = createToolRegistry([write]);

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

function call(key: string, input: object, executor = open()) {
  const invocation: ToolInvocation = {
    tool: 'write_thing',
    input,
    callId: 'c',
    idempotencyKey: key,
    workspaceId: db.workspaceId,
    grants: 'all',
    signal: new AbortController().signal,
  };
  return executor.execute(invocation);
}
const open = () =>
  withEffectLedger(createToolExecutor({ registry, roots: () => [], outboundAllow: [] }), {
    ledger: createEffectLedger({ database: db.database, clock: systemClock }),
    registry,
  });

test('a write with the same key is made once, by whichever process, and the tool gets that key', async () => {
  made = [];
  const first = await call('key-1', { what: 'a' });
  expect(first).toMatchObject({ status: 'success', output: { key: 'key-1' } });
  expect(await call('key-1', { what: 'a' })).toMatchObject({
    status: 'success',
    output: { key: 'key-1' },
  });
  expect(await call('key-2', { what: 'a' })).toMatchObject({ status: 'success' });
  expect(made).toEqual(['a', 'a']);
});

test('a write that failed took no effect and may be made again', async () => {
  made = [];
  expect(await call('key-3', { what: 'b', fail: true })).toMatchObject({ status: 'error' });
  expect(await call('key-3', { what: 'b', fail: true })).toMatchObject({ status: 'error' });
  expect(made).toEqual(['b', 'b']);
});
