import { NO_USAGE } from '@automatos/contracts';
import type { Agent, Budget, EventType, RecipeDefinition } from '@automatos/contracts';
import { PlatformError, systemClock } from '@automatos/kernel';
import type { Clock, JsonObject, JsonValue } from '@automatos/kernel';
import type { ModelEstimate, TurnRequest, TurnResult } from '@automatos/agents';
import type { EmitEvent, RunContext, StepAttempt } from '@automatos/runs';
import type { ToolInvocation, ToolOutcome } from '@automatos/tools';
import { createMemoryRun } from '@automatos/testing';
import type { MemoryRun, MemoryRunOptions } from '@automatos/testing';
import { parseRecipe } from '../definition/parse-recipe.ts';
import { toPlan } from './plan.ts';
import type { RecipePlan } from './plan.ts';
import { createRecipeKind } from './recipe-kind.ts';
import type { RecipeKindDeps } from './recipe-run.ts';

/** What a scripted tool or agent does: gives its output, or throws. */
export type Script = (call: {
  signal: AbortSignal;
  input: JsonValue;
  attempt: number;
  context?: RunContext;
}) => Promise<Partial<ToolOutcome> | Partial<TurnResult>>;

export interface Harness {
  definition: RecipeDefinition;
  /** Calls that reached a tool, in order. */
  calls: ToolInvocation[];
  turns: TurnRequest[];
  execute(options?: MemoryRunOptions): Promise<Outcome>;
}

export interface Outcome {
  outputs: JsonObject | null;
  error: unknown;
  run: MemoryRun;
  events: EmitEvent[];
  /** `type` and step of each event, in order. */
  trail: string[];
}

/** A recipe with scripted tools and agents on an in-memory run that can crash and replay. */
export function createHarness(
  yaml: string,
  scripts: Scripts = {},
  clock: Clock = systemClock,
): Harness {
  const definition = parseRecipe({ yaml: `slug: test\nname: Test\n${yaml}` });
  const calls: ToolInvocation[] = [];
  const turns: TurnRequest[] = [];
  const agents = Object.fromEntries(
    Object.keys(scripts.agents ?? {}).map((slug) => [
      slug,
      { agent: agentNamed(slug), persona_prompt: null },
    ]),
  );
  const kind = createRecipeKind({
    clock,
    executor: scriptedExecutor(scripts, calls),
    agents: scriptedAgents(scripts, turns),
    judgeModel: () => Promise.resolve(null),
    ...scripts.deps,
  });
  return {
    definition,
    calls,
    turns,
    async execute(options = {}) {
      const run = createMemoryRun({
        plan: toPlan({
          definition,
          recipe_version: 1,
          agents,
          recipes: scripts.recipes ?? {},
          ...(scripts.budgetLeft === undefined ? {} : { budget_left: scripts.budgetLeft }),
        }),
        ...options,
      });
      let outputs: JsonObject | null = null;
      let error: unknown = null;
      try {
        outputs = await kind.execute(run.context);
      } catch (thrown) {
        error = thrown;
      }
      const events = run.events();
      const trail = events.map((event) => `${event.type} ${event.stepId ?? ''}`.trim());
      return { outputs, error, run, events, trail };
    },
  };
}

export interface Scripts {
  /** Parts in place of the real ones. */
  deps?: Partial<Parameters<typeof createRecipeKind>[0]>;
  /** Recipes that steps start, by name. */
  recipes?: RecipePlan['recipes'];
  /** What a parent run left. */
  budgetLeft?: Budget;
  tools?: Record<string, Script>;
  agents?: Record<string, Script>;
}

function scriptedExecutor(scripts: Scripts, calls: ToolInvocation[]): RecipeKindDeps['executor'] {
  return {
    async execute(call) {
      calls.push(call);
      const script = scripts.tools?.[call.tool];
      if (script === undefined) throw new Error(`no script for ${call.tool}`);
      const attempt = Number(call.callId.split('/')[1]);
      const input = call.input as JsonValue;
      return success(
        (await script({ signal: call.signal, input, attempt })) as Partial<ToolOutcome>,
      );
    },
  };
}

