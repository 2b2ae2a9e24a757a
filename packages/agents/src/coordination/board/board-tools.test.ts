import { newId } from '@automatos/kernel';
import type { RunId, WorkspaceId } from '@automatos/kernel';
import { createToolExecutor, createToolRegistry } from '@automatos/tools';
import type { ToolInvocation, ToolServices } from '@automatos/tools';
import { afterAll, expect, test } from 'vitest';
import { createMemoryBoard } from '../../testing/memory-board.fixture.ts';

const board = createMemoryBoard();
const scope = { workspaceId: newId<'workspace'>() as WorkspaceId, runId: newId<'run'>() as RunId };
const withBoard = ({ agent }: ToolInvocation): ToolServices =>
  agent === undefined ? {} : { blackboard: { board, scope, agent } };
const executor = createToolExecutor({
  registry: createToolRegistry(),
  roots: () => [],
  outboundAllow: [],
  services: withBoard,
});
afterAll(() => executor.close());

let calls = 0;
function call(agent: string | undefined, tool: string, input: object) {
  calls += 1;
  return repeated(`key-${calls}`, { agent, tool, input });
}

function repeated(
  idempotencyKey: string,
  { agent, tool, input }: { agent: string | undefined; tool: string; input: object },
) {
  return executor.execute({
    tool,
    input,
    callId: `call-${calls}`,
    idempotencyKey,
    workspaceId: scope.workspaceId,
    runId: scope.runId,
    ...(agent === undefined ? {} : { agent }),
    grants: 'all',
    signal: new AbortController().signal,
  });
}

test('agents read what others wrote and sent, and are told when they are late', async () => {
  expect(
    await call('bob', 'blackboard_message', { action: 'subscribe', topic: 'news' }),
  ).toMatchObject({ status: 'success' });
  const written = await call('ann', 'blackboard_write', { key: 'plan', value: { steps: 3 } });
  expect(written).toMatchObject({ status: 'success', output: { version: 1 } });
  await call('ann', 'blackboard_message', { topic: 'news', text: 'The plan is there.' });
  await call('ann', 'blackboard_message', { agent: 'bob', text: 'Please look.' });
  expect((await call('bob', 'blackboard_read', { prefix: 'pl' })).output).toMatchObject({
    notes: [{ key: 'plan', value: { steps: 3 }, author: 'ann', version: 1 }],
    messages: [{ topic: 'news', text: 'The plan is there.' }, { text: 'Please look.' }],
  });
  const late = await call('bob', 'blackboard_write', { key: 'plan', value: 'mine' });
  expect(late).toMatchObject({
    status: 'error',
    error: { code: 'tools.blackboard.version_conflict' },
  });
  expect(late.summary).toContain('version 1');
});

test('a call that is repeated after a crash writes and sends once', async () => {
  for (const repeat of [1, 2]) {
    const outcome = await repeated('same-write', {
      agent: 'ann',
      tool: 'blackboard_write',
      input: { key: 'once', value: 1 },
    });
    expect(outcome, `time ${repeat}`).toMatchObject({ output: { version: 1 } });
    await repeated('same-message', {
      agent: 'ann',
      tool: 'blackboard_message',
      input: { agent: 'cyd', text: 'once' },
    });
  }
  expect((await call('cyd', 'blackboard_read', {})).output).toMatchObject({
    messages: [{ text: 'once' }],
  });
});

test('what cannot be sent says why', async () => {
  for (const input of [
    { text: 'to nobody' },
    { text: 'to both', topic: 'a', agent: 'b' },
    { topic: 'a', text: ' ' },
    { action: 'subscribe' },
  ])
    expect(await call('ann', 'blackboard_message', input)).toMatchObject({
      status: 'error',
      error: { code: 'tools.blackboard.message_incomplete' },
    });
});

test('outside of a run, or without an agent, there is no board', async () => {
  for (const [tool, input] of [
    ['blackboard_read', {}],
    ['blackboard_write', { key: 'a', value: 1 }],
    ['blackboard_message', { topic: 'a', text: 'b' }],
  ] as const)
    expect(await call(undefined, tool, input)).toMatchObject({
      status: 'error',
      error: { code: 'tools.blackboard.unavailable' },
    });
});
