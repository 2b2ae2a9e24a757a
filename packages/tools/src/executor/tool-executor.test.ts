import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_WORKSPACE_ID, PlatformError } from '@automatos/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { builtInTools } from '../built-in-tools.ts';
import { defineTool, type ToolInvocation } from '../definition.ts';
import { createToolRegistry } from '../registry.ts';
import { createToolExecutor } from './tool-executor.ts';
import { hostileTools } from './hostile-tools.fixture.ts';

const slowInline = defineTool({
  name: 'test_slow_inline',
  title: 'Slow',
  description: 'Waits for its signal.',
  group: 'test',
  input: z.strictObject({}),
  output: z.object({}),
  capabilities: ['read'],
  timeoutMs: 50,
  idempotent: true,
  isolation: 'inline',
  run: () => new Promise<never>(() => {}),
});
const effects: string[] = [];
const actor = defineTool({
  name: 'test_actor',
  title: 'Actor',
  description: 'Reads or writes.',
  group: 'test',
  input: z.strictObject({ action: z.enum(['look', 'change']) }),
  output: z.object({}),
  capabilities: ['read', 'write'],
  actions: { look: ['read'], change: ['read', 'write'] },
  actionOf: (input) => input.action,
  timeoutMs: 1000,
  idempotent: true,
  isolation: 'inline',
  tainted: false,
  async run({ action }) {
    effects.push(action);
    return { output: {}, summary: action };
  },
});
const calls: { name: string; labels: Record<string, string> }[] = [];
const metrics = {
  count: (name: string, labels: Record<string, string> = {}) => void calls.push({ name, labels }),
  observe() {},
  set() {},
};

let root: string;
let executor: ReturnType<typeof createToolExecutor>;
const registry = createToolRegistry([...builtInTools(), ...hostileTools, slowInline, actor]);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tools-'));
  await writeFile(join(root, 'a.txt'), 'one\ntwo\n');
  executor = createToolExecutor({
    registry,
    roots: () => [root],
    outboundAllow: [],
    metrics,
    limits: { workerMemoryMb: 128 },
  });
});
afterAll(async () => {
  await executor.close();
  await rm(root, { recursive: true });
});

function call(
  tool: string,
  input: unknown = {},
  more: Partial<ToolInvocation> = {},
): ToolInvocation {
  return {
    tool,
    input,
    callId: 'c1',
    idempotencyKey: 'k1',
    workspaceId: DEFAULT_WORKSPACE_ID,
    grants: 'all',
    signal: new AbortController().signal,
    ...more,
  };
}

describe('a tool that misbehaves', () => {
  it.each([
    ['test_throws', 'error', 'tools.run.failed', /failed: the parser met a comma/],
    ['test_throws_later', 'error', 'tools.worker.failed', /ended unexpectedly/],
    ['test_exits', 'error', 'tools.worker.failed', /ended unexpectedly/],
    ['test_lies', 'error', 'tools.output.invalid', /"\/text"/],
    ['test_allocates', 'error', 'tools.run.out_of_memory', /128 MB/],
    ['test_allocates_buffers', 'error', 'tools.run.out_of_memory', /128 MB/],
  ])('%s ends as %s %s and the process lives on', async (...row) => {
    const [tool, status, code, message] = row;
    const outcome = await executor.execute(call(tool));
    expect(outcome).toMatchObject({ status, output: null, error: { code } });
    expect(outcome.summary).toMatch(message);
    expect(await executor.execute(call('test_echoes', { value: 'alive' }))).toMatchObject({
      status: 'success',
      output: { text: 'alive' },
    });
  });

  it('that never ends is stopped at its time limit, while the event loop stays free', async () => {
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 20);
    const outcome = await executor.execute(call('test_hangs', {}, { timeoutMs: 700 }));
    clearInterval(ticking);
    expect(outcome).toMatchObject({ status: 'timeout', error: { code: 'tools.run.timeout' } });
    expect(ticks).toBeGreaterThan(10);
  });

  it('inline that never ends is answered at its time limit', async () => {
    expect(await executor.execute(call('test_slow_inline'))).toMatchObject({ status: 'timeout' });
  });

  it('that returns 500 MB gives a cut output with the full size, and small fields stay whole', async () => {
    const outcome = await createFloodExecutor();
    expect(outcome.status).toBe('success');
    expect(outcome.truncated).toBe(true);
    expect(outcome.outputBytes).toBeGreaterThan(500 * 1024 * 1024);
    expect(outcome.output).toMatchObject({ text: 'kept' });
    expect(JSON.stringify(outcome.output).length).toBeLessThan(270_000);
    expect(outcome.summary.length).toBeLessThan(2400);
    expect(outcome.summary).toContain('of 500');
  });

  async function createFloodExecutor() {
    const roomy = createToolExecutor({
      registry,
      roots: () => [root],
      outboundAllow: [],
      limits: { workerMemoryMb: 1536 },
    });
    try {
      return await roomy.execute(call('test_floods'));
    } finally {
      await roomy.close();
    }
  }

  it('that floods streams, logs and progress reaches the caller only in rations', async () => {
    const messages: string[] = [];
    const outcome = await executor.execute(
      call('test_floods_streams', {}, { onProgress: (message) => messages.push(message) }),
    );
    expect(outcome).toMatchObject({ status: 'success', output: { text: 'quiet' } });
    expect(messages.length).toBeLessThan(60);
    expect(Math.max(0, ...messages.map((message) => message.length))).toBeLessThan(300);
  });

  it('that reports 20,000 findings keeps the worst 500, bounded, printable and in its own name', async () => {
    const outcome = await executor.execute(call('test_floods_findings'));
    expect(outcome).toMatchObject({ status: 'success', findingsTotal: 20_000, truncated: true });
    expect(outcome.findings).toHaveLength(500);
    expect(outcome.findings[0]).toMatchObject({
      severity: 'critical',
      location: { line: 20_000 },
      tool: 'test_floods_findings',
    });
    expect(
      outcome.findings.every(
        (finding) => finding.evidence.length < 450 && !finding.evidence.includes('\u001b'),
      ),
    ).toBe(true);
  });
});