function scriptedAgents(scripts: Scripts, turns: TurnRequest[]): RecipeKindDeps['agents'] {
  return {
    async runTurn(context, request) {
      turns.push(request);
      const script = scripts.agents?.[request.agent.slug];
      if (script === undefined) throw new Error(`no script for ${request.agent.slug}`);
      const { prompt: input, attempt } = request;
      const callId = `${request.stepId}/${attempt}/1`;
      const call = async ({ signal }: StepAttempt): Promise<JsonObject> => {
        const granted = await request.budget?.reserveModel(callId, ESTIMATE, signal);
        const result = (await script({ signal, input, attempt, context })) as Partial<TurnResult>;
        const cut = granted !== undefined && granted.outputTokens < 5;
        const end = cut ? { status: 'limit_reached', limit: 'budget', bound: granted.bound } : {};
        return turnResult({ ...result, ...end } as Partial<TurnResult>) as unknown as JsonObject;
      };
      try {
        const turn = (await context.step(`llm:${callId}`, call)) as unknown as TurnResult;
        request.budget?.settle(callId, turn.usage);
        context.emit(modelCompleted(request));
        return turn;
      } catch (error) {
        request.budget?.settle(callId, NO_USAGE);
        throw error;
      }
    },
  };
}

/** Every scripted call takes 10 tokens in, 5 out, and 7 micro-dollars; it asks for up to 20 out at a dollar per million. */
const ESTIMATE: ModelEstimate = {
  inputTokens: 10,
  outputTokens: 20,
  price: { inputMicros: 1_000_000, outputMicros: 1_000_000 },
  model: 'scripted',
};

function modelCompleted({ stepId, attempt, agent }: TurnRequest): EmitEvent<'llm.completed'> {
  return {
    type: 'llm.completed',
    key: `llm:${stepId}/${attempt}/1:completed`,
    stepId,
    data: {
      call_id: `${stepId}/${attempt}/1`,
      provider: 'offline',
      model: 'offline-1',
      agent: agent.slug,
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

function success(outcome: Partial<ToolOutcome>): ToolOutcome {
  return {
    status: 'success',
    output: null,
    summary: 'done',
    findings: [],
    findingsTotal: outcome.findings?.length ?? 0,
    truncated: false,
    outputBytes: 4,
    durationMs: 1,
    tainted: false,
    ...outcome,
  };
}

function turnResult(result: Partial<TurnResult>): TurnResult {
  const findings = result.findings ?? [];
  return {
    status: 'completed',
    text: 'done',
    tools: {},
    findings,
    findings_total: findings.length,
    usage: {
      model_calls: 1,
      tool_calls: 0,
      input_tokens: 10,
      output_tokens: 5,
      cached_input_tokens: 0,
      reasoning_tokens: 0,
      cost_micros: 7,
      estimated: false,
    },
    offline: true,
    provider: 'offline',
    model: 'offline',
    ...result,
  };
}

export function failure(code: string, retryable: boolean): PlatformError {
  return new PlatformError({
    code,
    kind: 'upstream-failed',
    message: `${code} happened`,
    retryable,
  });
}

/** Waits for the abort, like a call that never answers. */
export function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

export function agentNamed(slug: string): Agent {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    id: '01990000-0000-7000-8000-0000000000a1',
    slug,
    status: 'active',
    version: 1,
    seeded: true,
    created_at: at,
    updated_at: at,
    name: slug,
    category: 'custom',
    description: '',
    tags: [],
    persona: null,
    persona_text: '',
    concurrency_limit: 5,
    priority: 'normal',
    visibility: 'workspace',
    family: null,
    instructions: '',
    model: {
      provider: null,
      model: null,
      temperature: 0.7,
      max_tokens: 2000,
      top_p: 1,
      frequency_penalty: 0,
      presence_penalty: 0,
      fallbacks: [],
    },
    tools: [],
    capabilities: [],
    limits: {
      max_iterations: 25,
      max_tool_calls: 100,
      max_total_tokens: 500_000,
      max_cost_micros: null,
      max_duration_ms: 300_000,
    },
  };
}

export function eventsOf(outcome: Outcome, type: EventType): EmitEvent[] {
  return outcome.events.filter((event) => event.type === type);
}
