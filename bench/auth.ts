/**
 * What sign-in and tenancy cost a request: GET of one row as JSON, 50 connections at once, bare Fastify without either beside the
 * product by session cookie, access token and API key, interleaved: `node bench/auth.ts [--rounds 7] [--ms 1500] [--at 50]`. Needs a
 * PostgreSQL server (`node scripts/services.mjs up`).
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createTestDatabase } from '@automatos/database/testing';
import { Agent } from 'undici';
import { median, table } from './measure.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    ms: { type: 'string', default: '1500' },
    at: { type: 'string', default: '50' },
    profile: { type: 'string' },
    only: { type: 'string' },
  },
});
const FLAGS = ['--disable-warning=ExperimentalWarning'];
const AT = Number(values.at);
const MS = Number(values.ms);
const ROUNDS = Number(values.rounds);

const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

interface Contender {
  name: string;
  origin: string;
  path: string;
  headers: Record<string, string>;
}

interface Round {
  p50: number;
  p95: number;
  perSecond: number;
}

function start(script: string, args: string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(
    process.execPath,
    [
      ...FLAGS,
      ...(env['NODE_FLAGS']?.split(' ') ?? []),
      join(import.meta.dirname, script),
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'] ?? '', ...env } },
  );
  children.add(child);
  return child;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) =>
    child.stdout?.once('data', (data: Buffer) => resolve(data.toString().trim())),
  );
}

async function until<T>(what: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const found = await what().catch(() => null);
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

interface Product {
  child: ChildProcess;
  contenders: Contender[];
  itemId: string;
}

type Send = (
  method: string,
  path: string,
  init: { body?: unknown; headers?: Record<string, string> },
) => Promise<Response>;

function sendTo(url: string): Send {
  return async (method, path, init) => {
    const response = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', ...init.headers },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
    if (!response.ok)
      throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
}

/** The product as it is run, with one person, a key of theirs and a row to read. */
async function startProduct(databaseUrl: string): Promise<Product> {
  const dataDir = await mkdtemp(join(tmpdir(), 'automatos-auth-'));
  const port = 20_000 + Math.floor(process.pid % 20_000);
  const args = ['--api-port', String(port), '--data', dataDir];
  const child = start('../apps/server/src/main.ts', args, {
    HOME: dataDir,
    AUTOMATOS_ROLES: 'api',
    LOG_FORMAT: 'json',
    RATE_LIMIT_PRINCIPAL_PER_MINUTE: '1000000',
    DATABASE_URL: databaseUrl,
    ...(values.profile === undefined
      ? {}
      : { NODE_FLAGS: `--cpu-prof --cpu-prof-dir ${values.profile}` }),
  });
  child.stdout?.resume();
  const url = `http://127.0.0.1:${port}`;
  await until(async () => ((await fetch(`${url}/ready`)).ok ? true : null));
  const operator = await until(
    async () =>
      JSON.parse(await readFile(join(dataDir, 'operator.json'), 'utf8')) as { key: string },
  );
  const { itemId, proofs } = await prepare(sendTo(url), operator.key);
  const place = { origin: url, path: `/api/personas/${itemId}` };
  return { child, itemId, contenders: proofs.map((proof) => ({ ...proof, ...place })) };
}

/** A row, and the ways in which one may come to it. */
async function prepare(
  send: Send,
  operatorKey: string,
): Promise<{ itemId: string; proofs: Pick<Contender, 'name' | 'headers'>[] }> {
  const person = { email: 'bench@example.com', name: 'Bench', password: 'blue horse 4 a stable' };
  const signedUp = await send('POST', '/api/auth/sign-up', { body: person });
  const cookies = signedUp.headers.getSetCookie().map((each) => each.split(';')[0]);
  const cookie = cookies.join('; ');
  const headers = { 'x-api-key': operatorKey };
  const made = async <Made>(path: string, body: object, by: Record<string, string>) =>
    (await (await send('POST', path, { body, headers: by })).json()) as Made;
  const key = await made<{ key: string }>(
    '/api/auth/api-keys',
    { name: 'bench', role: 'member' },
    headers,
  );
  const token = await made<{ access_token: string }>(
    '/api/auth/token',
    {},
    { cookie, 'sec-fetch-site': 'same-origin' },
  );
  const row = { name: 'Bench', category: 'bench', description: 'To read.', prompt: 'Say it.' };
  const item = await made<{ id: string }>('/api/personas', row, headers);
  return {
    itemId: item.id,
    proofs: [
      { name: 'session cookie', headers: { cookie } },
      { name: 'access token', headers: { authorization: `Bearer ${token.access_token}` } },
      { name: 'API key', headers: { 'x-api-key': key.key } },
    ],
  };
}

const agent = new Agent({ connections: AT, keepAliveTimeout: 60_000 });

async function one({ name, origin, path, headers }: Contender): Promise<number> {
  const startedAt = performance.now();
  const { statusCode, body } = await agent.request({ origin, path, method: 'GET', headers });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`${name}: ${statusCode} ${text.slice(0, 300)}`);
  return performance.now() - startedAt;
}

async function round(contender: Contender): Promise<Round> {
  const startedAt = performance.now();
  const samples: number[] = [];
  await Promise.all(
    Array.from({ length: AT }, async () => {
      while (performance.now() - startedAt < MS) samples.push(await one(contender));
    }),
  );
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return {
    p50: at(0.5),
    p95: at(0.95),
    perSecond: (samples.length * 1000) / (performance.now() - startedAt),
  };
}

const own = await createTestDatabase();
if (own.url === undefined) throw new Error('This benchmark needs a PostgreSQL server.');
const product = await startProduct(own.url);
const bare = start('auth-bare.ts', [own.url, product.itemId]);
const contenders: Contender[] = [
  {
    name: 'bare Fastify',
    origin: `http://127.0.0.1:${await firstLine(bare)}`,
    path: '/item',
    headers: {},
  },
  ...product.contenders.filter(({ name }) => (values.only ?? name) === name),
];
const rounds = new Map<string, Round[]>(contenders.map(({ name }) => [name, []]));
for (let count = 0; count <= ROUNDS; count += 1) {
  for (const contender of contenders) {
    const figures = await round(contender);
    // The first round warms everything up.
    if (count > 0) rounds.get(contender.name)?.push(figures);
  }
}
/** Of each round beside the bare one of the same round: other work on the machine hits both. */
const ratio = (name: string, pick: (figures: Round) => number) =>
  median(
    (rounds.get(name) ?? []).map(
      (figures, at) => pick(figures) / pick(rounds.get('bare Fastify')?.[at] as Round),
    ),
  );
process.stdout.write(
  `${table(
    contenders.map(({ name }) => {
      const all = rounds.get(name) ?? [];
      return {
        [`GET of one row, ${AT} at once`]: name,
        'p50, ms': median(all.map(({ p50 }) => p50)).toFixed(2),
        'p95, ms': median(all.map(({ p95 }) => p95)).toFixed(2),
        'requests/s': Math.round(median(all.map(({ perSecond }) => perSecond))),
        'p50 ÷ bare': ratio(name, ({ p50 }) => p50).toFixed(2),
        'p95 ÷ bare': ratio(name, ({ p95 }) => p95).toFixed(2),
      };
    }),
  )}\n`,
);
await agent.close();
const stopped = new Promise((resolve) => product.child.once('exit', resolve));
product.child.kill('SIGTERM');
await stopped;
bare.kill();
await own.close();
process.exit();
