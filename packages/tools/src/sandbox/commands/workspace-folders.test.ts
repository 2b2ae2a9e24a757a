import { DEFAULT_WORKSPACE_ID, newId } from '@automatos/kernel';
import { expect, test } from 'vitest';
import type { ToolInvocation, ToolOutcome } from '../../definition.ts';
import { createWorkspaceFolders } from './workspace-folders.ts';

type Running = { tool: string; roots: string[]; end: () => void };

/** Calls that end when they are told to, and what they saw. */
function setUp() {
  const running: Running[] = [];
  const folders = createWorkspaceFolders({
    folderOf: (workspaceId) => `/data/${workspaceId}`,
    commandTool: 'run_command',
  });
  const executor = folders.guard({
    execute: (call) =>
      new Promise((resolve) => {
        const roots = folders.rootsOf(call);
        running.push({ tool: call.tool, roots, end: () => resolve({} as ToolOutcome) });
      }),
  });
  const start = (tool: string, more: Partial<ToolInvocation> = {}) =>
    executor.execute({
      tool,
      input: {},
      callId: 'c',
      idempotencyKey: 'k',
      workspaceId: DEFAULT_WORKSPACE_ID,
      grants: 'all',
      signal: new AbortController().signal,
      ...more,
    });
  return { running, start };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a tool sees the folder while no command runs; a command waits for tools that do, and later ones do not see it', async () => {
  const { running, start } = setUp();
  const reading = start('read_file');
  const command = start('run_command');
  await turn();
  expect(running).toMatchObject([{ tool: 'read_file', roots: [`/data/${DEFAULT_WORKSPACE_ID}`] }]);
  const late = start('read_file');
  const elsewhere = start('read_file', { workspaceId: newId<'workspace'>() });
  await turn();
  expect(running.map(({ roots }) => roots.length)).toEqual([1, 0, 1]);
  running[0]?.end();
  await reading;
  await turn();
  expect(running.at(-1)).toMatchObject({ tool: 'run_command' });
  const beside = start('run_command');
  await turn();
  expect(running).toHaveLength(5);
  for (const one of running) one.end();
  await Promise.all([command, late, elsewhere, beside]);
  const again = start('read_file');
  await turn();
  expect(running.at(-1)?.roots).toHaveLength(1);
  running.at(-1)?.end();
  await again;
});

test('a command that waits ends when it is cancelled, and holds nobody up', async () => {
  const { running, start } = setUp();
  const reading = start('read_file');
  const controller = new AbortController();
  const command = start('run_command', { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(command).rejects.toThrow('enough');
  const second = start('read_file');
  await turn();
  expect(running.map(({ roots }) => roots.length)).toEqual([1, 1]);
  for (const one of running) one.end();
  await Promise.all([reading, second]);
});
