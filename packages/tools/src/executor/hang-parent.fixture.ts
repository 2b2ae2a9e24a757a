/* A process that runs a tool which never ends, to be killed by a test: argument 1 is where the tool writes its pid. */
import { DEFAULT_WORKSPACE_ID } from '@automatos/kernel';
import { createToolRegistry } from '../registry.ts';
import { hostileTools } from './hostile-tools.fixture.ts';
import { createToolExecutor } from './tool-executor.ts';

const executor = createToolExecutor({
  registry: createToolRegistry(hostileTools),
  roots: () => [],
  outboundAllow: [],
});
await executor.execute({
  tool: 'test_hangs_as',
  input: { value: process.argv[2] },
  callId: 'call',
  idempotencyKey: 'key',
  workspaceId: DEFAULT_WORKSPACE_ID,
  grants: 'all',
  signal: new AbortController().signal,
});
