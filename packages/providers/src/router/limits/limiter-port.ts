import type { RouterSettings } from '@automatos/contracts';
import type { WorkspaceId } from '@automatos/kernel';
import type { PlatformError } from '@automatos/kernel';

/** Who is to be called under which limits. */
export interface LimitTarget {
  workspaceId: WorkspaceId;
  provider: string;
  model: string;
  /** Fingerprint of the credential. */
  credential: string;
}

export interface LimitRequest {
  /** Upper estimate of input and output together. */
  tokens: number;
  settings: Pick<RouterSettings, 'limits' | 'queue'>;
  signal: AbortSignal;
}

/** A place within the limits, until it is given back. */
export interface Place {
  /** `usedTokens` null = unknown: the estimate counts. */
  release(usedTokens: number | null): void;
}

/** Keeps calls within the vendors' limits and the workspace's own ones. */
export interface Limiter {
  /** A place, at once when there is room; rejects with `providers.limit.wait_too_long` or `providers.limit.queue_full`. */
  acquire(target: LimitTarget, request: LimitRequest): Place | Promise<Place>;
  /** Takes note of what an answer says about the vendor's limits. */
  told(target: LimitTarget, response: { status: number; headers: Record<string, string> }): void;
  /** Takes note of a refusal for the rate. */
  refused(target: LimitTarget, error: PlatformError): void;
}
