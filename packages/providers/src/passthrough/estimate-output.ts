import { isJsonObject } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';

/** First choice of an answer or of a chunk; an empty object when there is none. */
export function firstChoice(answer: JsonObject): JsonObject {
  const { choices } = answer;
  const first = Array.isArray(choices) ? choices[0] : undefined;
  return isJsonObject(first) ? (first as JsonObject) : {};
}

/** What the model wrote in a message or a delta: text, reasoning, names and arguments of tool calls. */
export function writtenIn(part: unknown): string {
  if (!isJsonObject(part)) return '';
  const texts = [part['content'], part['reasoning_content'], part['reasoning'], part['refusal']];
  const calls = Array.isArray(part['tool_calls']) ? part['tool_calls'] : [];
  for (const call of calls) {
    const made = isJsonObject(call) && isJsonObject(call['function']) ? call['function'] : {};
    texts.push(made['name'], made['arguments']);
  }
  return texts.filter((text) => typeof text === 'string').join('');
}