describe('cancel', () => {
  it('rejects with the reason of the signal within a second, running or waiting', async () => {
    const controller = new AbortController();
    const reason = new PlatformError({
      code: 'run.run.cancelled',
      kind: 'cancelled',
      message: 'Cancelled.',
    });
    const running = ['a', 'b', 'c'].map(() =>
      executor.execute(call('test_hangs', {}, { signal: controller.signal })),
    );
    setTimeout(() => controller.abort(reason), 300);
    const settled = await Promise.allSettled(running);
    expect(settled.map((entry) => (entry.status === 'rejected' ? entry.reason : 'no'))).toEqual([
      reason,
      reason,
      reason,
    ]);
  });

  it('before the start rejects without running', async () => {
    const aborted = AbortSignal.abort(new Error('too late'));
    await expect(
      executor.execute(call('test_actor', { action: 'change' }, { signal: aborted })),
    ).rejects.toThrow('too late');
    expect(effects).not.toContain('change');
  });
});

describe('permission', () => {
  it.each([
    ['no grant', [], undefined, 'denied'],
    [
      'grant for another tool',
      [{ tool: 'read_file', level: 'full' as const }],
      undefined,
      'denied',
    ],
    [
      'read-only grant, changing action',
      [{ tool: 'test_actor', level: 'read_only' as const }],
      undefined,
      'denied',
    ],
    [
      'other action granted',
      [{ tool: 'test_actor', level: { actions: ['look'] } }],
      undefined,
      'denied',
    ],
    ['capability not in the step intent', 'all' as const, ['read' as const], 'denied'],
    ['full grant', [{ tool: 'test_actor', level: 'full' as const }], undefined, 'success'],
    [
      'chosen action',
      [{ tool: 'test_actor', level: { actions: ['change'] } }],
      ['read' as const, 'write' as const],
      'success',
    ],
  ])('%s → %s', async (...row) => {
    const [, grants, allowedCapabilities, status] = row;
    effects.length = 0;
    const outcome = await executor.execute(
      call(
        'test_actor',
        { action: 'change' },
        { grants, ...(allowedCapabilities === undefined ? {} : { allowedCapabilities }) },
      ),
    );
    expect(outcome.status).toBe(status);
    expect(effects).toEqual(status === 'success' ? ['change'] : []);
  });

  it('a read-only grant permits the reading action, and the tool is offered under it', async () => {
    const grants = [{ tool: 'test_actor', level: 'read_only' as const }];
    expect(registry.forGrants(grants).map((tool) => tool.name)).toEqual(['test_actor']);
    expect(registry.forGrants([{ tool: 'write_file', level: 'read_only' }])).toEqual([]);
    expect(
      await executor.execute(call('test_actor', { action: 'look' }, { grants })),
    ).toMatchObject({ status: 'success', tainted: false });
  });

  it('a checker that throws, and grants that are no list, mean denied', async () => {
    const strict = createToolExecutor({
      registry,
      roots: () => [root],
      outboundAllow: [],
      permit: () => {
        throw new Error('database gone');
      },
    });
    expect(await strict.execute(call('test_echoes'))).toMatchObject({
      status: 'denied',
      error: { code: 'tools.permission.check_failed' },
    });
    expect(
      await executor.execute(call('test_echoes', {}, { grants: null as never })),
    ).toMatchObject({ status: 'denied' });
    await strict.close();
  });

  it('an unknown tool is denied, with names near to it, and one metric series for all of them', async () => {
    const outcome = await executor.execute(call('secrets_scan'));
    expect(outcome).toMatchObject({ status: 'denied', error: { code: 'tools.tool.not_found' } });
    expect(outcome.summary).toContain('"secret_scan"');
    expect(calls.at(-1)).toEqual({
      name: 'amas_tool_calls_total',
      labels: { tool: 'unknown', status: 'denied' },
    });
  });
});

