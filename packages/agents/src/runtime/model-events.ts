import { cutText } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import type { ModelPlan } from './model-step.ts';
import type { ModelStepResult } from './model-step-result.ts';
import type { TurnRequest } from './runtime-types.ts';

/** Text kept in the event; the whole answer is in the step's output. */
const TEXT_CHARS = 32_000;

/** Stores the end of a model call; made in the body of the run, so that a replay stores what a crash lost. */
export function emitModelCompleted(
  context: RunContext,
  request: TurnRequest,
  { plan, result }: { plan: ModelPlan; result: ModelStepResult },
): void {
  if (result.kind === 'limit' && !result.called) return;
  const { usage } = result;
  context.emit({
    type: 'llm.completed',
    key: `llm:${plan.callId}:completed`,
    stepId: request.stepId,
    data: {
      call_id: plan.callId,
      provider: result.provider,
      model: result.model,
      agent: request.agent.slug,
      input_tokens: usage.input_tokens,
      output_tokens: usage.output_tokens,
      cached_input_tokens: usage.cached_input_tokens,
      reasoning_tokens: usage.reasoning_tokens,
      cost_micros: usage.cost_micros,
      estimated: usage.estimated,
      offline: result.offline,
      duration_ms: Math.round(result.durationMs),
      finish_reason: finishOf(result),
      tool_calls: result.kind === 'answer' ? result.toolCalls.length : 0,
      text: cutText(result.text, TEXT_CHARS),
      ...(result.cache === undefined ? {} : { cache: result.cache }),
    },
  });
}

function finishOf(result: ModelStepResult): string {
  switch (result.kind) {
    case 'answer':
      return result.finishReason;
    case 'mismatch':
      return 'schema_mismatch';
    case 'limit':
      return `limit_${result.limit}`;
  }
}
