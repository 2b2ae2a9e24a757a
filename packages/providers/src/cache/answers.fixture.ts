import type { ModelResult } from '../calls/model-call.ts';

export const REF = { provider: 'openai', model: 'gpt-5.4-mini' };

/** An answer that cost 42 micro-dollars and that may be kept. */
export function result(extra: Partial<ModelResult> = {}): ModelResult {
  return {
    text: 'Paris.',
    toolCalls: [],
    finishReason: 'stop',
    usage: { inputTokens: 9, outputTokens: 3, cachedInputTokens: 0, reasoningTokens: 0 },
    usageEstimated: false,
    costMicros: 42,
    costIsUpperBound: false,
    priceVersion: 'v',
    ...REF,
    durationMs: 800,
    firstTokenMs: 200,
    offline: false,
    route: { strategy: 'priority', cache: 'miss', attempts: [], reason: '' },
    message: { role: 'assistant', content: 'Paris.' },
    ...extra,
  };
}