describe('arguments', () => {
  it('that do not fit are named by pointer', async () => {
    const outcome = await executor.execute(
      call('read_file', { path: 'a.txt', from_line: 'x', extra: 1 }),
    );
    expect(outcome).toMatchObject({ status: 'error', error: { code: 'tools.arguments.invalid' } });
    expect(outcome.error?.errors?.map((error) => error.pointer)).toContain('/from_line');
  });

  it.each([
    ['prototype keys', JSON.parse('{"path":"a.txt","__proto__":{"x":1}}')],
    ['nested constructor keys', { path: 'a.txt', more: [{ constructor: 1 }] }],
    ['zero-width keys', { path: 'a.txt', 'pa\u200bth': 'b' }],
    ['depth', Array.from({ length: 40 }).reduce((inner) => ({ inner }), {})],
    ['size', { path: 'x'.repeat(2_000_000) }],
  ])('with unsafe %s are refused', async (_name, input) => {
    expect(await executor.execute(call('read_file', input))).toMatchObject({
      status: 'error',
      error: { code: 'tools.arguments.unsafe' },
    });
  });
});

it('marks what comes from files as tainted and counts success by type, not by words in the text', async () => {
  expect(await executor.execute(call('read_file', { path: 'a.txt' }))).toMatchObject({
    status: 'success',
    tainted: true,
    output: { text: 'one\ntwo\n', lines_total: 3 },
  });
  expect((await executor.execute(call('test_echoes'))).status).toBe('success');
  expect(calls.at(-1)).toEqual({
    name: 'amas_tool_calls_total',
    labels: { tool: 'test_echoes', status: 'success' },
  });
});

/** Waits for a condition; the limit is far above what it takes, so that a busy machine does not fail it. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error('the condition did not come true');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function pidIn(file: string): Promise<number> {
  return until(async () => {
    const text = await readFile(file, 'utf8').catch(() => '');
    return text === '' ? undefined : Number(text);
  });
}

function ended(pid: number): Promise<boolean> {
  return until(async () => {
    try {
      process.kill(pid, 0);
      // Killed, but its end not yet fetched by its parent: it runs no more.
      const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      return /\) Z /.test(status) ? true : undefined;
    } catch {
      return true;
    }
  });
}

describe('the process of a tool', () => {
  it('ends on cancel', async () => {
    const controller = new AbortController();
    const file = join(root, 'cancelled.pid');
    const running = executor.execute(
      call('test_hangs_as', { value: file }, { signal: controller.signal }),
    );
    const pid = await pidIn(file);
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    expect(await ended(pid)).toBe(true);
  });

  it('ends at its time limit with the programs that it started', async () => {
    const file = join(root, 'program.pid');
    const outcome = await executor.execute(
      call('test_starts_program', { value: file }, { timeoutMs: 1500 }),
    );
    expect(outcome.status).toBe('timeout');
    expect(await ended(await pidIn(file))).toBe(true);
  });

  it('does not outlive a server that is killed, even while it computes without a pause', async () => {
    const file = join(root, 'orphan.pid');
    const script = new URL('./hang-parent.fixture.ts', import.meta.url);
    const parent = spawn(process.execPath, [fileURLToPath(script), file], { stdio: 'ignore' });
    const pid = await pidIn(file);
    parent.kill('SIGKILL');
    expect(await ended(pid)).toBe(true);
  });
});

it('after close refuses new calls with a typed outcome', async () => {
  const other = createToolExecutor({ registry, roots: () => [root], outboundAllow: [] });
  await other.close();
  expect(await other.execute(call('test_echoes'))).toMatchObject({
    status: 'error',
    error: { code: 'tools.executor.closed' },
  });
});

describe('documents beside the output', () => {
  it('come through a worker, checked and bounded; a cut output is whole in one of them', async () => {
    const outcome = await executor.execute(call('test_documents', { value: 'x' }));
    expect(outcome).toMatchObject({
      status: 'success',
      truncated: true,
      fullOutput: 'full-output.json',
    });
    expect(outcome.artifacts?.map(({ name, content }) => [name, content.length])).toEqual([
      ['a.txt', 5],
      ['big.txt', 2_000_000],
      ['full-output.json', expect.any(Number)],
    ]);
    expect(outcome.summary).toContain('1 artifacts were cut.');
    const whole = JSON.parse(outcome.artifacts?.[2]?.content ?? '') as { text: string };
    expect(whole.text).toHaveLength(400_000);
  });

  it('with the same name twice are no result', async () => {
    expect(await executor.execute(call('test_documents', { value: 'twice' }))).toMatchObject({
      status: 'error',
      error: { code: 'tools.output.invalid' },
    });
  });
});
