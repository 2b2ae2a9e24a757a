import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import { roundUpMicros, tokenCost } from '@automatos/kernel';
import type { ModelUsage } from '../calls/model-call.ts';
import type { ModelPrice } from '../catalogue/catalogue-types.ts';

/** Tokens of one call, split as prices need them. */
export interface CountedUsage extends ModelUsage {
  /** Tokens written to the vendor's prompt cache; part of `inputTokens`. */
  cacheWriteTokens: number;
  estimated: boolean;
}

/** The vendor's counts; what it left out is taken from `estimate` and marked. A total of 0 for text that exists counts as left out. */
export function countUsage(
  usage: LanguageModelV4Usage,
  estimate: () => { input: number; output: number },
): CountedUsage {
  const input = usage.inputTokens.total ?? 0;
  const output = usage.outputTokens.total ?? 0;
  const cached = usage.inputTokens.cacheRead ?? 0;
  const written = usage.inputTokens.cacheWrite ?? 0;
  const reasoning = usage.outputTokens.reasoning ?? 0;
  if (input > 0 && output > 0)
    return {
      inputTokens: input,
      outputTokens: output,
      cachedInputTokens: cached,
      reasoningTokens: reasoning,
      cacheWriteTokens: written,
      estimated: false,
    };
  const guess = estimate();
  const estimated = (input === 0 && guess.input > 0) || (output === 0 && guess.output > 0);
  return {
    inputTokens: input || guess.input,
    outputTokens: output || guess.output,
    cachedInputTokens: cached,
    reasoningTokens: reasoning,
    cacheWriteTokens: written,
    estimated,
  };
}

export interface CallCost {
  /** Null = a price that is needed is unknown. */
  micros: number | null;
  isUpperBound: boolean;
}

/**
 * Cost of one call, exact until one rounding up. Cached tokens without a price of their own count at the full input price, which
 * is marked as an upper bound; cache writes may cost more than input, so without a price they make the cost unknown.
 */
export function costOf(usage: CountedUsage, price: ModelPrice): CallCost {
  if (price.inputMicros === null || price.outputMicros === null)
    return { micros: null, isUpperBound: false };
  if (usage.cacheWriteTokens > 0 && price.cacheWriteMicros === null)
    return { micros: null, isUpperBound: false };
  const cachedPriceUnknown = usage.cachedInputTokens > 0 && price.cachedInputMicros === null;
  const plain = Math.max(0, usage.inputTokens - usage.cachedInputTokens - usage.cacheWriteTokens);
  const micros = roundUpMicros([
    tokenCost(plain, price.inputMicros),
    tokenCost(usage.cachedInputTokens, price.cachedInputMicros ?? price.inputMicros),
    tokenCost(usage.cacheWriteTokens, price.cacheWriteMicros ?? 0),
    tokenCost(usage.outputTokens, price.outputMicros),
  ]);
  return { micros, isUpperBound: cachedPriceUnknown };
}
