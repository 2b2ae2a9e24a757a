import type { Agent, Finding } from '@automatos/contracts';
import { agentSchema } from '@automatos/contracts';
import { newId, silentLogger, systemClock } from '@automatos/kernel';
import type { JsonValue, Metrics, WorkspaceId } from '@automatos/kernel';
import { createProviders } from '@automatos/providers';
import type { Providers } from '@automatos/providers';
import { createLlmWireServer, createMemoryRun } from '@automatos/testing';
import type { LlmWireOptions, LlmWireServer, MemoryRunOptions } from '@automatos/testing';
import {
  builtInTools,
  createToolExecutor,
  createToolGate,
  createToolRegistry,
  defineTool,
  FIND_TOOLS,
} from '@automatos/tools';
import type { ToolDefinition, ToolRegistry, ToolRunResult } from '@automatos/tools';
import { z } from 'zod';
import { createAgentRuntime } from '../runtime/agent-runtime.ts';
import type { ToolSelection } from '../runtime/tool-selection.ts';
import type { AgentRuntime, TurnRequest } from '../runtime/runtime-types.ts';

export type Script = NonNullable<LlmWireOptions['script']>;

/** A number as telemetry would get it. */
export interface Measured {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface TurnFixture {
  runtime: AgentRuntime;
  providers: Providers;
  server: LlmWireServer;
  /** Names and arguments of tool calls that really ran. */
  ran: { tool: string; input: unknown }[];
  measured: Measured[];
  close(): Promise<void>;
}

const WORKSPACE = newId<'workspace'>() as WorkspaceId;

export const finding = (line: number, rule = 'planted'): Finding => ({
  rule,
  severity: 'high',
  message: `fault ${line}`,
  location: { path: 'src/a.ts', line },
  evidence: `line ${line}`,
  tool: 'look',
});

/** Small tools with every behaviour that the runtime must cope with. */
function fixtureTools(ran: TurnFixture['ran']): ToolDefinition[] {
  type Run = (path: string, signal: AbortSignal) => Promise<ToolRunResult<unknown>>;
  function tool(name: string, idempotent: boolean, run: Run): ToolDefinition {
    return defineTool({
      name,
      title: name,
      description: `Test tool ${name}: works on a path.`,
      group: 'test',
      capabilities: ['read'],
      timeoutMs: 5_000,
      isolation: 'inline',
      input: z.object({ path: z.string().min(1) }),
      output: z.json(),
      idempotent,
      run({ path }, env) {
        ran.push({ tool: name, input: { path } });
        return run(path, env.signal) as Promise<ToolRunResult<JsonValue>>;
      },
    });
  }
  const flooded = Array.from({ length: 150 }, (_, index) => finding(index + 1, 'flooded'));
  return [
    tool('look', true, (path) =>
      Promise.resolve({
        output: { seen: path },
        summary: `looked at ${path}`,
        findings: [finding(7)],
      }),
    ),
    tool('flood', false, () =>
      Promise.resolve({ output: 'x'.repeat(200_000), summary: 'much', findings: flooded }),
    ),
    tool('count', false, () => Promise.resolve({ output: ran.length, summary: 'counted' })),
    tool('draw', false, () =>
      Promise.resolve({
        output: 'o'.repeat(300_000),
        summary: 'drawn',
        artifacts: [
          { name: 'chart.svg', title: 'Chart', contentType: 'image/svg+xml', content: '<svg/>' },
        ],
      }),
    ),
    tool('break', true, () => Promise.reject(new Error('it broke'))),
    tool(
      'hang',
      true,
      (_path, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error)),
        ),
    ),
  ];
}

/** Tools `many_0` … and the one that finds them. */
function manyTools(ran: TurnFixture['ran'], count: number): ToolDefinition[] {
  if (count === 0) return [];
  const finder = builtInTools().filter((tool) => tool.name === FIND_TOOLS);
  const [like] = fixtureTools(ran).filter((tool) => tool.name === 'count');
  if (like === undefined) return finder;
  return [
    ...finder,
    ...Array.from({ length: count }, (_, index) => ({ ...like, name: `many_${index}` })),
  ];
}

