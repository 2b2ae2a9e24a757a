import type { WorkspaceId } from '@automatos/kernel';
import { PlatformError } from '@automatos/kernel';

/** An answer as it went out, kept for replay. */
export interface StoredAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface IdempotentRequest {
  workspaceId: WorkspaceId;
  key: string;
  /** Hash over caller, operation and body: the same key with another one is a mistake of the client. */
  fingerprint: string;
}

export type IdempotencyClaim =
  | { state: 'claimed' }
  | { state: 'replay'; answer: StoredAnswer }
  | { state: 'reused' }
  | { state: 'in_progress' };

/**
 * Remembers answers of writes for 24 hours per workspace. A claim that its process did not finish within 60 seconds is
 * taken for lost and may be claimed again.
 */
export interface IdempotencyStore {
  claim(request: IdempotentRequest): Promise<IdempotencyClaim>;
  keep(request: IdempotentRequest, answer: StoredAnswer): Promise<void>;
  /** Forgets the claim, so that a failed request can be sent again. */
  release(request: IdempotentRequest): Promise<void>;
}

export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;

/**
 * Answers `request` once: a repetition gets the first answer. Only successes are kept; a failure frees the key. Throws
 * 409 when the key was used for something else or the first request still works.
 */
export async function answerOnce(
  store: IdempotencyStore,
  request: IdempotentRequest,
  produce: () => Promise<StoredAnswer>,
): Promise<{ answer: StoredAnswer; replayed: boolean }> {
  if (!IDEMPOTENCY_KEY.test(request.key)) {
    throw new PlatformError({
      code: 'http.idempotency_key.invalid',
      kind: 'invalid-input',
      message: 'Idempotency-Key must have 1 to 200 visible ASCII characters.',
    });
  }
  const claim = await store.claim(request);
  if (claim.state === 'replay') return { answer: claim.answer, replayed: true };
  if (claim.state === 'reused') {
    throw new PlatformError({
      code: 'http.idempotency_key.reused',
      kind: 'conflict',
      message: 'This Idempotency-Key was used for another request; make a new one.',
    });
  }
  if (claim.state === 'in_progress') {
    throw new PlatformError({
      code: 'http.idempotency_key.in_progress',
      kind: 'conflict',
      message:
        'The first request with this Idempotency-Key has not ended yet; send it again in a moment.',
      retryAfterMs: 1000,
    });
  }
  let answer: StoredAnswer;
  try {
    answer = await produce();
  } catch (error) {
    await store.release(request);
    throw error;
  }
  await store.keep(request, answer);
  return { answer, replayed: false };
}
