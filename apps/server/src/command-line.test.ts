import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  agentRoutes,
  authRoutes,
  providerRoutes,
  recipeDefinitionSchema,
  recipeRoutes,
  ROLE_PERMISSIONS,
  type BoundRoute,
  type Call,
} from '@automatos/contracts';
import {
  DEFAULT_WORKSPACE_ID,
  newId,
  notFound,
  PlatformError,
  silentLogger,
  systemClock,
  type JsonObject,
} from '@automatos/kernel';
import { createWorkspaceRoots } from '@automatos/tools';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRunRoutes } from './http/run-routes.ts';
import { createSystemRoutes } from './http/system-routes.ts';
import { startCliHost } from './testing/cli-host.ts';
import type { CliHost } from './testing/cli-host.ts';
import { startEdge, testRoute, type EdgeFixture } from './testing/edge-fixture.ts';
import { createMemoryRuns, type MemoryRuns } from './testing/memory-runs.ts';

const BIN = fileURLToPath(new URL('../../cli/bin/automatos.mjs', import.meta.url));
const USAGE = {
  model_calls: 1,
  tool_calls: 1,
  input_tokens: 10,
  output_tokens: 5,
  cached_input_tokens: 0,
  reasoning_tokens: 0,
  cost_micros: 1200,
  estimated: false,
};

let fixture: EdgeFixture;
let runs: MemoryRuns;
let url: string;
let host: CliHost;
let folder: string;
/** What the recipe's run does after it was made. */
let script: (runId: string) => void;
let executions: Call[];

const definition = recipeDefinitionSchema.parse({
  slug: 'demo',
  name: 'Demo',
  inputs: {
    type: 'object',
    properties: {
      path: { type: 'string', format: 'folder' },
      depth: { type: 'integer' },
      deep: { type: 'boolean' },
    },
  },
  steps: [{ step_id: 'scan', type: 'tool', tool: 'list_files' }],
});
const now = () => new Date().toISOString();
const recipe = {
  id: newId(),
  slug: 'demo',
  name: 'Demo',
  description: '',
  tags: [],
  category: null,
  version: 3,
  seeded: false,
  step_count: 1,
  agents: [],
  runs_total: 0,
  last_run_at: null,
  created_at: now(),
  updated_at: now(),
  definition,
  yaml: 'slug: demo\n',
};

function bind(spec: BoundRoute['spec'], handle: BoundRoute['handle']): BoundRoute {
  return { ...testRoute(spec, handle), spec };
}

function recipeBindings(): BoundRoute[] {
  const idOf = (call: Call) => (call.params as unknown as { recipe_id: string }).recipe_id;
  return [
    bind(recipeRoutes.list, async () => ({ body: { items: [recipe], next_cursor: null } })),
    bind(recipeRoutes.get, async (call) => {
      if (idOf(call) !== 'demo') throw notFound('recipe', idOf(call));
      return { body: recipe, etag: '3' };
    }),
    bind(recipeRoutes.execute, async (call) => {
      executions.push(call);
      const run = runs.add({
        inputs: (call.body as unknown as { inputs: JsonObject }).inputs,
        title: 'Demo',
      });
      setImmediate(() => script(run.id));
      return { body: run };
    }),
    bind(recipeRoutes.validate, async (call) => {
      const { yaml } = call.body as unknown as { yaml: string };
      const errors = yaml.includes('bad')
        ? [
            {
              pointer: '/steps/0/agent',
              message: 'no agent "bad"',
              line: 4,
              column: 12,
              suggestion: 'bat',
            },
          ]
        : [];
      return { body: { valid: errors.length === 0, errors } };
    }),
    bind(recipeRoutes.create, async () => {
      throw new PlatformError({
        code: 'recipe.slug.taken',
        kind: 'conflict',
        message: 'A recipe "demo" exists.',
      });
    }),
    bind(recipeRoutes.update, async (call) => {
      if (call.headers['if-match'] !== '"3"')
        throw new PlatformError({
          code: 'recipe.version.stale',
          kind: 'conflict',
          message: 'stale',
        });
      return { body: { ...recipe, version: 4 } };
    }),
  ];
}

