import type { TurnRequest, TurnResult } from '@automatos/agents';
import { agentSchema, NO_USAGE } from '@automatos/contracts';
import type { Agent, EventType, Finding, TaskInput, Usage } from '@automatos/contracts';
import { newId, PlatformError, systemClock } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import type { EmitEvent } from '@automatos/runs';
import { createMemoryRun } from '@automatos/testing';
import type { MemoryRun, MemoryRunOptions } from '@automatos/testing';
import { createWorkspaceRoots } from '@automatos/tools';
import type { UnitRecord } from '../history/history-store.ts';
import { NO_RECORD } from '../selection/candidate.ts';
import type { Candidate } from '../selection/candidate.ts';
import { createTaskKind } from './task-kind.ts';
import { toTaskPlan } from './task-plan.ts';
import type { TaskPlan } from './task-plan.ts';
import type { TaskKindDeps, TaskMemory, TaskOutcome } from './task-run.ts';

/** What a scripted agent does: gives (parts of) its turn, or throws. */
export type Script = (request: TurnRequest) => Promise<Partial<TurnResult>>;

export interface Harness {
  turns: TurnRequest[];
  /** What the stages left in the workspace, by key. */
  rows: Map<string, UnitRecord>;
  outcomes: TaskOutcome[];
  execute(task: Partial<TaskInput> & { goal: string }, options?: MemoryRunOptions): Promise<Ended>;
}

export interface Ended {
  outputs: JsonObject | null;
  error: unknown;
  run: MemoryRun;
  events: EmitEvent[];
  trail: string[];
}

interface Given {
  agents: Record<string, { capabilities: string[]; script: Script }>;
  candidates?: Candidate[];
  deps?: Partial<TaskKindDeps>;
  pattern?: TaskPlan['pattern'];
}

/** Tasks with scripted agents on an in-memory run that can crash and be replayed. */
export function createHarness(given: Given): Harness {
  const turns: TurnRequest[] = [];
  const rows = new Map<string, UnitRecord>();
  const outcomes: TaskOutcome[] = [];
  const candidates =
    given.candidates ??
    Object.entries(given.agents).map(([slug, { capabilities }]) => ({
      agent: agentNamed(slug, capabilities),
      history: { byNeed: {}, all: NO_RECORD },
    }));
  const kind = createTaskKind({
    memory: createMemory({ candidates, rows, outcomes }),
    agents: scriptedAgents(given, turns),
    coordinator: { run: () => Promise.reject(new Error('no team was asked for')) },
    roots: createWorkspaceRoots([import.meta.dirname]),
    model: () => Promise.resolve(null),
    clock: systemClock,
    ...given.deps,
  });
  return {
    turns,
    rows,
    outcomes,
    async execute(task, options = {}) {
      const whole = { parameters: {}, max_refinements: 1, ...task };
      const plan = toTaskPlan({ task: whole, pattern: given.pattern ?? null });
      const run = createMemoryRun({ plan, ...options });
      let outputs: JsonObject | null = null;
      let error: unknown = null;
      try {
        outputs = await kind.execute(run.context);
      } catch (thrown) {
        error = thrown;
      }
      const events = run.events();
      const trail = events.map(({ type, stepId }) => `${type} ${stepId ?? ''}`.trim());
      return { outputs, error, run, events, trail };
    },
  };
}

function createMemory(kept: {
  candidates: Candidate[];
  rows: Harness['rows'];
  outcomes: TaskOutcome[];
}): TaskMemory {
  const key = (row: Pick<UnitRecord, 'unitId' | 'attempt'>) => `${row.unitId}/${row.attempt}`;
  return {
    candidates: async (_workspaceId, only) =>
      kept.candidates.filter(({ agent }) => only === undefined || only.includes(agent.slug)),
    async resolve(_workspaceId, slug) {
      const found = kept.candidates.find(({ agent }) => agent.slug === slug);
      if (found === undefined) throw new Error(`no agent ${slug}`);
      return { agent: found.agent, personaPrompt: null };
    },
    async recordUnits(_workspaceId, rows) {
      const fresh = rows.filter((row) => !kept.rows.has(key(row)));
      for (const row of fresh) kept.rows.set(key(row), row);
      return fresh.length;
    },
    async recordQuality(_workspaceId, { attempt, quality }) {
      const scored = [...kept.rows.values()].filter((row) => row.attempt === attempt);
      for (const row of scored) kept.rows.set(key(row), { ...row, quality });
      return scored.length;
    },
    async storeOutcome(_workspaceId, _taskId, outcome) {
      kept.outcomes.push(outcome);
    },
  };
}

