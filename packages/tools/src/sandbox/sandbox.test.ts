import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSandbox } from './create-sandbox.ts';
import type { SandboxCommand } from './sandbox.ts';

const sandbox = createSandbox({ platform: process.platform, scratchDir: tmpdir() });
let base: string;
let folder: string;

test('this machine can isolate: one that cannot fails the suite, and says what is missing', async () => {
  expect(await sandbox.check()).toEqual({ available: true });
});

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'automatos-sandbox-test-')));
  folder = join(base, 'mine');
  await mkdir(folder);
});
afterEach(() => rm(base, { recursive: true, force: true }));

const never = new AbortController().signal;

function run(script: string, rest: Partial<SandboxCommand> = {}) {
  return sandbox.run({ argv: ['sh', '-c', script], folder, signal: never, ...rest });
}

describe('what a command has', () => {
  test('its folder, its input, its arguments as they are, and its exit code', async () => {
    await writeFile(join(folder, 'a.txt'), 'from outside');
    const result = await sandbox.run({
      argv: ['sh', '-c', 'cat a.txt; cat; echo "$1" > made.txt; exit 3', 'sh', '$(id) `id`'],
      folder,
      stdin: ' and standard input',
      signal: never,
    });
    expect(result).toMatchObject({ exitCode: 3, stopped: null });
    expect(result.stdout.text).toBe('from outside and standard input');
    expect(await readFile(join(folder, 'made.txt'), 'utf8')).toBe('$(id) `id`\n');
  });

  test('what is mounted for it, to read only', async () => {
    const shared = join(base, 'shared');
    await mkdir(shared);
    await writeFile(join(shared, 'b.txt'), 'shared');
    const result = await run('cat /shared/b.txt; echo x > /shared/b.txt', {
      readable: [{ from: shared, to: '/shared' }],
    });
    expect(result.stdout.text).toBe('shared');
    expect(result.stderr.text).toContain('Read-only');
    expect(await readFile(join(shared, 'b.txt'), 'utf8')).toBe('shared');
  });

  test('only the environment that it was given', async () => {
    const result = await run('env | sort', { env: { TOKEN: 'short-lived' } });
    expect(result.stdout.text.split('\n').map((line) => line.split('=')[0])).toEqual(
      expect.arrayContaining(['HOME', 'LANG', 'PATH', 'TMPDIR', 'TOKEN']),
    );
    for (const name of Object.keys(process.env)) {
      if (['PATH', 'HOME', 'LANG', 'PWD', 'SHLVL', '_', 'TMPDIR'].includes(name)) continue;
      expect(result.stdout.text).not.toContain(`${name}=`);
    }
  });

  test.each([
    ['a mount over the system', { readable: [{ from: '/etc', to: '/usr' }] }],
    ['a mount that climbs', { readable: [{ from: '/etc', to: '/a/../usr' }] }],
    ['a variable that is none', { env: { 'A=B': 'x' } }],
  ])('%s is refused', async (_what, rest) => {
    await expect(run('true', rest)).rejects.toMatchObject({
      code: 'tools.sandbox.command_invalid',
    });
  });
});

