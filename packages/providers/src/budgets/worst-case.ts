import { roundUpMicros, tokenCost } from '@automatos/kernel';
import type { Micros } from '@automatos/kernel';
import type { ModelPrice, TokenRates } from '../catalogue/catalogue-types.ts';

/** The most a call may be charged: a fixed part for what is sent, and a rate for what is answered. */
export interface WorstCase {
  /** Micro-dollars × 1,000,000, exact. */
  sent: bigint;
  /** Micro-dollars per million tokens of the answer. */
  outputRate: number;
}

/** Micro-dollars per million tokens that stand in for an unknown price. */
export interface PriceCeiling {
  inputMicros: number;
  outputMicros: number;
}

interface Claimed {
  inputTokens: number;
  maxOutputTokens: number | null;
  extraMicros: number;
}

/** Whether a rate that the call needs is unknown; a call without an answer (embeddings) needs no price of output. */
export function isPriceUnknown(price: ModelPrice, claim: Claimed): boolean {
  return price.inputMicros === null || (claim.maxOutputTokens !== 0 && price.outputMicros === null);
}

/**
 * Worst case of a call: all input at the highest rate that could apply (plain, read from or written to a cache, any tier of length
 * that the input may reach), all output at the higher one of output and reasoning, each fee once. Unknown rates count as `ceiling`.
 */
export function worstCaseOf(
  price: ModelPrice,
  claim: Claimed,
  ceiling: PriceCeiling | null,
): WorstCase {
  const rates: TokenRates[] = [
    price,
    ...(price.tiers ?? []).filter((tier) => tier.aboveInputTokens < claim.inputTokens),
  ];
  const input = Math.max(
    ...rates.flatMap((rate) => [
      rate.inputMicros ?? ceiling?.inputMicros ?? 0,
      rate.cachedInputMicros ?? 0,
      rate.cacheWriteMicros ?? 0,
    ]),
  );
  const output = Math.max(
    ...rates.flatMap((rate) => [
      rate.outputMicros ?? ceiling?.outputMicros ?? 0,
      rate.reasoningMicros ?? 0,
    ]),
  );
  const fees = Object.values(price.fees ?? {}).reduce((sum, fee) => sum + fee, claim.extraMicros);
  return {
    sent: tokenCost(claim.inputTokens, input) + BigInt(Math.ceil(fees)) * 1_000_000n,
    outputRate: claim.maxOutputTokens === 0 ? 0 : output,
  };
}

/** Cost of the worst case with an answer of so many tokens, rounded up once. */
export function amountOf(worst: WorstCase, outputTokens: number): Micros {
  return roundUpMicros([worst.sent, tokenCost(outputTokens, worst.outputRate)]);
}

/** Most tokens of an answer that an amount pays for beside what is sent; -1 = not even that. Infinity when answers cost nothing. */
export function tokensWithin(worst: WorstCase, amount: Micros): number {
  const left = BigInt(Math.max(0, Math.trunc(amount))) * 1_000_000n - worst.sent;
  if (left < 0n) return -1;
  return worst.outputRate === 0 ? Infinity : Number(left / BigInt(worst.outputRate));
}

export function isFree(worst: WorstCase): boolean {
  return worst.sent === 0n && worst.outputRate === 0;
}

/** What was used, at the ceiling's price. */
export function costAtCeiling(
  ceiling: PriceCeiling,
  used: { inputTokens: number; outputTokens: number },
): Micros {
  return roundUpMicros([
    tokenCost(used.inputTokens, ceiling.inputMicros),
    tokenCost(used.outputTokens, ceiling.outputMicros),
  ]);
}
