import { addUsage } from '@automatos/contracts';
import { deserializeError } from '@automatos/kernel';
import type { JsonValue, PlatformError } from '@automatos/kernel';
import { buildRepairMessages } from '@automatos/providers';
import type { ToolSpec } from '@automatos/providers';
import type { RunContext } from '@automatos/runs';
import { FIND_TOOLS } from '@automatos/tools';
import type { ToolGrant } from '@automatos/tools';
import type { ModelMessage } from 'ai';
import { agentError } from '../agent-error.ts';
import { buildConversation } from './conversation.ts';
import { emitModelCompleted } from './model-events.ts';
import { runModelStep } from './model-step.ts';
import type { ModelPlan } from './model-step.ts';
import type { ModelStepResult } from './model-step-result.ts';
import type { AgentRuntimeDeps, TurnLimit, TurnRequest, TurnResult } from './runtime-types.ts';
import { runBatch } from './tool-batch.ts';
import { revealTools } from './tool-choice.ts';
import { totalTokens } from './turn-state.ts';
import type { TurnState } from './turn-state.ts';

/** Window assumed before the first call has told which model it is; there are no tool results to fit yet. */
const WINDOW_UNKNOWN = 1_000_000;

/** Part of the window that is kept for the answer at most, however much the agent may write. */
const ANSWER_SHARE_MAX = 0.25;

export interface Turn {
  context: RunContext;
  request: TurnRequest;
  state: TurnState;
  specs: ToolSpec[];
  grants: ToolGrant[];
  hidden: ReadonlySet<string>;
}

type Answer = Extract<ModelStepResult, { kind: 'answer' }>;
type Mismatch = Extract<ModelStepResult, { kind: 'mismatch' }>;

/**
 * Model call, its tool calls, model call … until an answer or a limit. Every decision here follows from recorded results
 * only, so that a replay takes the same way.
 */
export async function runLoop(deps: AgentRuntimeDeps, turn: Turn): Promise<TurnResult> {
  const { request, state, context } = turn;
  const { limits } = request.agent;
  let repairing = false;
  for (let number = 1; number <= limits.max_iterations; number += 1) {
    const turnId = [request.stepId, request.attempt, ...(request.turnKey ?? []), number].join('/');
    const timeLeftMs = timeLeft(turn);
    if (timeLeftMs <= 0) return limited(turn, 'time');
    const plan = planCall(turn, { number, turnId, tools: repairing ? [] : turn.specs });
    if (plan === null) return limited(turn, 'tokens');
    const result = await runModelStep(
      deps,
      { context, request, onRun: () => void (state.ranHere = true) },
      plan,
    );
    emitModelCompleted(context, request, { plan, result });
    takeResult(state, result);
    if (result.kind === 'limit') return limited(turn, result.limit);
    if (result.kind === 'mismatch') {
      if (repairing || number === limits.max_iterations)
        throw schemaMismatch(deserializeError(result.error), repairing);
      repairing = true;
      askForRepair(turn, plan.messages, result);
      continue;
    }
    if (result.toolCalls.length === 0 || repairing) return finish(turn, result);
    state.entries.push({ kind: 'message', message: result.message as unknown as ModelMessage });
    const offered = turn.specs.map((spec) => spec.name);
    const limit = await runBatch(
      deps,
      {
        context,
        request,
        state,
        offered,
        grants: turn.grants,
        turnId,
        timeLeftMs: Math.max(1, timeLeft(turn)),
      },
      result.toolCalls,
    );
    if (limit !== null) return limited(turn, limit);
    turn.specs = revealTools(deps, turn, foundTools(state));
  }
  return limited(turn, 'iterations');
}

/** Names that the model looked for and was given in the last batch. */
function foundTools({ entries }: TurnState): string[] {
  const last = entries.at(-1);
  if (last?.kind !== 'results') return [];
  return last.results
    .filter(({ tool, outcome }) => tool === FIND_TOOLS && outcome.status === 'success')
    .flatMap(({ outcome }) => (outcome.output as { tools: { tool: string }[] }).tools)
    .map(({ tool }) => tool);
}

function timeLeft({ request, state }: Turn): number {
  return (
    Math.min(request.agent.limits.max_duration_ms, request.timeoutMs ?? Number.POSITIVE_INFINITY) -
    state.elapsedMs
  );
}

