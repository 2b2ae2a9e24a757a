import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventEnvelope, Run, RunStep } from '@automatos/contracts';
import { createTestDatabase } from '@automatos/database/testing';
import { deferred } from '@automatos/kernel';

const MAIN = join(import.meta.dirname, '../main.ts');

/** Where a product under test keeps its data: a folder of its own, and on a server a database of its own. */
export interface ProductPlace {
  dataDir: string;
  databaseUrl?: string;
  remove(): Promise<void>;
}

/** A fresh place of the kind that this run of the tests is for; the embedded one is copied from a prepared folder. */
export async function createPlace(): Promise<ProductPlace> {
  const dataDir = await mkdtemp(join(tmpdir(), 'automatos-product-'));
  const prepared = await createTestDatabase();
  if (prepared.url !== undefined) {
    return {
      dataDir,
      databaseUrl: prepared.url,
      async remove() {
        await prepared.close();
        await rm(dataDir, { recursive: true, force: true });
      },
    };
  }
  await prepared.database.close();
  await cp(prepared.dataDir as string, dataDir, { recursive: true });
  await prepared.close();
  return { dataDir, remove: () => rm(dataDir, { recursive: true, force: true }) };
}

export interface Product {
  child: ChildProcess;
  url: string;
  exited: Promise<number | null>;
  output: () => string;
  get<T>(path: string): Promise<T>;
  send(method: string, path: string, body?: unknown): Promise<{ status: number; body: never }>;
  /** Replaces what is kept under a version, whatever that is; throws unless it was taken. */
  replace(path: string, body: unknown): Promise<void>;
  startRun(recipe: string, inputs: object): Promise<Run>;
  /** Events in order until `enough` says so, live. */
  follow(runId: string, enough: (event: EventEnvelope) => boolean): Promise<EventEnvelope[]>;
  ended(runId: string): Promise<{ run: Run; steps: RunStep[]; events: EventEnvelope[] }>;
  kill(): Promise<void>;
  /** Ends it by a signal and returns the exit code. */
  stop(signal?: 'SIGTERM' | 'SIGINT'): Promise<number | null>;
}

export interface ProductOptions {
  env?: Record<string, string>;
  /** Arguments after the usual ones; a flag given again wins. */
  args?: string[];
  /** Command that becomes the product by `exec`, e.g. one that gives it a small disk first. */
  launcher?: string[];
  /** Where this process finds the data folder of the child when it sees another file system. */
  seenAt?: (pid: number) => string;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Environment of the child: nothing of the test run's own settings leaks into the product. */
function childEnv(place: ProductPlace, extra: Record<string, string>): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    ...(process.env['NODE_COMPILE_CACHE'] === undefined
      ? {}
      : { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] }),
    AUTOMATOS_ROLES: 'api,worker',
    AUTOMATOS_ROOTS: tmpdir(),
    LOG_FORMAT: 'json',
    FSYNC: 'false',
    RATE_LIMIT_PRINCIPAL_PER_MINUTE: '100000',
    ...(place.databaseUrl === undefined ? {} : { DATABASE_URL: place.databaseUrl }),
    ...extra,
  };
}

/** Spawns the product without checking that it comes up. */
export async function spawnProduct(place: ProductPlace, options: ProductOptions = {}) {
  const port = await freePort();
  const product = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    MAIN,
    '--api-port',
    String(port),
    '--port',
    '0',
    '--data',
    place.dataDir,
  ];
  const [command = '', ...rest] = [
    ...(options.launcher ?? []),
    ...product,
    ...(options.args ?? []),
  ];
  const child = spawn(command, rest, {
    cwd: place.dataDir,
    env: childEnv(place, options.env ?? {}),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ready = deferred<void>();
  const exited = deferred<number | null>();
  const read = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-200_000);
    if (output.includes('Automatos is ready')) ready.resolve();
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  child.once('exit', (code) => {
    exited.resolve(code);
    ready.reject(
      new Error(`the product ended with ${code} before it was ready:\n${output.slice(-4000)}`),
    );
  });
  ready.promise.catch(() => undefined);
  return {
    child,
    url: `http://127.0.0.1:${port}`,
    ready: ready.promise,
    exited: exited.promise,
    output: () => output,
  };
}

/** Starts the product and waits until it answers. */
export async function startProduct(
  place: ProductPlace,
  options: ProductOptions = {},
): Promise<Product> {
  const { child, url, ready, exited, output } = await spawnProduct(place, options);
  await ready;
  const { key } = JSON.parse(
    await readFile(
      join(options.seenAt?.(child.pid ?? 0) ?? place.dataDir, 'operator.json'),
      'utf8',
    ),
  ) as { key: string };
  return {
    child,
    exited,
    output,
    ...createCaller(url, key),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}

type Caller = Pick<Product, 'url' | 'send' | 'replace' | 'get' | 'follow' | 'startRun' | 'ended'>;

/** Requests to a running product in the operator's name. */
function createCaller(url: string, key: string): Caller {
  const headers = { 'x-api-key': key, 'content-type': 'application/json' };

  async function send(method: string, path: string, body?: unknown) {
    const response = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as never };
  }
  async function replace(path: string, body: unknown): Promise<void> {
    const { status } = await fetch(`${url}${path}`, {
      method: 'PUT',
      headers: { ...headers, 'if-match': '*' },
      body: JSON.stringify(body),
    });
    if (status !== 200) throw new Error(`PUT ${path} answered ${status}`);
  }
  async function get<T>(path: string): Promise<T> {
    const { status, body } = await send('GET', path);
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`);
    return body as T;
  }
  async function follow(
    runId: string,
    enough: (event: EventEnvelope) => boolean,
  ): Promise<EventEnvelope[]> {
    const response = await fetch(`${url}/api/runs/${runId}/events`, {
      headers: { ...headers, accept: 'text/event-stream' },
    });
    const events: EventEnvelope[] = [];
    for await (const event of readEvents(response)) {
      events.push(event);
      if (enough(event)) return events;
    }
    return events;
  }
  return {
    url,
    send,
    replace,
    get,
    follow,
    async startRun(recipe, inputs) {
      const { status, body } = await send('POST', `/api/workflow-recipes/${recipe}/execute`, {
        inputs,
      });
      if (status !== 202) throw new Error(`start answered ${status}: ${JSON.stringify(body)}`);
      return body;
    },
    async ended(runId) {
      const events = await follow(runId, (event) =>
        ['run.completed', 'run.failed', 'run.cancelled'].includes(event.type),
      );
      const { items } = await get<{ items: RunStep[] }>(`/api/runs/${runId}/steps`);
      return { run: await get<Run>(`/api/runs/${runId}`), steps: items, events };
    },
  };
}

async function* readEvents(response: Response): AsyncGenerator<EventEnvelope> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = block
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).trim())
        .join('\n');
      if (data !== '') yield JSON.parse(data) as EventEnvelope;
    }
  }
}
