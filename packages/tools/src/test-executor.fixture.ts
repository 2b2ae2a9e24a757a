import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DEFAULT_WORKSPACE_ID } from '@automatos/kernel';
import type { ToolInvocation, ToolOutcome } from './definition.ts';
import { createToolExecutor, type ToolExecutorDeps } from './executor/tool-executor.ts';
import { createToolRegistry } from './registry.ts';

/** A real executor over a real temporary folder, for tests. */
export interface TestBench {
  root: string;
  write(path: string, content: string | Uint8Array): Promise<string>;
  run(tool: string, input?: unknown, more?: Partial<ToolInvocation>): Promise<ToolOutcome>;
  close(): Promise<void>;
}

export async function createTestBench(more: Partial<ToolExecutorDeps> = {}): Promise<TestBench> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'tools-')));
  const executor = createToolExecutor({
    registry: createToolRegistry(),
    roots: () => [root],
    outboundAllow: [],
    ...more,
  });
  return {
    root,
    async write(path, content) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
      return join(root, path);
    },
    run: (tool, input = {}, call = {}) =>
      executor.execute({
        tool,
        input,
        callId: 'call',
        idempotencyKey: 'key-1',
        workspaceId: DEFAULT_WORKSPACE_ID,
        grants: 'all',
        signal: new AbortController().signal,
        ...call,
      }),
    async close() {
      await executor.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