function sessionBinding(): BoundRoute {
  const workspace = {
    id: DEFAULT_WORKSPACE_ID,
    slug: 'default',
    name: 'Default',
    role: 'owner' as const,
    created_at: now(),
  };
  return bind(authRoutes.session, async () => ({
    body: {
      user: null,
      principal: { kind: 'operator', id: 'operator', name: 'Operator' },
      workspace,
      workspaces: [workspace],
      permissions: [...ROLE_PERMISSIONS.owner],
    },
  }));
}

function findingsBinding(): BoundRoute {
  const finding = (code: string, severity: 'info' | 'warning' | 'error') => ({
    code,
    severity,
    setting: `router.${code}`,
    message: `${code} counts for nothing.`,
    remedy: 'Remove it.',
  });
  return bind(providerRoutes.configuration, async () => ({
    body: {
      items: [finding('chain', 'error'), finding('cache', 'warning'), finding('limit', 'info')],
      checked_at: now(),
    },
  }));
}

beforeAll(() => {
  host = startCliHost();
});
afterAll(() => host.close());
beforeEach(async () => {
  executions = [];
  runs = createMemoryRuns();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'cli-')));
  const metrics = { count() {}, observe() {}, set() {} };
  const system = createSystemRoutes({
    version: '1.2.3',
    clock: systemClock,
    logger: silentLogger,
    checks: [{ name: 'database', check: () => Promise.resolve('answers') }],
    runs,
    notes: () => Promise.resolve(['FSYNC has no effect.']),
    telemetry: {
      exposition: () => Promise.resolve(''),
      sample: () => ({
        cpuPercent: 1,
        memoryPercent: 1,
        memoryBytes: 1,
        eventLoopLagMs: { p50: 0, p99: 0 },
      }),
      endpointStats: { record() {}, list: () => [] },
    },
  });
  const routes = [
    ...recipeBindings(),
    sessionBinding(),
    findingsBinding(),
    bind(agentRoutes.list, async () => ({ body: { items: [], next_cursor: null } })),
    ...createRunRoutes({
      runs,
      reads: runs,
      emailOf: async () => undefined,
      roots: createWorkspaceRoots([]),
      clock: systemClock,
      metrics,
    }),
    ...system,
  ];
  fixture = await startEdge(routes);
  ({ url } = await fixture.edge.listen({ host: '127.0.0.1', port: 0 }));
  script = complete;
});
afterEach(() => fixture.close());

function complete(runId: string): void {
  runs.emit(runId, 'run.started');
  runs.emit({ run: runId, step: 'scan' }, 'step.started', {
    name: 'Scan files',
    type: 'tool',
    tool: 'list_files',
    attempt: 1,
    depends_on: [],
  });
  runs.emit({ run: runId, step: 'scan' }, 'tool.completed', {
    call_id: 'scan/1/1/0',
    tool: 'list_files',
    duration_ms: 5,
    summary: '3 files',
    findings_total: 0,
    findings: [],
    output_preview: '',
    truncated: false,
  });
  runs.emit({ run: runId, step: 'scan' }, 'step.completed', {
    duration_ms: 7,
    output_preview: '',
    usage: USAGE,
  });
  runs.emit(runId, 'run.completed', { duration_ms: 9, usage: USAGE });
}

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function start(
  args: string[],
  options: { env?: Record<string, string>; key?: string | null } = {},
) {
  const {
    AUTOMATOS_API_KEY: _key,
    AUTOMATOS_URL: _url,
    AUTOMATOS_DATA_DIR: _data,
    ...inherited
  } = process.env;
  const key = options.key === undefined ? 'owner' : options.key;
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: folder,
    env: {
      ...inherited,
      AUTOMATOS_URL: url,
      ...(key === null ? {} : { AUTOMATOS_API_KEY: key }),
      ...options.env,
    },
  });
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (ended.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (ended.stderr += chunk.toString()));
  const done = new Promise<Ended>((resolve) =>
    child.once('close', (code) => resolve(Object.assign(ended, { code }))),
  );
  return { child, ended, done };
}
/** Without a process of its own: for what is not about signals, pipes or the start itself. */
async function cli(
  args: string[],
  { env = {}, key = 'owner' }: { env?: Record<string, string>; key?: string | null } = {},
): Promise<Ended> {
  const { code, out, err } = await host.run(args, {
    cwd: folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      AUTOMATOS_URL: url,
      ...(key === null ? {} : { AUTOMATOS_API_KEY: key }),
      ...env,
    },
  });
  return { code, stdout: out, stderr: err };
}

