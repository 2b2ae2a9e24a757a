import { isJsonObject } from '@automatos/kernel';
import type { CountedUsage } from '../usage/cost.ts';

/** Counts of one answer in OpenAI's wire and its dialects (Groq, DeepSeek, Moonshot); null when it holds none. */
export function readUsage(answer: Record<string, unknown>): CountedUsage | null {
  const usage = findUsage(answer);
  if (usage === null) return null;
  const input = countOf(usage['prompt_tokens']);
  const output = countOf(usage['completion_tokens']);
  if (input === null || output === null) return null;
  const read = objectOf(usage['prompt_tokens_details']);
  const written = objectOf(usage['completion_tokens_details']);
  const cached =
    countOf(read['cached_tokens']) ??
    countOf(usage['prompt_cache_hit_tokens']) ??
    countOf(usage['cached_tokens']) ??
    0;
  return {
    inputTokens: input,
    outputTokens: output,
    cachedInputTokens: Math.min(cached, input),
    reasoningTokens: countOf(written['reasoning_tokens']) ?? 0,
    cacheWriteTokens: 0,
    estimated: false,
  };
}

function findUsage(answer: Record<string, unknown>): Record<string, unknown> | null {
  if (isJsonObject(answer['usage'])) return answer['usage'];
  const groq = objectOf(answer['x_groq']);
  if (isJsonObject(groq['usage'])) return groq['usage'];
  const choices = answer['choices'];
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const inChoice = objectOf(first)['usage'];
  return isJsonObject(inChoice) ? inChoice : null;
}

function objectOf(value: unknown): Record<string, unknown> {
  return isJsonObject(value) ? value : {};
}

function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;
}
