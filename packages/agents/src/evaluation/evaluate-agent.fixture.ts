import { cp, mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentSchema } from '@automatos/contracts';
import type { Agent, Finding } from '@automatos/contracts';
import { newId, noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import { createProviders } from '@automatos/providers';
import { createMemoryRun } from '@automatos/testing';
import { createToolExecutor, createToolRegistry } from '@automatos/tools';
import { promptForTask } from '../execution/task-prompt.ts';
import { createAgentRuntime } from '../runtime/agent-runtime.ts';
import type { AgentRuntime, TurnResult } from '../runtime/runtime-types.ts';
import { SPECIALISTS } from '../seeds/specialists.ts';
import { scoreFindings } from './agent-fixture.fixture.ts';
import type {
  AgentFixture,
  ExpectedFindings,
  FindingScore,
  PreparedFixture,
} from './agent-fixture.fixture.ts';

export interface AgentEvaluation extends FindingScore {
  agent: string;
  alsoTrue: number;
  /** Findings whose place exists and holds their evidence, among those that name a place. */
  resolved: number;
  placed: number;
  /** What is wrong with generated things; empty = all of them hold. */
  problems: string[];
  /** Tools that ran, with how each ended. */
  checks: Record<string, string>;
  durationMs: number;
  result: TurnResult;
}

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;

/** Copies `fixtures/<agent>/files` into the folder. */
export async function copyFixtureFiles(agent: string, folder: string): Promise<void> {
  await cp(join(FIXTURES, agent, 'files'), folder, { recursive: true });
}

/** Reads `fixtures/<agent>/expected.json`. */
export async function readExpected(agent: string): Promise<ExpectedFindings> {
  return JSON.parse(
    await readFile(join(FIXTURES, agent, 'expected.json'), 'utf8'),
  ) as ExpectedFindings;
}

function seededAgent(slug: string): Agent {
  const seed = SPECIALISTS.find((one) => one.slug === slug);
  if (seed === undefined) throw new Error(`There is no specialist "${slug}".`);
  const now = new Date(0).toISOString();
  return agentSchema.parse({
    id: newId(),
    status: 'active',
    version: 1,
    seeded: true,
    created_at: now,
    updated_at: now,
    ...seed,
  });
}

export interface Evaluator {
  /** Lets a seeded specialist work on its fixture with the offline provider, and holds what it says against what was planted. */
  evaluate(fixture: AgentFixture): Promise<AgentEvaluation>;
  close(): Promise<void>;
}

/** Makes what specialists work with: the real executor, whose processes serve one fixture after the other. */
export async function createEvaluator(): Promise<Evaluator> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'evaluation-')));
  const registry = createToolRegistry();
  const executor = createToolExecutor({
    registry,
    roots: () => [root],
    outboundAllow: ['127.0.0.1'],
  });
  const providers = createProviders({
    credentials: () => Promise.resolve(null),
    clock: systemClock,
    metrics: noMetrics,
    logger: silentLogger,
  });
  const runtime = createAgentRuntime({
    providers,
    executor,
    registry,
    clock: systemClock,
    metrics: noMetrics,
    logger: silentLogger,
  });
  return {
    evaluate: (fixture) => evaluate(runtime, fixture, join(root, fixture.agent)),
    async close() {
      await executor.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function evaluate(
  runtime: AgentRuntime,
  fixture: AgentFixture,
  folder: string,
): Promise<AgentEvaluation> {
  const target = join(folder, 'target');
  await mkdir(target, { recursive: true });
  let prepared: PreparedFixture | undefined;
  try {
    prepared = await fixture.prepare(target);
    const startedMs = performance.now();
    const { result, made } = await runOffline(runtime, seededAgent(fixture.agent), prepared);
    const durationMs = Math.round(performance.now() - startedMs);
    const places = await Promise.all(
      result.findings
        .filter(({ location }) => location !== undefined)
        .map((one) => resolves(target, one)),
    );
    return {
      agent: fixture.agent,
      ...scoreFindings(result.findings, prepared.expected),
      alsoTrue: prepared.expected.also_true?.length ?? 0,
      placed: places.length,
      resolved: places.filter(Boolean).length,
      problems: (await prepared.verify?.(result, made)) ?? [],
      checks: Object.fromEntries(
        Object.entries(result.tools).map(([tool, { status }]) => [tool, status]),
      ),
      durationMs,
      result,
    };
  } finally {
    await prepared?.close?.();
    await rm(folder, { recursive: true, force: true });
  }
}

async function runOffline(
  runtime: AgentRuntime,
  agent: Agent,
  { task }: PreparedFixture,
): Promise<{ result: TurnResult; made: Map<string, string> }> {
  const run = createMemoryRun();
  const result = await runtime.runTurn(run.context, {
    stepId: 'evaluate',
    attempt: 1,
    agent,
    personaPrompt: null,
    ...promptForTask(agent, task),
    signal: new AbortController().signal,
  });
  const contents = new Map([...run.journal.artifacts.values()].map((one) => [one.id, one.content]));
  const made = (result.artifacts ?? []).map(({ name, artifact_id: id }): [string, string] => [
    name,
    String(contents.get(id)),
  ]);
  return { result, made: new Map(made) };
}

/** Evidence resolves when its place exists, and a quoted line stands near it. Masked evidence is held against the place only. */
async function resolves(folder: string, { location, evidence }: Finding): Promise<boolean> {
  if (location === undefined) return false;
  const file = join(folder, location.path);
  if (!existsSync(file)) return false;
  if (location.line === undefined) return true;
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  if (location.line > lines.length) return false;
  const quoted = evidence.split('\n')[0]?.trim() ?? '';
  const near = lines.slice(location.line - 1, (location.end_line ?? location.line) + 2).join('\n');
  const isQuote =
    quoted.length > 8 && !quoted.includes('****') && lines.join('\n').includes(quoted);
  return !isQuote || near.includes(quoted);
}
