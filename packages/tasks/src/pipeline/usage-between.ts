import type { Usage } from '@automatos/contracts';

/** What was used after `before` until `now`, both counted from the begin. */
export function usageBetween(before: Usage, now: Usage): Usage {
  const known = before.cost_micros !== null && now.cost_micros !== null;
  return {
    model_calls: now.model_calls - before.model_calls,
    tool_calls: now.tool_calls - before.tool_calls,
    input_tokens: now.input_tokens - before.input_tokens,
    output_tokens: now.output_tokens - before.output_tokens,
    cached_input_tokens: now.cached_input_tokens - before.cached_input_tokens,
    reasoning_tokens: now.reasoning_tokens - before.reasoning_tokens,
    cost_micros: known ? (now.cost_micros ?? 0) - (before.cost_micros ?? 0) : null,
    estimated: now.estimated,
  };
}
