import type { Usage } from '@automatos/contracts';

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
