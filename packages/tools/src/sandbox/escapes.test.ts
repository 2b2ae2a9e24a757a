import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PlatformError } from '@automatos/kernel';
import { createSandbox } from './create-sandbox.ts';
import { runWithNetwork } from './network/with-network.ts';
import type { SandboxCommand } from './sandbox.ts';

/** What a hostile command tries beyond sandbox.test.ts; docs/security.md lists all of it. */

const sandbox = createSandbox({ platform: process.platform, scratchDir: tmpdir() });
const never = new AbortController().signal;
let base: string;
let folder: string;
beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'automatos-escape-')));
  folder = join(base, 'mine');
  await mkdir(folder);
});
afterAll(() => rm(base, { recursive: true, force: true }));

const run = (script: string, rest: Partial<SandboxCommand> = {}) =>
  sandbox.run({ argv: ['sh', '-c', script], folder, signal: never, ...rest });

describe('a hostile command', () => {
  test('finds no place in memory that it could fill: root, devices, shared memory, temporary files', async () => {
    const result = await run(
      'for place in / /dev /etc /usr /proc; do touch $place/x && echo wrote $place; done; ' +
        'for place in /dev/shm /tmp; do head -c 100000000 /dev/zero > $place/fill; stat -c %s $place/fill; done',
    );
    const sizes = result.stdout.text.trim().split('\n').map(Number);
    expect(result.stdout.text).not.toContain('wrote');
    expect(sizes).toHaveLength(2);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(32 * 1024 * 1024);
  });

  test('gains nothing by setuid programs, devices of its own, or tracing', async () => {
    const script = `
import ctypes, os, subprocess
libc = ctypes.CDLL(None, use_errno=True)
def tried(name, worked):
    print(name, 'worked' if worked else 'refused')
tried('su', subprocess.run(['su', '-c', 'id -u'], input=b'', capture_output=True).stdout.strip() == b'0')
tried('setuid', libc.setuid(0) == 0)
tried('mknod', libc.mknod(b'/work/sda', 0o060666, os.makedev(8, 0)) == 0)
tried('ptrace', libc.ptrace(16, ${process.pid}, 0, 0) == 0)
tried('memory', os.path.exists('/proc/${process.pid}/mem') or os.path.exists('/dev/mem') or os.path.exists('/dev/kmsg'))
tried('hostname', libc.sethostname(b'owned', 5) == 0)
tried('clock', libc.clock_settime(0, ctypes.byref((ctypes.c_long * 2)(0, 0))) == 0)
tried('reboot', libc.reboot(0x89abcdef) == 0)
`;
    const result = await sandbox.run({ argv: ['python3', '-c', script], folder, signal: never });
    expect(result.stdout.text).not.toContain('worked');
    expect(result.stdout.text.match(/refused/g)).toHaveLength(8);
  });

  test('cannot signal its parent or the process that started it', async () => {
    const result = await run('kill -9 $PPID; kill -9 0 -1; echo survived', {
      limits: { wallMs: 5_000 },
    });
    expect(result.stopped).toBeNull();
    expect((await run('echo still')).stdout.text).toBe('still\n');
  });

  test('sees neither secrets of others on command lines nor our environment', async () => {
    const secret = 'value-that-nobody-else-may-see';
    const looked = Promise.withResolvers<string>();
    const running = run(
      'echo ready; while [ ! -e go ]; do :; done; test -n "$TOKEN" && echo has it',
      {
        env: { TOKEN: secret },
        onOutput: (text) => {
          if (!text.includes('ready')) return;
          void allCommandLines().then(looked.resolve, looked.reject);
        },
      },
    );
    expect(await looked.promise).not.toContain(secret);
    await writeFile(join(folder, 'go'), '');
    expect((await running).stdout.text).toContain('has it');
  });
});

async function allCommandLines(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.join('\n');
}

describe('network through the list of hosts', () => {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    hits.push(`${request.headers.host} ${request.url}`);
    response.end('reached');
  });
  let port: number;
  const other = createServer((_request, response) => {
    hits.push('other');
    response.end('reached');
  });
  beforeAll(async () => {
    for (const each of [server, other])
      await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
    await writeFile(join(folder, 'a.txt'), 'a');
  });
  afterAll(() => {
    server.close();
    other.close();
  });

  /** The name stands for our server, as an operator's exception would make it; everything else is judged as private. */
  const resolveAddress = (host: string) =>
    host === 'allowed.test'
      ? Promise.resolve('127.0.0.1')
      : Promise.reject(
          new PlatformError({
            code: 'tools.network.address_denied',
            kind: 'forbidden',
            message: 'its address is not a public one',
          }),
        );
  const reach = (script: string, hosts: string[]) =>
    runWithNetwork(
      sandbox,
      {
        argv: ['sh', '-c', script],
        folder,
        signal: never,
        limits: { privateBytes: 4 * 1024 ** 3, wallMs: 20_000 },
      },
      { hosts, resolveAddress, scratchDir: base },
    );

  test('a listed host is reached by request and by tunnel, and each connection is told', async () => {
    const result = await reach(
      `curl -s http://allowed.test:${port}/plain; curl -s -p http://allowed.test:${port}/tunnel; exit 4`,
      [`allowed.test:${port}`],
    );
    expect(result.stdout.text).toBe('reachedreached');
    expect(result.exitCode).toBe(4);
    expect(hits).toEqual([`allowed.test:${port} /plain`, `allowed.test:${port} /tunnel`]);
    expect(result.connections).toEqual([
      { host: 'allowed.test', port, allowed: true },
      { host: 'allowed.test', port, allowed: true },
    ]);
  });

  test('nothing else is: other hosts, ports, addresses, tunnels to private ones, or a way around the proxy', async () => {
    hits.length = 0;
    const otherPort = (other.address() as AddressInfo).port;
    const attempts = [
      `curl -s http://other.test:${port}/`,
      `curl -s http://allowed.test:${otherPort}/`,
      `curl -s http://127.0.0.1:${otherPort}/`,
      `curl -s -p http://127.0.0.1:${otherPort}/`,
      'curl -s -p http://169.254.169.254:80/latest/meta-data/',
      'curl -s http://listed-private.test/',
      'curl -s -p https://[::1]:443/',
      `curl -s --noproxy '*' --max-time 2 http://127.0.0.1:${otherPort}/`,
      `curl -s --noproxy '*' --max-time 2 http://allowed.test:${port}/`,
      'python3 -c "import socket; socket.create_connection((\'1.1.1.1\', 53), 1)"',
      "python3 -c \"import socket; s=socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'x', ('8.8.8.8', 53))\"",
      'getent hosts example.com',
      `printf 'GET http://allowed.test:${otherPort}/ HTTP/1.1\\r\\nHost: allowed.test:${port}\\r\\n\\r\\n' | timeout 2 python3 -c "import socket,sys; s=socket.create_connection(('127.0.0.1',3128)); s.sendall(sys.stdin.buffer.read()); print(s.recv(12))" | grep ' 200'`,
    ];
    const script = attempts
      .map((attempt, index) => `${attempt} | grep -q reached && echo "reached by ${index}"`)
      .join('\n');
    const result = await reach(`${script}\ntrue`, [`allowed.test:${port}`, 'listed-private.test']);
    expect(result.exitCode).toBe(0);
    expect(result.stdout.text).toBe('');
    expect(hits).toEqual([]);
    expect(result.connections.every((connection) => !connection.allowed)).toBe(true);
    expect(result.connections.length).toBeGreaterThanOrEqual(7);
  });
});
