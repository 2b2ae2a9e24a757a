/**
 * What a tool call costs through the executor, inline and in a worker, beside calling its function; how long the sandbox takes to start;
 * how long ranking takes over 2,000 tools. `node bench/tools.ts`
 */
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, databaseKind } from '@automatos/database/testing';
import { systemClock } from '@automatos/kernel';
import {
  createSandbox,
  createToolExecutor,
  createToolGate,
  createToolRanking,
  createToolRegistry,
  createToolSettings,
  createWorkspaceRoots,
} from '@automatos/tools';
import { median, table } from './measure.ts';

const ROUNDS = 5;
const CALLS = 200;
const STARTS = 15;
const TOOLS = 2_000;
const RANKINGS = 200;

const root = await realpath(await mkdtemp(join(tmpdir(), 'bench-tools-')));
await writeFile(join(root, 'a.json'), JSON.stringify({ items: [{ id: 1 }] }));
const registry = createToolRegistry();
const base = { registry, roots: () => [root], outboundAllow: [] };
const executor = createToolExecutor(base);
const { database, workspaceId, close } = await createTestDatabase();
const settings = createToolSettings({ database, clock: systemClock });
const asking = createToolExecutor({ ...base, permit: createToolGate(settings) });
const signal = new AbortController().signal;

/** Microseconds of one call, the median over rounds of the mean of many. */
async function timed(calls: number, work: () => Promise<unknown>): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const startedAt = performance.now();
    for (let call = 0; call < calls; call += 1) await work();
    // The first round warms up.
    if (round > 0) rounds.push(((performance.now() - startedAt) * 1000) / calls);
  }
  return median(rounds);
}

async function overhead(name: string, input: object) {
  const tool = registry.get(name);
  if (tool === undefined) throw new Error(`There is no tool "${name}".`);
  const env = {
    roots: createWorkspaceRoots([root]),
    signal,
    idempotencyKey: 'k',
    progress: () => undefined,
    fetch: () => Promise.reject(new Error('none')),
    resolveAddress: () => Promise.reject(new Error('none')),
    logger: { debug() {}, info() {}, warn() {}, error() {}, child: () => env.logger },
  } as Parameters<typeof tool.run>[1];
  const parsed = tool.input.parse(input);
  const direct = await timed(CALLS, () => tool.run(parsed, env));
  const call = (by: typeof executor) =>
    by.execute({
      tool: name,
      input,
      callId: 'c',
      idempotencyKey: 'k',
      workspaceId,
      grants: 'all',
      signal,
    });
  const through = await timed(CALLS, () => call(executor));
  const withSettings = await timed(CALLS, () => call(asking));
  return {
    call: `${name} (${tool.isolation})`,
    'function µs': Math.round(direct),
    'executor µs': Math.round(through),
    'more µs': Math.round(through - direct),
    [`with settings µs (${databaseKind()})`]: Math.round(withSettings),
  };
}

const calls = [
  await overhead('calculator', { expression: '(1200 * 1.19) / 12' }),
  await overhead('json_query', { path: 'a.json', query: '..id' }),
];
process.stdout.write(`Calls\n${table(calls)}\n`);

const sandbox = createSandbox({ platform: process.platform, scratchDir: tmpdir() });
const state = await sandbox.check();
if (state.available) {
  const node = { from: process.execPath, to: '/node/node' };
  const programs = {
    'nothing (true)': ['true'],
    'python3 -c pass': ['python3', '-I', '-c', 'pass'],
    'node -e 0': ['/node/node', '-e', '0'],
  } as const;
  const rows = [];
  for (const [program, argv] of Object.entries(programs)) {
    const times: number[] = [];
    for (let start = 0; start < STARTS; start += 1) {
      const { durationMs } = await sandbox.run({
        argv: [...argv] as [string, ...string[]],
        folder: root,
        readable: [node],
        limits: { privateBytes: 4 * 1024 ** 3 },
        signal,
      });
      times.push(durationMs);
    }
    const sorted = times.toSorted((a, b) => a - b);
    rows.push({
      program,
      'p50 ms': Math.round(median(times)),
      'longest ms': Math.round(sorted.at(-1) ?? 0),
    });
  }
  process.stdout.write(`Start of the sandbox\n${table(rows)}\n`);
}

const words = registry.list().flatMap((tool) => tool.description.split(' '));
const word = (index: number) => words[(index * 7919) % words.length] ?? 'word';
const many = Array.from({ length: TOOLS }, (_, index) => ({
  name: `tool_${index}`,
  title: [0, 1, 2].map((part) => word(index * 3 + part)).join(' '),
  description: Array.from({ length: 25 }, (_each, part) => word(index * 25 + part)).join(' '),
  group: 'many',
}));
const startedAt = performance.now();
const ranking = createToolRanking(many);
const indexMs = performance.now() - startedAt;
const task =
  'Find out why the queries of the payment service became slower after the last deployment';
const rankUs = await timed(RANKINGS, () => Promise.resolve(ranking.rank(task, { limit: 20 })));
process.stdout.write(
  `Hints over ${TOOLS} tools\n${table([{ 'index ms': Math.round(indexMs), 'ranking µs': Math.round(rankUs) }])}\n`,
);

await Promise.all([executor.close(), asking.close()]);
await close();
await rm(root, { recursive: true, force: true });
