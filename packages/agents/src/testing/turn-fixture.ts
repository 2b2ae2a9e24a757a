import type { Agent, Finding } from '@automatos/contracts';
import { agentSchema } from '@automatos/contracts';
import { newId, silentLogger, systemClock } from '@automatos/kernel';
import type { Metrics, WorkspaceId } from '@automatos/kernel';
import { createProviders } from '@automatos/providers';
import type { Providers } from '@automatos/providers';
import { createLlmWireServer, createMemoryRun } from '@automatos/testing';
import type { LlmWireOptions, LlmWireServer, MemoryRunOptions } from '@automatos/testing';
import { createToolExecutor, createToolRegistry, defineTool } from '@automatos/tools';
import type { ToolDefinition } from '@automatos/tools';
import { z } from 'zod';
import { createAgentRuntime } from '../runtime/agent-runtime.ts';
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

export const finding = (line: number, rule = 'planted'): Finding => ({ rule, severity: 'high', message: `fault ${line}`, location: { path: 'src/a.ts', line }, evidence: `line ${line}`, tool: 'look' });

/** Small tools with every behaviour that the runtime must cope with. */
function fixtureTools(ran: TurnFixture['ran']): ToolDefinition[] {
  const common = { group: 'test', capabilities: ['read'] as const, timeoutMs: 5_000, isolation: 'inline' as const, output: z.json() };
  const place = z.object({ path: z.string().min(1) });
  return [
    defineTool({
      ...common,
      name: 'look',
      title: 'Look',
      description: 'Looks at a path.',
      input: place,
      idempotent: true,
      async run(input) {
        ran.push({ tool: 'look', input });
        return { output: { seen: (input as { path: string }).path }, summary: `looked at ${(input as { path: string }).path}`, findings: [finding(7)] };
      },
    }),
    defineTool({ ...common, name: 'flood', title: 'Flood', description: 'Gives much.', input: place, idempotent: false, run: async (input) => (ran.push({ tool: 'flood', input }), { output: 'x'.repeat(200_000), summary: 'much', findings: Array.from({ length: 150 }, (_, line) => finding(line + 1, 'flooded')) }) }),
    defineTool({ ...common, name: 'count', title: 'Count', description: 'Counts its calls.', input: place, idempotent: false, run: async (input) => (ran.push({ tool: 'count', input }), { output: ran.length, summary: 'counted' }) }),
    defineTool({
      ...common,
      name: 'break',
      title: 'Break',
      description: 'Always throws.',
      input: place,
      idempotent: true,
      run(input) {
        ran.push({ tool: 'break', input });
        return Promise.reject(new Error('it broke'));
      },
    }),
    defineTool({
      ...common,
      name: 'hang',
      title: 'Hang',
      description: 'Never ends by itself.',
      input: place,
      idempotent: true,
      run(input, env) {
        ran.push({ tool: 'hang', input });
        return new Promise((_, reject) => env.signal.addEventListener('abort', () => reject(env.signal.reason as Error)));
      },
    }),
  ];
}

/** Runtime on the real providers, executor and registry, against a scripted model server on loopback. */
export async function createTurnFixture(script?: Script): Promise<TurnFixture> {
  const server = await createLlmWireServer(script === undefined ? {} : { script });
  const measured: Measured[] = [];
  const note = (name: string, labels: Record<string, string>, value: number) => void measured.push({ name, labels, value });
  const metrics: Metrics = { count: (name, labels = {}, by = 1) => note(name, labels, by), observe: note, set: note };
  const served = new Set(['openai', 'openai-compatible']);
  const providers = createProviders({
    credentials: (id) => Promise.resolve(served.has(id) ? { apiKey: 'test-key', baseUrl: `${server.url}/v1` } : null),
    clock: systemClock,
    metrics,
    logger: silentLogger,
    defaultModel: { provider: 'openai-compatible', model: 'fake-model' },
  });
  const ran: TurnFixture['ran'] = [];
  const registry = createToolRegistry(fixtureTools(ran));
  const executor = createToolExecutor({ registry, roots: () => [], outboundAllow: [] });
  const runtime = createAgentRuntime({ providers, executor, registry, clock: systemClock, metrics, logger: silentLogger });
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

type AgentParts = Partial<Omit<Agent, 'model' | 'limits'>> & { model?: Partial<Agent['model']>; limits?: Partial<Agent['limits']> };

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
  return { stepId: 'review', attempt: 1, agent: testAgent(), personaPrompt: 'Be exact.', prompt: 'Look at the folder.', inputs: { path: 'src' }, signal: new AbortController().signal, ...parts };
}

/** Runs one turn in a run of its own (or in that of `run`). */
export async function runTurn(fixture: Pick<TurnFixture, 'runtime'>, request: Partial<TurnRequest> = {}, run: MemoryRunOptions = {}) {
  const memory = createMemoryRun({ workspaceId: WORKSPACE, ...run });
  const result = await fixture.runtime.runTurn(memory.context, testRequest(request));
  return { result, memory, events: memory.events() };
}
