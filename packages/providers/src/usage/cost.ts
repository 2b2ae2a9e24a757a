import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import { roundUpMicros, tokenCost } from '@automatos/kernel';
import type { ModelUsage } from '../calls/model-call.ts';
import type { ModelPrice, TokenRates } from '../catalogue/catalogue-types.ts';

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
  const cached = usage.inputTokens.cacheRead || cachedByDialect(usage.raw);
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

/** Cached tokens where servers of the openai-chat family name them differently: DeepSeek and Moonshot. */
function cachedByDialect(raw: LanguageModelV4Usage['raw']): number {
  const count = raw?.['prompt_cache_hit_tokens'] ?? raw?.['cached_tokens'];
  return typeof count === 'number' && count > 0 ? count : 0;
}

export interface CallCost {
  /** Null = a price that is needed is unknown. */
  micros: number | null;
  isUpperBound: boolean;
}

/** How often what is billed beside tokens was used, by the names of `ModelPrice.fees`; the one request itself needs no entry. */
export type BilledUses = Readonly<Record<string, number>>;

const UNKNOWN: CallCost = { micros: null, isUpperBound: false };

/** Everything that decides what a call costs. */
export interface Charged {
  usage: CountedUsage;
  price: ModelPrice;
  /** What the vendor itself says the call cost: preferred over any sum of ours. Null = it does not say. */
  vendorCostMicros?: number | null;
  uses?: BilledUses;
}

/** Cost of one call as the vendor states it, else tokens and fees at their prices. */
export function chargeOf({ usage, price, vendorCostMicros = null, uses = {} }: Charged): CallCost {
  if (vendorCostMicros !== null) return { micros: vendorCostMicros, isUpperBound: false };
  return costOf(usage, price, uses);
}

/**
 * Cost of one call, exact until one rounding up. Cached tokens without a price of their own count at the full input price, which
 * is marked as an upper bound; cache writes may cost more than input, so without a price they make the cost unknown, as does the
 * use of anything whose fee is unknown.
 */
export function costOf(usage: CountedUsage, price: ModelPrice, uses: BilledUses = {}): CallCost {
  const rates = ratesFor(price, usage.inputTokens);
  if (rates.inputMicros === null || rates.outputMicros === null) return UNKNOWN;
  if (usage.cacheWriteTokens > 0 && rates.cacheWriteMicros === null) return UNKNOWN;
  const fees = feesOf(price, uses);
  if (fees === null) return UNKNOWN;
  const cachedPriceUnknown = usage.cachedInputTokens > 0 && rates.cachedInputMicros === null;
  const plain = Math.max(0, usage.inputTokens - usage.cachedInputTokens - usage.cacheWriteTokens);
  const reasoning =
    rates.reasoningMicros === undefined ? 0 : Math.min(usage.reasoningTokens, usage.outputTokens);
  const micros = roundUpMicros([
    tokenCost(plain, rates.inputMicros),
    tokenCost(usage.cachedInputTokens, rates.cachedInputMicros ?? rates.inputMicros),
    tokenCost(usage.cacheWriteTokens, rates.cacheWriteMicros ?? 0),
    tokenCost(usage.outputTokens - reasoning, rates.outputMicros),
    tokenCost(reasoning, rates.reasoningMicros ?? 0),
    ...fees,
  ]);
  return { micros, isUpperBound: cachedPriceUnknown };
}

/** The rates of a call with that much input: those of the highest tier that it passes. */
export function ratesFor(price: ModelPrice, inputTokens: number): TokenRates {
  return price.tiers?.findLast((tier) => inputTokens > tier.aboveInputTokens) ?? price;
}

/**
 * The most that a call may cost with at most that many tokens, whatever part of the input is cached or written to a cache and
 * whatever part of the output is reasoning; null = a price is unknown. Without cache prices the input price holds: such calls
 * settle as unknown if they write to a cache.
 */
export function worstCostOf(
  price: ModelPrice,
  tokens: { input: number; output: number },
  uses: BilledUses = {},
): number | null {
  const fees = feesOf(price, uses);
  if (fees === null || price.inputMicros === null || price.outputMicros === null) return null;
  const reached = (price.tiers ?? []).filter((tier) => tokens.input > tier.aboveInputTokens);
  const worst = [price, ...reached].reduce(
    (most, rates) => ({
      input: Math.max(most.input, rates.inputMicros ?? 0, rates.cacheWriteMicros ?? 0),
      output: Math.max(most.output, rates.outputMicros ?? 0, rates.reasoningMicros ?? 0),
    }),
    { input: 0, output: 0 },
  );
  return roundUpMicros([
    tokenCost(tokens.input, worst.input),
    tokenCost(tokens.output, worst.output),
    ...fees,
  ]);
}

/** Exact numerators of all fees of a call; null = one that was used has no known price. */
function feesOf(price: ModelPrice, uses: BilledUses): bigint[] | null {
  const parts: bigint[] = [];
  for (const [name, count] of Object.entries({ request: 1, ...uses })) {
    const fee = price.fees?.[name];
    if (fee !== undefined) parts.push(tokenCost(count, fee) * 1_000_000n);
    else if (name !== 'request' && count > 0) return null;
  }
  return parts;
}
