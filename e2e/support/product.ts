import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../apps/server/src/main.ts');
const START_MS_MAX = 90_000;

/** A product of its own, as one process with its own data folder. It is built already. */
export interface Product {
  url: string;
  /** The end of what it printed, for messages. */
  output(): string;
  /** `kill -9`: nothing is closed, nothing is written. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and ports, after {@link kill}. */
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

/** Starts a product on a fresh data folder and waits until its pages answer. */
export async function startProduct(env: Record<string, string>): Promise<Product> {
  const dataDir = await mkdtemp(join(tmpdir(), 'automatos-e2e-data-'));
  const [port, apiPort] = [await freePort(), await freePort()];
  let running: Running | undefined;
  const product: Product = {
    url: `http://127.0.0.1:${port}`,
    output: () => running?.output() ?? '',
    async kill() {
      running?.child.kill('SIGKILL');
      await running?.exited;
    },
    async start() {
      const args = ['--port', String(port), '--api-port', String(apiPort), '--data', dataDir];
      running = spawnProduct(args, env);
      await running.ready;
    },
    async remove() {
      await product.kill();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  try {
    await product.start();
  } catch (error) {
    await product.remove();
    throw error;
  }
  return product;
}

interface Running {
  child: ChildProcess;
  ready: Promise<void>;
  exited: Promise<void>;
  output: () => string;
}

function spawnProduct(args: readonly string[], env: Record<string, string>): Running {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    cwd: tmpdir(),
    // Nothing of the settings of the test run leaks into the product.
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      LOG_FORMAT: 'json',
      FSYNC: 'false',
      RATE_LIMIT_PER_MINUTE: '100000',
      RATE_LIMIT_PRINCIPAL_PER_MINUTE: '100000',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ready = Promise.withResolvers<void>();
  const exited = Promise.withResolvers<void>();
  const fail = (reason: string) =>
    ready.reject(new Error(`the product ${reason} before it was ready:\n${output.slice(-4000)}`));
  const late = setTimeout(() => fail(`needed more than ${START_MS_MAX / 1000} s`), START_MS_MAX);
  const read = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-100_000);
    if (output.includes('Automatos is ready')) ready.resolve();
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  child.once('exit', (code) => {
    fail(`ended with ${code}`);
    exited.resolve();
  });
  const settled = ready.promise.finally(() => clearTimeout(late));
  // A product that ends later was ready before: nobody waits for this promise then.
  settled.catch(() => undefined);
  return { child, ready: settled, exited: exited.promise, output: () => output };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<unknown>((resolve) => server.close(resolve));
  return port;
}
