import { isJsonObject } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import type { Candidate } from '../router/ports.ts';
import type { ChatBody } from './ports.ts';

/** Servers that tell usage in streams unasked, and refuse to be asked. */
const TELLS_USAGE_UNASKED: ReadonlySet<string> = new Set(['mistral']);
/** Vendors whose newer models take no other name for the bound of the answer. */
const BOUND_IS_COMPLETION: ReadonlySet<string> = new Set(['openai']);

/** The caller's body for one candidate: its model, usage asked for, and the answer bounded where a budget or limit bounds it. */
export function chatBodyFor(body: ChatBody, candidate: Candidate): string {
  const { provider, model } = candidate.resolved;
  const sent: JsonObject = { ...body, model: model.id };
  if (body['stream'] === true && !TELLS_USAGE_UNASKED.has(provider.id)) {
    const asked = body['stream_options'];
    sent['stream_options'] = { ...(isJsonObject(asked) ? asked : {}), include_usage: true };
  }
  boundAnswer(sent, candidate.maxOutputTokens, BOUND_IS_COMPLETION.has(provider.id));
  return JSON.stringify(sent);
}

function boundAnswer(sent: JsonObject, bound: number | null, byCompletion: boolean): void {
  const named = ['max_completion_tokens', 'max_tokens'].filter(
    (name) => typeof sent[name] === 'number',
  );
  if (bound === null) return;
  for (const name of named) sent[name] = Math.min(sent[name] as number, bound);
  if (named.length === 0) sent[byCompletion ? 'max_completion_tokens' : 'max_tokens'] = bound;
}

/** Whether the caller wants to be told the usage in its stream; else that last chunk is for us alone. */
export function wantsUsage(body: ChatBody): boolean {
  const options = body['stream_options'];
  return isJsonObject(options) && options['include_usage'] === true;
}
