import type { RunEvent, Usage } from '@automatos/sdk';
import type { Call, LlmCall, RunState, StepView, ToolCall } from './run-state-types.ts';

export const NO_USAGE: Usage = {
  model_calls: 0,
  tool_calls: 0,
  input_tokens: 0,
  output_tokens: 0,
  cached_input_tokens: 0,
  reasoning_tokens: 0,
  cost_micros: 0,
  estimated: false,
};

function addCost(sum: number | null, more: number | null): number | null {
  return sum === null || more === null ? null : sum + more;
}

/** Puts `call` into the state and, if it is new, at the end of its step's calls. */
function putCall(state: RunState, call: Call): RunState {
  const step = state.steps[call.stepId];
  const listed = step === undefined || step.calls.includes(call.callId);
  return {
    ...state,
    calls: { ...state.calls, [call.callId]: call },
    steps: listed
      ? state.steps
      : { ...state.steps, [call.stepId]: { ...step, calls: [...step.calls, call.callId] } },
  };
}

function llmCall(state: RunState, callId: string): LlmCall | null {
  const call = state.calls[callId];
  return call?.kind === 'llm' ? call : null;
}

function toolCall(state: RunState, callId: string): ToolCall | null {
  const call = state.calls[callId];
  return call?.kind === 'tool' ? call : null;
}

/** A start of a call that is known means that it is made again (a crash lay between): what it had written is void. */
function startLlm(state: RunState, event: RunEvent & { type: 'llm.started' }): RunState {
  const { call_id, provider, model, agent, turn } = event.data;
  if (llmCall(state, call_id)?.status === 'completed') return state;
  return putCall(state, {
    kind: 'llm',
    callId: call_id,
    stepId: event.step_id ?? '',
    provider,
    model,
    agent,
    turn,
    status: 'running',
    startedAt: event.at,
    finishedAt: null,
    text: '',
    offline: false,
    inputTokens: 0,
    outputTokens: 0,
    costMicros: null,
    durationMs: null,
    finishReason: null,
    fallbacks: [],
    cache: undefined,
  });
}

/** The next candidate begins anew: what the one before had written is set aside. */
function fallBack(call: LlmCall, event: RunEvent & { type: 'llm.fallback' }): LlmCall {
  const { from, to, error, discarded_chars: count = 0 } = event.data;
  const fallbacks = (discarded: string) => [...call.fallbacks, { from, to, error, discarded }];
  // The answer is there already, and with it who gave it.
  if (call.status === 'completed') return { ...call, fallbacks: fallbacks('') };
  const kept = Math.max(0, call.text.length - count);
  const slash = to.indexOf('/');
  return {
    ...call,
    ...(slash > 0 ? { provider: to.slice(0, slash), model: to.slice(slash + 1) } : {}),
    text: call.text.slice(0, kept),
    fallbacks: fallbacks(call.text.slice(kept)),
  };
}

function completeLlm(state: RunState, event: RunEvent & { type: 'llm.completed' }): RunState {
  const { data } = event;
  const known = llmCall(state, data.call_id);
  if (known?.status === 'completed') return state;
  const startedAt =
    known?.startedAt ?? new Date(Date.parse(event.at) - data.duration_ms).toISOString();
  const next = putCall(state, {
    kind: 'llm',
    callId: data.call_id,
    stepId: event.step_id ?? '',
    provider: data.provider,
    model: data.model,
    agent: data.agent,
    turn: known?.turn ?? 0,
    fallbacks: known?.fallbacks ?? [],
    status: 'completed',
    startedAt,
    finishedAt: event.at,
    text: data.text,
    offline: data.offline,
    inputTokens: data.input_tokens,
    outputTokens: data.output_tokens,
    costMicros: data.cost_micros,
    durationMs: data.duration_ms,
    finishReason: data.finish_reason,
    cache: data.cache,
  });
  const { usage } = state;
  return {
    ...next,
    usage: {
      ...usage,
      model_calls: usage.model_calls + 1,
      input_tokens: usage.input_tokens + data.input_tokens,
      output_tokens: usage.output_tokens + data.output_tokens,
      cached_input_tokens: usage.cached_input_tokens + data.cached_input_tokens,
      reasoning_tokens: usage.reasoning_tokens + data.reasoning_tokens,
      cost_micros: addCost(usage.cost_micros, data.cost_micros),
      estimated: usage.estimated || data.estimated,
    },
  };
}

function startTool(state: RunState, event: RunEvent & { type: 'tool.started' }): RunState {
  const { call_id, tool, agent, input } = event.data;
  const known = toolCall(state, call_id);
  if (known !== null && known.status !== 'running') return state;
  return putCall(state, {
    kind: 'tool',
    callId: call_id,
    stepId: event.step_id ?? '',
    tool,
    agent: agent ?? null,
    input,
    status: 'running',
    startedAt: event.at,
    finishedAt: null,
    summary: '',
    outputPreview: '',
    truncated: false,
    findingsTotal: 0,
    findings: [],
    error: null,
    durationMs: null,
  });
}

function endTool(
  state: RunState,
  event: RunEvent & { type: 'tool.completed' | 'tool.failed' },
): RunState {
  const { data } = event;
  const known = toolCall(state, data.call_id);
  if (known !== null && known.status !== 'running') return state;
  const stepId = event.step_id ?? '';
  const base: ToolCall = {
    kind: 'tool',
    callId: data.call_id,
    stepId,
    tool: data.tool,
    agent: data.agent ?? null,
    input: known?.input ?? null,
    status: 'completed',
    startedAt: known?.startedAt ?? new Date(Date.parse(event.at) - data.duration_ms).toISOString(),
    finishedAt: event.at,
    summary: '',
    outputPreview: '',
    truncated: false,
    findingsTotal: 0,
    findings: [],
    error: null,
    durationMs: data.duration_ms,
  };
  const usage = { ...state.usage, tool_calls: state.usage.tool_calls + 1 };
  if (event.type === 'tool.failed') {
    const failed = { ...base, status: event.data.status, error: event.data.error };
    return { ...putCall(state, failed), usage };
  }
  const done = event.data;
  const next = putCall(state, {
    ...base,
    summary: done.summary,
    outputPreview: done.output_preview,
    truncated: done.truncated,
    findingsTotal: done.findings_total,
    findings: done.findings as ToolCall['findings'],
  });
  const step: StepView | undefined = next.steps[stepId];
  return {
    ...next,
    usage,
    findingsTotal: state.findingsTotal + done.findings_total,
    steps:
      step === undefined
        ? next.steps
        : {
            ...next.steps,
            [stepId]: { ...step, findingsTotal: step.findingsTotal + done.findings_total },
          },
  };
}

/** The state after an event of a model call or a tool call. */
export function applyCallEvent(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case 'llm.started':
      return startLlm(state, event);
    case 'llm.delta': {
      const call = llmCall(state, event.data.call_id);
      if (call === null || call.status === 'completed') return state;
      return putCall(state, { ...call, text: call.text + event.data.text });
    }
    case 'llm.fallback': {
      const call = llmCall(state, event.data.call_id);
      if (call === null) return state;
      return putCall(state, fallBack(call, event));
    }
    case 'llm.completed':
      return completeLlm(state, event);
    case 'tool.started':
      return startTool(state, event);
    case 'tool.completed':
    case 'tool.failed':
      return endTool(state, event);
    default:
      return state;
  }
}