/** The real executor, which asks a person before calls of these tools. */
function fixtureExecutor(registry: ToolRegistry, asked: ReadonlySet<string>) {
  const settings = { enabled: true, rate_per_minute: null, updated_at: null };
  return createToolExecutor({
    registry,
    roots: () => [],
    outboundAllow: [],
    permit: createToolGate({
      get: (_workspaceId, tool) =>
        Promise.resolve({ ...settings, tool, approval: asked.has(tool) ? 'always' : 'never' }),
      environment: () =>
        Promise.resolve({
          disk_quota_bytes: 1,
          network_hosts: [],
          command_secrets: [],
          ask_after_foreign_text: true,
          updated_at: null,
        }),
      countCall: () => Promise.resolve(0),
    }),
    services: () => ({
      findTools: (task) => Promise.resolve([{ tool: task, score: 1, because: [] }]),
    }),
  });
}

/** Runtime on the real providers, executor and registry, against a scripted model server on loopback. */
export async function createTurnFixture(
  script?: Script,
  options: { consentFor?: string[]; selection?: ToolSelection; more?: number } = {},
): Promise<TurnFixture> {
  const server = await createLlmWireServer(script === undefined ? {} : { script });
  const measured: Measured[] = [];
  const note = (name: string, labels: Record<string, string>, value: number) =>
    void measured.push({ name, labels, value });
  const metrics: Metrics = {
    count: (name, labels = {}, by = 1) => note(name, labels, by),
    observe: note,
    set: note,
  };
  const served = new Set(['openai', 'openai-compatible']);
  const providers = createProviders({
    credentials: (id) =>
      Promise.resolve(served.has(id) ? { apiKey: 'test-key', baseUrl: `${server.url}/v1` } : null),
    clock: systemClock,
    metrics,
    logger: silentLogger,
    defaultModel: { provider: 'openai-compatible', model: 'fake-model' },
  });
  const ran: TurnFixture['ran'] = [];
  const registry = createToolRegistry([...fixtureTools(ran), ...manyTools(ran, options.more ?? 0)]);
  const executor = fixtureExecutor(registry, new Set(options.consentFor));
  const runtime = createAgentRuntime({
    providers,
    executor,
    registry,
    clock: systemClock,
    metrics,
    logger: silentLogger,
    ...(options.selection === undefined ? {} : { selection: options.selection }),
  });
  return {
    runtime,
    providers,
    server,
    ran,
    measured,
    async close() {
      await executor.close();
      await providers.close();
      await server.close();
    },
  };
}

export type AgentParts = Partial<Omit<Agent, 'model' | 'limits'>> & {
  model?: Partial<Agent['model']>;
  limits?: Partial<Agent['limits']>;
};

export function testAgent(parts: AgentParts = {}): Agent {
  const time = '2026-11-21T12:00:00.000Z';
  return agentSchema.parse({
    id: newId(),
    slug: 'tester',
    name: 'Tester',
    category: 'custom',
    status: 'active',
    version: 1,
    seeded: false,
    created_at: time,
    updated_at: time,
    tools: ['look', 'flood', 'count', 'break', 'hang'].map((tool) => ({ tool, level: 'full' })),
    ...parts,
  });
}

export function testRequest(parts: Partial<TurnRequest> = {}): TurnRequest {
  return {
    stepId: 'review',
    attempt: 1,
    agent: testAgent(),
    personaPrompt: 'Be exact.',
    prompt: 'Look at the folder.',
    inputs: { path: 'src' },
    signal: new AbortController().signal,
    ...parts,
  };
}

/** Runs one turn in a run of its own (or in that of `run`). */
export async function runTurn(
  fixture: Pick<TurnFixture, 'runtime'>,
  request: Partial<TurnRequest> = {},
  run: MemoryRunOptions = {},
) {
  const memory = createMemoryRun({ workspaceId: WORKSPACE, ...run });
  const result = await fixture.runtime.runTurn(memory.context, testRequest(request));
  return { result, memory, events: memory.events() };
}