describe('escapes', () => {
  test("a sibling's folder is not there, by path or by link", async () => {
    const sibling = join(base, 'sibling');
    await mkdir(sibling);
    await writeFile(join(sibling, 'secret.txt'), 'of another workspace');
    await symlink(join(sibling, 'secret.txt'), join(folder, 'link'));
    const result = await run(`cat link; cat ${sibling}/secret.txt; ls /work/..; ls ${base}`);
    expect(result.stdout.text).not.toContain('another workspace');
    expect(result.stdout.text).not.toContain('sibling');
  });

  test('a link that is changed during the run leads nowhere on the host', async () => {
    const result = await run(
      'for i in 1 2 3 4 5 6 7 8 9; do ln -sfn / here; ln -sfn /etc here; cat here/passwd here/shadow /etc/passwd; done; true',
    );
    expect(result.stdout.text).toBe('');
  });

  test('no process of the host is seen, signalled or read', async () => {
    const result = await run(
      `ls /proc | grep -c '^[0-9]'; kill -9 ${process.pid}; kill -9 -1; cat /proc/${process.pid}/environ; cat /proc/1/environ | tr '\\0' '\\n'`,
    );
    expect(Number(result.stdout.text.split('\n')[0])).toBeLessThan(10);
    expect(result.stdout.text).not.toContain('VITEST');
  });

  test('nothing of the network: the host, the metadata address, names', async () => {
    const hit: string[] = [];
    const server = createServer((request, response) => {
      hit.push(request.url ?? '');
      response.end('reached');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const script = `
import socket
for host, port in [("127.0.0.1", ${port}), ("169.254.169.254", 80), ("10.0.0.1", 80), ("example.com", 80)]:
    try:
        socket.create_connection((host, port), timeout=1).sendall(b"GET /stolen HTTP/1.0\\r\\n\\r\\n")
        print("connected", host)
    except OSError as error:
        print("refused", host)
`;
    const result = await sandbox.run({ argv: ['python3', '-c', script], folder, signal: never });
    server.close();
    expect(result.stdout.text.match(/refused/g)).toHaveLength(4);
    expect(hit).toEqual([]);
  });

  test('no privileges, no namespaces of its own, nothing written to the system', async () => {
    const result = await run(
      'id -u; grep CapEff /proc/self/status; unshare -U true && echo nested; mount -t tmpfs none /mnt && echo mounted; touch /usr/x /x && echo wrote; chroot / true && echo chroot',
    );
    expect(result.stdout.text).toBe('65534\nCapEff:\t0000000000000000\n');
  });
});

describe('limits', () => {
  test('a fork bomb stops at the number of processes, and all of it ends', async () => {
    const result = await run('f() { f | f & }; f; sleep 30', {
      limits: { processes: 40, wallMs: 1_500 },
    });
    expect(result.stopped === 'time' || result.exitCode !== 0).toBe(true);
  });

  test('time: the whole tree is killed', async () => {
    const result = await run('(sleep 60 && touch late) & sleep 60', { limits: { wallMs: 300 } });
    expect(result).toMatchObject({ stopped: 'time', exitCode: null });
  });

  test('endless output is cut, counted and stopped', async () => {
    const result = await run('yes', { limits: { outputBytes: 10_000 } });
    expect(result.stopped).toBe('output');
    expect(result.stdout.text).toHaveLength(10_000);
    expect(result.stdout.truncated).toBe(true);
    expect(result.stdout.bytes).toBeGreaterThan(600_000);
  });

  test('memory of one process', async () => {
    const script = 'a = bytearray(400 * 1024 * 1024); print("got it")';
    const limits = { memoryBytes: 64 * 1024 * 1024 };
    const result = await sandbox.run({
      argv: ['python3', '-c', script],
      folder,
      limits,
      signal: never,
    });
    expect(result.stdout.text).toBe('');
    expect(result.exitCode === 0).toBe(false);
  });

  test('memory of many processes together', async () => {
    const script =
      'import os,time\nfor i in range(8):\n  if os.fork() == 0:\n    a = bytearray(os.urandom(1024) * 40 * 1024)\n    time.sleep(60)\ntime.sleep(60)';
    const result = await sandbox.run({
      argv: ['python3', '-c', script],
      folder,
      limits: { memoryBytes: 128 * 1024 * 1024 },
      signal: never,
    });
    expect(result.stopped).toBe('memory');
  });

  test('one large file, and many small ones', async () => {
    const one = await run('head -c 5000000 /dev/zero > big; wc -c < big', {
      limits: { fileBytes: 1_000_000 },
    });
    expect(one.stdout.text).not.toContain('5000000');
    const many = await run('i=0; while :; do head -c 500000 /dev/zero > "f$i"; i=$((i+1)); done', {
      limits: { folderBytes: 20_000_000 },
    });
    expect(many.stopped).toBe('folder');
  });

  test('a cancelled command ends and says why', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled by a person');
    const running = run('echo started; sleep 60', { signal: controller.signal });
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
  });
});

test('a system without isolation says so and runs nothing', async () => {
  const elsewhere = createSandbox({ platform: 'darwin', scratchDir: tmpdir() });
  expect(await elsewhere.check()).toMatchObject({ available: false });
  await expect(elsewhere.run({ argv: ['true'], folder, signal: never })).rejects.toMatchObject({
    code: 'tools.sandbox.unavailable',
  });
});