function planCall(
  turn: Turn,
  { number, turnId, tools }: { number: number; turnId: string; tools: ToolSpec[] },
): ModelPlan | null {
  const { request, state } = turn;
  const { limits, model } = request.agent;
  const tokensLeft = limits.max_total_tokens - totalTokens(state.usage);
  const windowTokens = Math.min(state.contextWindow || WINDOW_UNKNOWN, tokensLeft);
  const answerTokens = Math.min(model.max_tokens, Math.floor(windowTokens * ANSWER_SHARE_MAX));
  const conversation = buildConversation(state.entries, {
    tools,
    schema: request.outputSchema,
    windowTokens,
    answerTokens,
  });
  if (conversation === null) return null;
  return {
    callId: turnId,
    turn: number,
    ref: state.ref,
    messages: conversation.messages,
    tools,
    inputTokens: conversation.inputTokens,
    tokensLeft,
    moneyLeft:
      limits.max_cost_micros === null
        ? null
        : limits.max_cost_micros - (state.usage.cost_micros ?? 0),
    timeLeftMs: timeLeft(turn),
  };
}

function takeResult(state: TurnState, result: ModelStepResult): void {
  state.usage = addUsage(state.usage, result.usage);
  state.elapsedMs += result.durationMs;
  state.speaker = { provider: result.provider, model: result.model };
  state.ref = result.asked ?? state.speaker;
  state.contextWindow = result.contextWindow;
  state.offline ||= result.offline;
  if (result.text.trim() !== '') state.text = result.text;
}

function askForRepair(turn: Turn, messages: ModelMessage[], mismatch: Mismatch): void {
  const error = deserializeError(mismatch.error);
  const repair = buildRepairMessages(messages, error, turn.request.outputSchema ?? {});
  if (repair === null) throw schemaMismatch(error, false);
  turn.state.entries = repair.map((message) => ({ kind: 'message', message }));
}

/** The answer as the turn's result; anything that is not a whole answer is a limit or an error, never a success. */
function finish(turn: Turn, answer: Answer): TurnResult {
  const { request } = turn;
  if (answer.finishReason === 'content_filter') {
    throw agentError('agents.answer.filtered', {
      kind: 'upstream-failed',
      retryable: false,
      message: `${answer.provider} withheld the answer of "${answer.model}" by its content filter. Change the request or the model.`,
    });
  }
  if (answer.finishReason === 'length') {
    const cut = limited(turn, answer.cutBy ?? 'tokens');
    return answer.bound === undefined ? cut : { ...cut, bound: answer.bound };
  }
  assertSomethingWorked(turn);
  if (request.outputSchema !== undefined && answer.object === undefined) {
    throw schemaMismatch(
      {
        message: 'The model called tools instead of giving the corrected answer.',
        errors: undefined,
      },
      true,
    );
  }
  const text =
    answer.text.trim() === '' && answer.object !== undefined
      ? JSON.stringify(answer.object)
      : answer.text;
  if (text.trim() === '') {
    throw agentError('agents.answer.empty', {
      kind: 'upstream-failed',
      message: `"${answer.model}" of ${answer.provider} answered with neither text nor a tool call.`,
    });
  }
  return {
    ...resultOf(turn, text),
    status: 'completed',
    ...(answer.object === undefined ? {} : { object: answer.object as JsonValue }),
  };
}

/** An agent whose tools all failed has looked at nothing: what it then writes must not pass for a result. */
function assertSomethingWorked({ state, request }: Turn): void {
  const failure = state.firstFailure;
  if (failure === null || state.succeeded > 0) return;
  throw agentError('agents.tools.all_failed', {
    kind: 'upstream-failed',
    retryable: failure.timedOut,
    message: `No tool of the agent "${request.agent.slug}" succeeded. ${failure.tool}: ${failure.summary}`,
  });
}

function limited(turn: Turn, limit: TurnLimit): TurnResult {
  return { ...resultOf(turn, turn.state.text), status: 'limit_reached', limit };
}

function resultOf({ state }: Turn, text: string): Omit<TurnResult, 'status'> {
  return {
    text,
    tools: state.tools,
    findings: state.findings,
    findings_total: state.findingsTotal,
    ...(state.artifacts.length === 0 ? {} : { artifacts: state.artifacts }),
    usage: state.usage,
    offline: state.offline,
    provider: (state.speaker ?? state.ref)?.provider ?? '',
    model: (state.speaker ?? state.ref)?.model ?? '',
  };
}

function schemaMismatch(
  cause: Pick<PlatformError, 'message' | 'errors'>,
  repaired: boolean,
): PlatformError {
  return agentError('agents.output.schema_mismatch', {
    kind: 'upstream-failed',
    retryable: false,
    message: `The agent's answer does not fit the step's output schema${repaired ? ', also after one repair' : ''}. ${cause.message}`,
    ...(cause.errors === undefined ? {} : { errors: cause.errors }),
    cause,
  });
}
