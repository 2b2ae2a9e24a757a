/** Processes and requests of the gateway benchmark. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';

const HERE = import.meta.dirname;
const PORTKEY = join(HERE, 'foreign/node_modules/@portkey-ai/gateway/build/start-server.js');
const FLAGS = ['--disable-warning=ExperimentalWarning'];

/** What this run has started; nothing of it outlives the run. */
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Something that answers chat requests. */
export interface Contender {
  name: string;
  url: string;
  headers: Record<string, string>;
  model: string;
  child: ChildProcess;
}

function keep(child: ChildProcess): void {
  children.add(child);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a script of this folder that prints its port. */
async function startScript(
  file: string,
  args: string[],
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [...FLAGS, join(HERE, file), ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  keep(child);
  const port = await new Promise<string>((resolve) =>
    child.stdout.once('data', (data: Buffer) => resolve(data.toString().trim())),
  );
  return { child, url: `http://127.0.0.1:${port}` };
}

export async function startVendor(...args: string[]): Promise<Contender> {
  const { child, url } = await startScript('gateway-vendor.ts', args);
  return { name: 'direct', child, url, headers: {}, model: 'gpt-5.4-mini' };
}

export async function startBare(vendor: Contender): Promise<Contender> {
  const { child, url } = await startScript('gateway-bare.ts', [vendor.url]);
  return { name: 'bare proxy', child, url, headers: {}, model: 'openai/gpt-5.4-mini' };
}

/** Null when it is not installed (`npm ci --prefix bench/foreign --ignore-scripts`). */
export async function startPortkey(vendor: Contender): Promise<Contender | null> {
  if (!existsSync(PORTKEY)) return null;
  const port = await freePort();
  const child = spawn(process.execPath, [PORTKEY, `--port=${port}`, '--headless'], {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'] ?? '',
      TRUSTED_CUSTOM_HOSTS: '127.0.0.1,localhost',
    },
  });
  keep(child);
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers(url, child);
  const headers = {
    authorization: 'Bearer vendor',
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `${vendor.url}/v1`,
  };
  return { name: 'portkey', child, url, headers, model: 'gpt-5.4-mini' };
}

export interface Ours extends Contender {
  /** Answer of the API in the operator's name. */
  api<Body>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Body>;
}

/** The product as it is run: sign-in by an API key, limits, logging, costs, and a daily budget. */
export async function startOurs(
  vendor: Contender,
  {
    databaseUrl,
    down,
    flags = [],
  }: { databaseUrl: string | undefined; down: Contender; flags?: string[] },
): Promise<Ours> {
  const dataDir = await mkdtemp(join(tmpdir(), 'automatos-gateway-'));
  const port = await freePort();
  const main = join(HERE, '../apps/server/src/main.ts');
  const child = spawn(
    process.execPath,
    [...FLAGS, ...flags, main, '--api-port', String(port), '--data', dataDir],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: dataDir,
        AUTOMATOS_ROLES: 'api',
        LOG_FORMAT: 'json',
        RATE_LIMIT_PRINCIPAL_PER_MINUTE: '1000000',
        OPENAI_API_KEY: 'sk-bench-0123456789abcdef',
        OPENAI_BASE_URL: `${vendor.url}/v1`,
        OPENAI_COMPATIBLE_BASE_URL: `${down.url}/v1`,
        ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
      },
    },
  );
  keep(child);
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers(`${url}/health`, child);
  const operator = await untilThere(join(dataDir, 'operator.json'));
  const api: Ours['api'] = async (method, path, ...[body, headers = {}]) => {
    const response = await fetch(url + path, {
      method,
      headers: { 'x-api-key': operator.key, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as never;
  };
  const { key } = await api<{ key: string }>('POST', '/api/auth/api-keys', {
    name: 'bench',
    role: 'member',
  });
  return {
    name: 'ours',
    child,
    url,
    headers: { authorization: `Bearer ${key}` },
    model: 'openai/gpt-5.4-mini',
    api,
  };
}

async function untilThere(file: string): Promise<{ key: string }> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text !== '') return JSON.parse(text) as { key: string };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function untilAnswers(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    if ((await fetch(url).catch(() => null)) !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error(`${url} ended before it answered`);
}

const agent = new Agent({ connections: 200, keepAliveTimeout: 60_000 });

export interface Sample {
  ms: number;
  firstTokenMs: number;
}

/** One chat request, read to its end. Throws for anything but a whole answer. */
export async function ask(
  contender: Contender,
  options: { stream: boolean; model?: string },
): Promise<Sample> {
  const startedAt = performance.now();
  const { statusCode, body } = await request(`${contender.url}/v1/chat/completions`, {
    dispatcher: agent,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: '*/*',
      'user-agent': 'bench',
      ...contender.headers,
    },
    body: JSON.stringify({
      model: options.model ?? contender.model,
      messages: [
        { role: 'system', content: 'You answer in one sentence.' },
        {
          role: 'user',
          content: 'What is the weather in Wien today, and what will it be tomorrow?',
        },
      ],
      ...(options.stream ? { stream: true } : {}),
    }),
  });
  let firstTokenMs = 0;
  let text = '';
  for await (const part of body as AsyncIterable<Buffer>) {
    text += part.toString('latin1');
    if (firstTokenMs === 0 && text.includes('word0')) firstTokenMs = performance.now() - startedAt;
  }
  const isWhole = options.stream ? text.includes('[DONE]') : text.includes('word19');
  if (statusCode !== 200 || !isWhole)
    throw new Error(`${contender.name}: ${statusCode} ${text.slice(0, 300)}`);
  return { ms: performance.now() - startedAt, firstTokenMs };
}

/** Requests one after the other on each of `at` connections until the time is over. */
export async function load(
  contender: Contender,
  options: { stream: boolean; at: number; ms: number; model?: string },
): Promise<Sample[]> {
  const until = performance.now() + options.ms;
  const samples: Sample[] = [];
  await Promise.all(
    Array.from({ length: options.at }, async () => {
      while (performance.now() < until) {
        const sample = await ask(contender, options).catch(unlessReset);
        if (sample !== null) samples.push(sample);
      }
    }),
  );
  return samples;
}

/** A kept connection that the other side closed in the same moment is no figure; everything else ends the run. */
function unlessReset(error: unknown): null {
  const code = (error as { code?: unknown }).code;
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return null;
  throw error;
}

/** Resident memory of the process, MB. */
export async function memoryOf({ child }: Contender): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}
