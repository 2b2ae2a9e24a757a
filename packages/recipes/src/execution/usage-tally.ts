import type { EventData, Usage } from '@automatos/contracts';
import type { RunContext } from '@automatos/runs';
import { NO_USAGE } from '@automatos/contracts';

export interface UsageTally {
  /** Sum over all calls of the step so far, failed attempts included; the cost is unknown as soon as one price is. */
  usage(): Usage;
  /** Context that counts what is emitted through it. */
  counting(context: RunContext): RunContext;
}

/**
 * Counts a step's calls by their `completed` and `failed` events. These are emitted after each recorded call, also on a
 * replay, so the sum is the same after a crash.
 */
export function createUsageTally(): UsageTally {
  let usage: Usage = NO_USAGE;
  return {
    usage: () => usage,
    counting: (context) => ({
      ...context,
      emit(event) {
        if (event.type === 'llm.completed')
          usage = withModelCall(usage, event.data as EventData<'llm.completed'>);
        if (event.type === 'tool.completed' || event.type === 'tool.failed') {
          usage = { ...usage, tool_calls: usage.tool_calls + 1 };
        }
        context.emit(event);
      },
    }),
  };
}

function withModelCall(usage: Usage, call: EventData<'llm.completed'>): Usage {
  return {
    ...usage,
    model_calls: usage.model_calls + 1,
    input_tokens: usage.input_tokens + call.input_tokens,
    output_tokens: usage.output_tokens + call.output_tokens,
    cached_input_tokens: usage.cached_input_tokens + call.cached_input_tokens,
    reasoning_tokens: usage.reasoning_tokens + call.reasoning_tokens,
    cost_micros:
      usage.cost_micros === null || call.cost_micros === null
        ? null
        : usage.cost_micros + call.cost_micros,
    estimated: usage.estimated || call.estimated,
  };
}
