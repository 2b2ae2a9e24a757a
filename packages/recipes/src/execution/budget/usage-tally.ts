import { NO_USAGE, addUsage, usageOfModelCall } from '@automatos/contracts';
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
          usage = addUsage(usage, usageOfModelCall(event.data as EventData<'llm.completed'>));
        if (event.type === 'tool.completed' || event.type === 'tool.failed') {
          usage = { ...usage, tool_calls: usage.tool_calls + 1 };
          onTool(event as EmitEvent<'tool.completed' | 'tool.failed'>);
        }
        context.emit(event);
      },
    }),
  };
}
