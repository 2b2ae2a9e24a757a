import type { Metrics } from '@automatos/kernel';
import type { ModelRef } from '../catalogue/catalogue-types.ts';

/** What an attempt used, whatever was sent and however it was sent. */
interface Spent {
  /** All input tokens, cached ones included. */
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  /** Null = the price is unknown. */
  costMicros: number | null;
  estimated: boolean;
}

/** Counts tokens and money of one attempt. */
export function countSpent(metrics: Metrics, { provider, model }: ModelRef, spent: Spent): void {
  const { inputTokens, outputTokens, cachedInputTokens, costMicros, estimated } = spent;
  const tokens = {
    input: inputTokens - cachedInputTokens,
    output: outputTokens,
    cached: cachedInputTokens,
  };
  for (const [direction, count] of Object.entries(tokens))
    if (count > 0)
      metrics.count('amas_ai_provider_tokens_total', { provider, model, direction }, count);
  if (costMicros !== null)
    metrics.count('amas_ai_provider_cost_usd_total', { provider, model }, costMicros / 1_000_000);
  if (estimated) metrics.count('amas_ai_provider_usage_estimated_total', { provider });
}
