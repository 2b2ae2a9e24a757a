import { contentHash, sha256 } from '@automatos/kernel/hash';
import type { CacheRequest } from './cache-port.ts';

/** Raised whenever the same call would be sent or read in another way than before: answers kept by older versions then rest unused. */
export const ANSWER_FORM = 1;

/**
 * Key of everything that decides what is answered. It is made by leaving out what does not, so that a field that is added to a call
 * later counts until somebody says otherwise.
 */
export function cacheKeyOf(request: CacheRequest): string {
  return hashOf(identityOf(request));
}

/** Key under which only calls share one upstream call that also wait equally long for it. */
export function flightKeyOf(request: CacheRequest): string {
  return hashOf({ ...identityOf(request), timeouts: request.call.timeouts ?? {} });
}

/** Question of a call for the semantic cache; null when its last message is not plain text, or it offers tools. */
export interface SemanticQuestion {
  text: string;
  /** Key of all the rest: only answers of the same scope may stand for one another. */
  scope: string;
}

export function semanticQuestionOf(request: CacheRequest): SemanticQuestion | null {
  const { call, settings } = request;
  const last = call.messages.at(-1);
  const text = last?.role === 'user' ? plainText(last.content) : null;
  if (text === null || text.trim() === '' || (call.tools ?? []).length > 0) return null;
  const rest = { ...request, call: { ...call, messages: call.messages.slice(0, -1) } };
  return {
    text,
    scope: hashOf({ ...identityOf(rest), embedding: settings.semantic?.embedding ?? null }),
  };
}

function identityOf({ owner, call, refs, endpoint }: CacheRequest): Record<string, unknown> {
  const {
    signal: _signal,
    timeouts: _timeouts,
    idempotencyKey: _idempotencyKey,
    onDelta: _onDelta,
    onDiscard: _onDiscard,
    owner: _owner,
    inputTokens: _inputTokens,
    cache: _cache,
    unfit: _unfit,
    ...matters
  } = call;
  return { form: ANSWER_FORM, ...matters, workspaceId: owner.workspaceId, refs, endpoint };
}

function plainText(content: unknown): string | null {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return null;
  const parts = content as { type: string; text?: string }[];
  return parts.every((part) => part.type === 'text')
    ? parts.map((part) => part.text ?? '').join('\n')
    : null;
}

function hashOf(value: unknown): string {
  return contentHash(withoutBytes(value));
}

/** Bytes as their hash, addresses as text: JSON has neither. */
function withoutBytes(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: sha256(value) };
  if (value instanceof ArrayBuffer) return { bytes: sha256(new Uint8Array(value)) };
  if (value instanceof URL) return { url: value.href };
  if (Array.isArray(value)) return value.map(withoutBytes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, withoutBytes(inner)]),
  );
}
