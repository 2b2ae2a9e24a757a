import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestBench } from '../../test-executor.fixture.ts';
import type { TestBench } from '../../test-executor.fixture.ts';
import { maskValues } from './mask-values.ts';

const MB = 1024 * 1024;
const SECRET = 'a-secret-of-the-workspace';
let base: string;
let bench: TestBench;
let quotaBytes: number;
let networkHosts: string[];
const folderOf = (workspace: string) => join(base, workspace);

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'automatos-command-')));
  await Promise.all(['mine', 'sibling'].map((name) => mkdir(folderOf(name))));
  await writeFile(join(folderOf('sibling'), 'secret.txt'), 'of another workspace');
  bench = await createTestBench({
    services: () => ({
      workspace: () => Promise.resolve({ folder: folderOf('mine'), quotaBytes, networkHosts }),
      secret: (name) => Promise.resolve(name === 'TOKEN' ? SECRET : null),
    }),
  });
});
beforeEach(() => {
  quotaBytes = 50 * MB;
  networkHosts = [];
});
afterAll(async () => {
  await bench.close();
  await rm(base, { recursive: true, force: true });
});

const run = (command: string, more: object = {}, call: Parameters<TestBench['run']>[2] = {}) =>
  bench.run('run_command', { command, ...more }, call);

describe('run_command', () => {
  test('runs in the folder of the workspace, which stays, and tells lines while it runs', async () => {
    const lines: string[] = [];
    const first = await run(
      'echo one; echo two >&2; echo kept > made.txt; exit 3',
      {},
      {
        onProgress: (message) => lines.push(message),
      },
    );
    expect(first).toMatchObject({
      status: 'success',
      output: {
        exit_code: 3,
        stopped: null,
        stdout: { text: 'one\n' },
        stderr: { text: 'two\n' },
        quota_bytes: 50 * MB,
      },
    });
    expect(lines.length).toBeGreaterThan(0);
    expect(await run('cat ../made.txt', { folder: 'deep/er/..' })).toMatchObject({
      status: 'error',
    });
    expect(await run('cat ../made.txt', { folder: 'deep' })).toMatchObject({
      output: { stdout: { text: 'kept\n' } },
    });
  });

  test('node and git work there', async () => {
    const outcome = await run(
      'git init -q repo && cd repo && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m first && git log --format=%s && node -e "console.log(6*7)"',
    );
    expect(outcome.output).toMatchObject({ exit_code: 0, stdout: { text: 'first\n42\n' } });
  });

  test('reaches no other workspace, by path, by link or by the folder that it asks for', async () => {
    const outcome = await run(
      `ln -s ${folderOf('sibling')} link; ln -s / root; cat ${folderOf('sibling')}/secret.txt link/secret.txt; ls /work/..`,
    );
    expect(JSON.stringify(outcome.output)).not.toContain('of another workspace');
    const there = await run('pwd; cat secret.txt', { folder: 'link' });
    expect(JSON.stringify(there.output)).not.toContain('of another workspace');
    expect(await readFile(join(folderOf('sibling'), 'secret.txt'), 'utf8')).toBe(
      'of another workspace',
    );
    for (const folder of ['..', '/etc', 'a/../../b']) {
      expect(await run('true', { folder })).toMatchObject({
        error: { code: 'tools.arguments.invalid' },
      });
    }
  });

  test('tools of the host do not follow the links that a command left', async () => {
    await run(`ln -sfn ${folderOf('sibling')}/secret.txt stolen.txt`);
    const outside = await createTestBench({ roots: () => [folderOf('mine')] });
    expect(await outside.run('read_file', { path: 'stolen.txt' })).toMatchObject({
      status: 'error',
      output: null,
    });
    await outside.close();
  });

  test('is held to the quota of the workspace, during a command and before the next', async () => {
    quotaBytes = 20 * MB;
    const filling = await run(
      'i=0; while :; do head -c 1000000 /dev/zero > "fill$i"; i=$((i+1)); done',
    );
    expect(filling).toMatchObject({
      status: 'success',
      output: { stopped: 'folder', exit_code: null },
    });
    expect(await run('echo more')).toMatchObject({
      error: { code: 'tools.workspace.quota_exceeded' },
    });
    quotaBytes = 500 * MB;
    expect(await run('rm -f fill*')).toMatchObject({ output: { exit_code: 0 } });
  });

  test('gets secrets for its time only, masked in what it writes', async () => {
    const outcome = await run(
      'echo "$TOKEN"; printf %s "$TOKEN" | base64; printf %s "$TOKEN" | od -An -tx1 | tr -d " \\n"',
      { secrets: ['TOKEN'] },
    );
    expect(outcome.output).toMatchObject({ exit_code: 0 });
    const text = JSON.stringify(outcome);
    for (const form of [
      SECRET,
      Buffer.from(SECRET).toString('base64'),
      Buffer.from(SECRET).toString('hex'),
    ])
      expect(text).not.toContain(form);
    expect(text).toContain('[masked]');
    expect(await run('true', { secrets: ['OTHER'] })).toMatchObject({
      error: { code: 'tools.workspace.secret_missing' },
    });
    expect((await run('env')).output).not.toMatchObject({
      stdout: { text: expect.stringContaining('TOKEN') as string },
    });
  });

  test('has the network only where the workspace lists hosts and the grant allows it', async () => {
    expect(await run('true', { network: true })).toMatchObject({
      error: { code: 'tools.workspace.network_denied' },
    });
    networkHosts = ['example.com'];
    const grants = [{ tool: 'run_command', level: { actions: ['offline'] } }];
    expect(await run('true', { network: true }, { grants })).toMatchObject({ status: 'denied' });
    expect(await run('true', {}, { grants })).toMatchObject({ status: 'success' });
    const refused = await run('curl -s http://169.254.169.254/; true', { network: true });
    expect(refused.output).toMatchObject({
      exit_code: 0,
      connections: [{ host: '169.254.169.254', port: 80, allowed: false }],
    });
    expect(refused.summary).toContain('Refused connections: 169.254.169.254');
  });

  test('ends with its call', async () => {
    const controller = new AbortController();
    const running = run(
      'echo started; sleep 60',
      {},
      {
        signal: controller.signal,
        onProgress: () => controller.abort(new Error('enough')),
      },
    );
    await expect(running).rejects.toThrow('enough');
  });
});

test('values are masked longest first, short ones not at all', () => {
  expect(maskValues('abcdef abcd abc', ['abcd', 'abcdef', 'abc'])).toBe('[masked] [masked] abc');
});
