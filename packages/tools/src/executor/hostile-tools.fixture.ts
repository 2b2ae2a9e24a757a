/* Tools that misbehave in every way that a tool can; loaded by worker processes in tests. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import {
  defineTool,
  type ToolDefinition,
  type ToolEnvironment,
  type ToolRunResult,
} from '../definition.ts';

const url = import.meta.url;
const anyOutput = z.object({ text: z.string().optional(), rows: z.array(z.unknown()).optional() });

function hostile(
  name: string,
  exportName: string,
  run: (input: unknown, env: ToolEnvironment) => Promise<ToolRunResult<unknown>>,
): ToolDefinition {
  return defineTool({
    name,
    title: name,
    description: `Test tool ${name}.`,
    group: 'test',
    input: z.strictObject({ value: z.string().optional() }),
    output: anyOutput,
    capabilities: ['read'],
    timeoutMs: 20_000,
    idempotent: true,
    isolation: 'worker',
    workerModule: { url, exportName },
    run: run as never,
  });
}

export const throws = hostile('test_throws', 'throws', async () => {
  throw new TypeError('the parser met a comma');
});
export const throwsLater = hostile(
  'test_throws_later',
  'throwsLater',
  () =>
    new Promise(() =>
      setTimeout(() => {
        throw new Error('late');
      }, 5),
    ),
);
export const hangs = hostile('test_hangs', 'hangs', async () => {
  for (;;);
});
/** Says which process it is in the file that it is given, then computes for ever. */
export const hangsAs = hostile('test_hangs_as', 'hangsAs', async (input) => {
  writeFileSync((input as { value: string }).value, String(process.pid));
  for (;;);
});
/** Starts a program, says which process that is in the file that it is given, then computes for ever. */
export const startsProgram = hostile('test_starts_program', 'startsProgram', async (input) => {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  writeFileSync((input as { value: string }).value, String(child.pid));
  for (;;);
});
export const waits = hostile(
  'test_waits',
  'waits',
  () => new Promise(() => setInterval(() => {}, 1000)),
);
export const exits = hostile('test_exits', 'exits', async () => process.exit(3));
/** Rows that share one string, so that it is the output that is big, not the memory. */
export const floods = hostile('test_floods', 'floods', async () => {
  const block = 'x'.repeat(1024 * 1024);
  const rows = Array.from({ length: 500 }, (_, index) => `${index}:${block}`);
  return { output: { text: 'kept', rows }, summary: 'y'.repeat(1_000_000) };
});
export const floodsStreams = hostile(
  'test_floods_streams',
  'floodsStreams',
  async (_input, env) => {
    const block = 'x'.repeat(1024 * 1024);
    for (let index = 0; index < 500; index++) {
      process.stdout.write(block);
      env.progress(block);
      env.logger.warn({ block }, block);
    }
    return { output: { text: 'quiet' }, summary: 'done' };
  },
);
export const floodsFindings = hostile('test_floods_findings', 'floodsFindings', async () => ({
  output: { text: 'ok' },
  summary: 'many',
  findings: Array.from({ length: 20_000 }, (_, index) => ({
    rule: 'test.rule',
    severity: index === 19_999 ? ('critical' as const) : ('low' as const),
    message: 'm'.repeat(2000),
    evidence: `\u001b[31m${'e'.repeat(2000)}`,
    location: { path: 'a', line: index + 1 },
    tool: 'someone_else',
  })),
}));
export const allocates = hostile('test_allocates', 'allocates', async () => {
  const kept: unknown[] = [];
  for (;;) kept.push(Array.from({ length: 1000 }, (_, index) => ({ index, text: `${index}` })));
});
export const allocatesBuffers = hostile('test_allocates_buffers', 'allocatesBuffers', async () => {
  const kept: unknown[] = [];
  for (let index = 0; index < 2000; index++) {
    kept.push(Buffer.alloc(4 * 1024 * 1024, 1));
    const until = performance.now() + 5;
    while (performance.now() < until);
  }
  return { output: { text: `${kept.length}` }, summary: 'had 8 GB' };
});
export const lies = hostile('test_lies', 'lies', async () => ({
  output: { text: 5 },
  summary: 'not as promised',
}));
export const echoes = hostile('test_echoes', 'echoes', async (input) => ({
  output: { text: (input as { value?: string }).value ?? 'nothing' },
  summary: 'this text mentions an error',
}));
export const documents = hostile('test_documents', 'documents', async (input) => {
  const twice = (input as { value?: string }).value === 'twice';
  const document = (name: string, content: string) => {
    return { name, title: name, contentType: 'text/plain', content };
  };
  return {
    output: { text: 'o'.repeat(400_000) },
    summary: 'with documents',
    artifacts: [
      document('a.txt', 'small'),
      document(twice ? 'a.txt' : 'big.txt', 'x'.repeat(2_100_000)),
    ],
  };
});

export const hostileTools: ToolDefinition[] = [
  documents,
  throws,
  throwsLater,
  hangs,
  hangsAs,
  startsProgram,
  waits,
  exits,
  floods,
  floodsStreams,
  floodsFindings,
  allocates,
  allocatesBuffers,
  lies,
  echoes,
];
