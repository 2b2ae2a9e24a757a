import { NO_USAGE } from '@automatos/contracts';
import type { EventData, Usage } from '@automatos/contracts';
import type { EmitEvent, RunContext } from '@automatos/runs';

export interface UsageTally {
  /** Sum over all calls of the step so far, failed attempts included; the cost is unknown as soon as one price is. */
  usage(): Usage;
  /** Counts what a sub-run used. */
  add(usage: Usage): void;
  /** Context that counts what is emitted through it. */
  counting(context: RunContext): RunContext;
}

/**
 * Counts a step's calls by their `completed` and `failed` events. These are emitted after each recorded call, also on a
 * replay, so the sum is the same after a crash. `onTool` hears of each tool call.
 */
export function createUsageTally(
  onTool: (event: EmitEvent<'tool.completed' | 'tool.failed'>) => void,
): UsageTally {
  let usage: Usage = NO_USAGE;
  return {
    usage: () => usage,
    add: (more) => void (usage = addUsage(usage, more)),
    counting: (context) => ({
      ...context,
      emit(event) {
        if (event.type === 'llm.completed')
          usage = addUsage(usage, ofModelCall(event.data as EventData<'llm.completed'>));
        if (event.type === 'tool.completed' || event.type === 'tool.failed') {
          usage = { ...usage, tool_calls: usage.tool_calls + 1 };
          onTool(event as EmitEvent<'tool.completed' | 'tool.failed'>);
        }
        context.emit(event);
      },
    }),
  };
}

function ofModelCall(call: EventData<'llm.completed'>): Usage {
  return {
    model_calls: 1,
    tool_calls: 0,
    input_tokens: call.input_tokens,
    output_tokens: call.output_tokens,
    cached_input_tokens: call.cached_input_tokens,
    reasoning_tokens: call.reasoning_tokens,
    cost_micros: call.cost_micros,
    estimated: call.estimated,
  };
}

/** Sum of two; the cost is unknown as soon as one part is. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    model_calls: a.model_calls + b.model_calls,
    tool_calls: a.tool_calls + b.tool_calls,
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    cached_input_tokens: a.cached_input_tokens + b.cached_input_tokens,
    reasoning_tokens: a.reasoning_tokens + b.reasoning_tokens,
    cost_micros:
      a.cost_micros === null || b.cost_micros === null ? null : a.cost_micros + b.cost_micros,
    estimated: a.estimated || b.estimated,
  };
}
