import { NO_USAGE, addUsage, usageOfModelCall } from '@automatos/contracts';
import type { EventData, Usage } from '@automatos/contracts';
import type { EmitEvent } from './types.ts';

/**
 * Sums what the calls of one run used, from the events its body emits. A replay emits the same events again, so the sum
 * is right after a crash without reading the log.
 */
export interface UsageMeter {
  see(event: EmitEvent): void;
  total(): Usage;
}

export function createUsageMeter(): UsageMeter {
  const seen = new Set<string>();
  let total: Usage = NO_USAGE;
  return {
    see(event) {
      const used = usageOf(event);
      if (used === undefined || seen.has(event.key)) return;
      seen.add(event.key);
      total = addUsage(total, used);
    },
    total: () => total,
  };
}

/** What the event says was used; undefined when it says nothing, as a step without a run of its own does. */
function usageOf(event: EmitEvent): Usage | undefined {
  switch (event.type) {
    case 'llm.completed':
      return usageOfModelCall(event.data as EventData<'llm.completed'>);
    case 'tool.completed':
    case 'tool.failed':
      return { ...NO_USAGE, tool_calls: 1 };
    case 'step.completed':
    case 'step.failed': {
      const { sub_run_id: part, usage } = event.data as EventData<'step.failed'>;
      return part === undefined ? undefined : usage;
    }
    default:
      return undefined;
  }
}