function scriptedAgents({ agents }: Given, turns: TurnRequest[]): TaskKindDeps['agents'] {
  return {
    async runTurn(context, request) {
      const { slug } = request.agent;
      const callId = `${request.stepId}/${request.attempt}/1`;
      const turn = (await context.step(`llm:${callId}`, async ({ signal }) => {
        turns.push(request);
        await request.budget?.reserveModel(callId, ESTIMATE, signal);
        const script = agents[slug]?.script;
        if (script === undefined) throw new Error(`no script for ${slug}`);
        return wholeTurn(await script(request)) as unknown as JsonObject;
      })) as unknown as TurnResult;
      request.budget?.settle(callId, turn.usage);
      context.emit(modelCompleted(request, callId));
      return turn;
    },
  };
}

/** Every scripted turn is one call of 10 tokens in, 5 out and 7 micro-dollars. */
const USAGE: Usage = {
  ...NO_USAGE,
  model_calls: 1,
  input_tokens: 10,
  output_tokens: 5,
  cost_micros: 7,
};
const ESTIMATE = {
  inputTokens: 10,
  outputTokens: 5,
  price: { inputMicros: 1_000_000, outputMicros: 1_000_000 },
  model: 'scripted',
};

export const GOOD =
  'The check covered every file of the folder and found two faults. Both are in the first module, and both can be mended in an hour.';

function wholeTurn(turn: Partial<TurnResult>): TurnResult {
  const findings = turn.findings ?? [];
  return {
    status: 'completed',
    text: GOOD,
    tools: {},
    findings,
    findings_total: findings.length,
    usage: USAGE,
    offline: true,
    provider: 'offline',
    model: 'offline-1',
    ...turn,
  };
}

function modelCompleted(request: TurnRequest, callId: string): EmitEvent<'llm.completed'> {
  return {
    type: 'llm.completed',
    key: `llm:${callId}:completed`,
    stepId: request.stepId,
    data: {
      call_id: callId,
      provider: 'offline',
      model: 'offline-1',
      agent: request.agent.slug,
      input_tokens: 10,
      output_tokens: 5,
      cached_input_tokens: 0,
      reasoning_tokens: 0,
      cost_micros: 7,
      estimated: false,
      offline: true,
      duration_ms: 1,
      finish_reason: 'stop',
      tool_calls: 0,
      text: '',
    },
  };
}

export function agentNamed(slug: string, capabilities: string[] = []): Agent {
  const at = '2026-01-01T00:00:00.000Z';
  return agentSchema.parse({
    id: newId(),
    slug,
    status: 'active',
    version: 1,
    seeded: true,
    created_at: at,
    updated_at: at,
    name: slug,
    category: 'custom',
    capabilities,
    instructions: '',
    tools: [],
  });
}

export function finding(parts: Partial<Finding> = {}): Finding {
  return {
    rule: 'area.name',
    severity: 'medium',
    message: 'something is wrong',
    location: { path: 'a.ts', line: 1 },
    evidence: 'a line',
    tool: 'a_tool',
    ...parts,
  };
}

export function failure(code: string, retryable = false): PlatformError {
  return new PlatformError({
    code,
    kind: 'upstream-failed',
    message: `${code} happened`,
    retryable,
  });
}

export function eventsOf(ended: Ended, type: EventType): EmitEvent[] {
  return ended.events.filter((event) => event.type === type);
}
