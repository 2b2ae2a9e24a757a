import type { ModelPrice } from '@automatos/providers';
import { agentError } from '../agent-error.ts';

export interface AllowanceQuestion {
  /** Output tokens that the agent is configured for. */
  wanted: number;
  /** Upper estimate of the call's input. */
  inputTokens: number;
  tokensLeft: number;
  /** Micro-dollars; null = no limit. */
  moneyLeft: number | null;
  price: Pick<ModelPrice, 'inputMicros' | 'outputMicros'>;
  /** For the message. */
  model: string;
}

/** `cutBy` says which limit made the allowance smaller than wanted; undefined = the agent's own setting. */
export type Allowance =
  | { maxOutputTokens: number; cutBy?: 'tokens' | 'money' }
  | { limit: 'tokens' | 'money' };

/**
 * How many output tokens a call may have so that its worst case keeps the turn's limits, or the limit that leaves no room
 * for a call at all. Throws `agents.budget.price_unknown` when money is limited and the price is not known.
 */
export function outputAllowance(question: AllowanceQuestion): Allowance {
  const byTokens = question.tokensLeft - question.inputTokens;
  if (byTokens < 1) return { limit: 'tokens' };
  const byMoney = affordableOutput(question);
  if (byMoney < 1) return { limit: 'money' };
  const maxOutputTokens = Math.min(question.wanted, byTokens, byMoney);
  if (maxOutputTokens === question.wanted) return { maxOutputTokens };
  return { maxOutputTokens, cutBy: byMoney < byTokens ? 'money' : 'tokens' };
}

function affordableOutput(question: AllowanceQuestion): number {
  if (question.moneyLeft === null) return Number.POSITIVE_INFINITY;
  const { inputMicros, outputMicros } = question.price;
  if (inputMicros === null || outputMicros === null) {
    throw agentError('agents.budget.price_unknown', {
      kind: 'limit-reached',
      message: `The agent has a money limit (limits.max_cost_micros), but the price of ${question.model} is unknown, so the call was refused. Choose a model with a known price or remove the limit.`,
    });
  }
  // Prices are per million tokens, so the comparison is made in millionths of a micro-dollar.
  const left = question.moneyLeft * 1_000_000 - question.inputTokens * inputMicros;
  if (left < 0) return 0;
  return outputMicros === 0 ? Number.POSITIVE_INFINITY : Math.floor(left / outputMicros);
}