describe('automatos run', () => {
  test('watches to the end in plain lines; 0 when completed; folders become absolute, values typed', async () => {
    mkdirSync(join(folder, 'repo'));
    const { code, stdout } = await cli([
      'run',
      'demo',
      '--input',
      'path=repo',
      '-i',
      'depth=3',
      '-i',
      'deep=true',
      '--watch',
    ]);
    expect(code).toBe(0);
    expect(executions[0]?.body).toEqual({
      inputs: { path: join(folder, 'repo'), depth: 3, deep: true },
      dry_run: false,
    });
    expect(executions[0]?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
    expect(stdout).toMatch(
      /Scan files: started\n.*Scan files: list_files: 3 files\n.*Scan files: completed in 0\.0 s\n.*run: completed\n/,
    );
    expect(stdout).toContain('completed in');
    expect(stdout).not.toContain('\u001b[');
  });

  test('--json gives one event per line and the result last', async () => {
    const { code, stdout } = await cli(['run', 'demo', '--watch', '--json']);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { seq?: number; result?: { run: { status: string } } });
    expect(lines.slice(0, -1).map((line) => line.seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(lines.at(-1)?.result?.run.status).toBe('completed');
    expect(code).toBe(0);
  });

  test('without --watch only the result is printed', async () => {
    const { stdout } = await cli(['run', 'demo', '--json']);
    expect(stdout.trim().split('\n')).toHaveLength(1);
  });

  test('1 and the reason when the run failed', async () => {
    script = (id) => {
      runs.emit(id, 'run.failed', {
        error: { code: 'tools.x.y', kind: 'timeout', message: 'The scan took too long.' },
        duration_ms: 1,
        usage: USAGE,
      });
    };
    const { code, stdout } = await cli(['run', 'demo']);
    expect(code).toBe(1);
    expect(stdout).toContain('The scan took too long.');
  });

  test('3 when the run was cancelled', async () => {
    script = (id) =>
      void runs.emit(id, 'run.cancelled', { by: { kind: 'user', name: 'x' }, duration_ms: 1 });
    expect((await cli(['run', 'demo'])).code).toBe(3);
  });

  test('5 when the run is paused and nobody is at the terminal', async () => {
    script = (id) => void runs.emit(id, 'run.paused', { by: { kind: 'user', name: 'x' } });
    const { code, stderr } = await cli(['run', 'demo', '--watch']);
    expect(code).toBe(5);
    expect(stderr).toContain('automatos runs resume');
  });

  test.each([
    ['no recipe', ['run']],
    ['an unknown recipe', ['run', 'nothing']],
    ['an unknown flag', ['run', 'demo', '--wach']],
    ['an unknown input', ['run', 'demo', '-i', 'colour=red']],
    ['a pair without =', ['run', 'demo', '-i', 'path']],
    ['a wrong type', ['run', 'demo', '-i', 'depth=deep']],
    ['broken JSON', ['run', 'demo', '--input-json', '{']],
    ['a file that is not there', ['run', 'demo', '--input-json', 'none.json']],
    ['an unknown command', ['bake']],
  ])('2 and a sentence for %s', async (_name, args) => {
    const { code, stderr } = await cli(args);
    expect([code, executions.length]).toEqual([2, 0]);
    expect(stderr.trim()).not.toBe('');
    expect(stderr).not.toContain('    at ');
  });

  test('inputs come from a JSON file too; --input wins', async () => {
    writeFileSync(join(folder, 'inputs.json'), '{"depth":1,"path":"x"}');
    await cli(['run', 'demo', '--input-json', 'inputs.json', '-i', 'depth=2']);
    expect(executions[0]?.body).toEqual({
      inputs: { depth: 2, path: join(folder, 'x') },
      dry_run: false,
    });
  });

  test('--detach returns at once with the id', async () => {
    script = () => undefined;
    const { code, stdout } = await cli(['run', 'demo', '--detach']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[0-9a-f-]{36}\n/);
  });

  test('Ctrl-C leaves the run alone and says how to come back; with --cancel-on-interrupt it cancels', async () => {
    for (const [flags, expected] of [
      [[], 5],
      [['--cancel-on-interrupt'], 3],
    ] as const) {
      script = (id) => void runs.emit(id, 'run.started');
      const { child, ended, done } = start(['run', 'demo', '--watch', ...flags]);
      await expect.poll(() => ended.stdout, { timeout: 10_000 }).toContain('run: started');
      child.kill('SIGINT');
      expect((await done).code).toBe(expected);
    }
  });

  test('a lost connection is made again without a lost or doubled event', async () => {
    const proxy = await startCuttingProxy(Number(new URL(url).port));
    script = (id) => {
      for (let count = 0; count < 5; count += 1)
        runs.emit({ run: id, step: 'scan' }, 'step.progress', { message: `${count}` });
    };
    const { ended, done } = start(['run', 'demo', '--watch', '--json'], {
      env: { AUTOMATOS_URL: proxy.url },
    });
    await expect
      .poll(() => ended.stdout.split('\n').length, { timeout: 10_000 })
      .toBeGreaterThan(6);
    proxy.cut();
    complete((JSON.parse(ended.stdout.split('\n')[0] ?? '') as { run_id: string }).run_id);
    const { code, stdout } = await done;
    const seqs = stdout
      .trim()
      .split('\n')
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
    expect(seqs).toEqual(Array.from({ length: 11 }, (_, index) => index + 1));
    expect(code).toBe(0);
    proxy.server.close();
  });
});

/** Passes bytes on to `port` until `cut` drops every connection that is open. */
async function startCuttingProxy(
  port: number,
): Promise<{ url: string; server: Server; cut(): void }> {
  const open = new Set<{ destroy(): void }>();
  const server = createServer();
  server.removeAllListeners('request');
  server.on('connection', (socket) => {
    const upstream = connect(port, '127.0.0.1');
    for (const end of [socket, upstream]) {
      open.add(end);
      end.on('error', () => undefined);
      end.on('close', () => open.delete(end));
    }
    socket.pipe(upstream).pipe(socket);
  });
  // Bytes are passed on untouched: no HTTP parser of this process may read them.
  const [httpListener] = server.listeners('connection');
  server.removeListener('connection', httpListener as (socket: unknown) => void);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    cut: () => open.forEach((socket) => socket.destroy()),
  };
}

describe('credentials', () => {
  test('4 without a server, without a key, with a wrong key; each says what to do', async () => {
    const nowhere = await cli(['runs', 'list'], { env: { AUTOMATOS_URL: 'http://127.0.0.1:9' } });
    expect([nowhere.code, nowhere.stderr]).toEqual([4, expect.stringContaining('automatos up')]);
    const nobody = await cli(['runs', 'list'], { key: null, env: { AUTOMATOS_DATA_DIR: folder } });
    expect([nobody.code, nobody.stderr]).toEqual([4, expect.stringContaining('--api-key')]);
    expect((await cli(['runs', 'list'], { key: 'wrong' })).code).toBe(4);
  });

  test('the operator file of this machine is used, but its key goes to no other server', async () => {
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data', 'operator.json'), JSON.stringify({ url, key: 'owner' }));
    expect((await cli(['runs', 'list'], { key: null, env: { AUTOMATOS_URL: '' } })).code).toBe(0);
    const headers: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      headers.push(request.headers['x-api-key'] as string | undefined);
      response.writeHead(500).end();
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    await cli(
      ['runs', 'list', '--url', `http://127.0.0.1:${(other.address() as AddressInfo).port}`],
      { key: null },
    );
    expect(headers).toEqual([undefined]);
    other.close();
    expect((await cli(['runs', 'list', '--url', url], { key: null })).code).toBe(0);
  });
});

describe('other commands', () => {
  test('runs: list, show with the exit code of the run, pause, resume, cancel', async () => {
    expect((await cli(['runs', 'list'])).stdout).toContain('No runs yet');
    const run = runs.add({ title: 'Mine' });
    expect((await cli(['runs', 'list'])).stdout).toMatch(new RegExp(`${run.id}  queued .* Mine`));
    expect((await cli(['runs', 'pause', run.id])).stdout).toContain('is paused');
    expect((await cli(['runs', 'resume', run.id])).stdout).toContain('is running');
    expect((await cli(['runs', 'cancel', run.id, '--json'])).stdout).toContain(
      '"status":"cancelled"',
    );
    expect((await cli(['runs', 'show', run.id])).code).toBe(3);
    expect((await cli(['runs', 'show', newId()])).code).toBe(2);
  });

  test('recipes: list, export, validate with positions, import as a new version', async () => {
    expect((await cli(['recipes', 'list'])).stdout).toMatch(/demo +v3/);
    expect((await cli(['recipes', 'export', 'demo'])).stdout).toBe('slug: demo\n');
    writeFileSync(join(folder, 'good.yaml'), 'slug: demo\n');
    writeFileSync(join(folder, 'bad.yaml'), 'bad');
    expect((await cli(['recipes', 'validate', 'good.yaml'])).code).toBe(0);
    const bad = await cli(['recipes', 'validate', 'bad.yaml']);
    expect([bad.code, bad.stdout]).toEqual([
      2,
      'bad.yaml:4:12: no agent "bad" Did you mean bat? (/steps/0/agent)\n',
    ]);
    const refused = await cli(['recipes', 'import', 'good.yaml']);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--update')]);
    expect((await cli(['recipes', 'import', 'good.yaml', '--update'])).stdout).toBe(
      'demo version 4 saved\n',
    );
  });

  test('doctor tells what works; 4 without a server', async () => {
    const { code, stdout } = await cli(['doctor']);
    expect(stdout).toMatch(/server 1\.2\.3 answers/);
    expect(stdout).toMatch(/known as Operator/);
    expect(stdout).toMatch(/warn {2}FSYNC has no effect/);
    expect(stdout).toMatch(/bad {3}router\.chain: chain counts for nothing\. Remove it\./);
    expect(stdout).toMatch(/warn {2}router\.cache: /);
    expect(stdout).not.toContain('router.limit');
    expect(code).toBe(0);
    expect((await cli(['doctor', '--url', 'http://127.0.0.1:9'])).code).toBe(4);
  });

  test('help names every command and exit code', async () => {
    const { code, stdout } = await cli(['help']);
    expect(code).toBe(0);
    for (const word of [
      'run <recipe>',
      'runs list',
      'recipes validate',
      'agents list',
      'doctor',
      'up',
      'Exit codes',
    ])
      expect(stdout).toContain(word);
    expect((await cli([])).code).toBe(2);
  });

  test('an old Node hands over to the bundled one', async () => {
    const old = await new Promise<string>((resolve) => {
      execFile(
        '/usr/bin/env',
        ['-i', 'PATH=/usr/local/bin:/usr/bin', 'node', BIN, 'help'],
        (_error, stdout, stderr) => resolve(stdout + stderr),
      );
    });
    expect(old).toContain('automatos run <recipe>');
  });
});
