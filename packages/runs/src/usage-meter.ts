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
  const sum = {
    model_calls: 0,
    tool_calls: 0,
    input_tokens: 0,
    output_tokens: 0,
    cached_input_tokens: 0,
    reasoning_tokens: 0,
    estimated: false,
  };
  let cost: number | null = 0;
  function addSubRun(event: EmitEvent): void {
    const { sub_run_id: part, usage } = event.data as EventData<'step.failed'>;
    if (part === undefined || usage === undefined || seen.has(event.key)) return;
    seen.add(event.key);
    sum.model_calls += usage.model_calls;
    sum.tool_calls += usage.tool_calls;
    sum.input_tokens += usage.input_tokens;
    sum.output_tokens += usage.output_tokens;
    sum.cached_input_tokens += usage.cached_input_tokens;
    sum.reasoning_tokens += usage.reasoning_tokens;
    sum.estimated ||= usage.estimated;
    cost = cost === null || usage.cost_micros === null ? null : cost + usage.cost_micros;
  }
  return {
    see(event) {
      if (event.type === 'step.completed' || event.type === 'step.failed') return addSubRun(event);
      const model = event.type === 'llm.completed';
      if (!model && event.type !== 'tool.completed' && event.type !== 'tool.failed') return;
      if (seen.has(event.key)) return;
      seen.add(event.key);
      if (!model) {
        sum.tool_calls += 1;
        return;
      }
      const data = event.data as EventData<'llm.completed'>;
      sum.model_calls += 1;
      sum.input_tokens += data.input_tokens;
      sum.output_tokens += data.output_tokens;
      sum.cached_input_tokens += data.cached_input_tokens;
      sum.reasoning_tokens += data.reasoning_tokens;
      sum.estimated ||= data.estimated;
      cost = cost === null || data.cost_micros === null ? null : cost + data.cost_micros;
    },
    total: () => ({ ...sum, cost_micros: cost }),
  };
}
