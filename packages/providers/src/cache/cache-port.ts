import type { CacheOutcome } from '../usage/usage-tables.ts';
import type { RouterSettings } from '@automatos/contracts';
import type { WorkspaceId } from '@automatos/kernel';
import type { ModelCall, ModelResult } from '../calls/model-call.ts';
import type { ModelRef } from '../catalogue/catalogue-types.ts';
import type { CallOwner, FallbackNotice } from '../router/ports.ts';

/** A call that may be answered without asking a model. */
export interface CacheRequest {
  owner: CallOwner;
  call: ModelCall;
  /** What the caller asks for, in its order; the first is the one whose answers are kept. */
  refs: readonly ModelRef[];
  settings: RouterSettings['cache'];
  /** Base URL and credential as they stand, e.g. their fingerprint: other ones never share answers. Null = the catalogue's. */
  endpoint: string | null;
  onDelta: (text: string) => void;
  onFallback: (notice: FallbackNotice) => void;
}

/** What an upstream call made on behalf of all who wait for it must use instead of the caller's own. */
export interface UpstreamHooks {
  /** Aborts when nobody waits any more. */
  signal: AbortSignal;
  onDelta: (text: string) => void;
  onFallback: (notice: FallbackNotice) => void;
}

export interface CachedAnswer {
  /** With `hit`, `semantic` and `shared` it costs 0 and holds the tokens of the original. */
  result: ModelResult;
  outcome: CacheOutcome;
}

export interface CacheStats {
  hits: number;
  misses: number;
  shared: number;
  /** Kept answers of the workspace in this process. */
  entries: number;
  /** What the answers taken from here would have cost, as far as known. */
  savedMicros: number;
}

/** Kept answers of models; each belongs to one workspace and is never seen by another. */
export interface AnswerCache {
  /**
   * Answers from what is kept, from an equal call under way, or by `upstream`, which is called at most once for all who ask the same
   * at the same time. A caller that leaves does not end the call of the others. A failure of `upstream` fails all who wait and is
   * not kept. Aborting the caller's signal rejects with its reason.
   */
  answer(
    request: CacheRequest,
    upstream: (hooks: UpstreamHooks) => Promise<ModelResult>,
  ): Promise<CachedAnswer>;
  /** Forgets the workspace's answers everywhere; resolves to how many there were. */
  clear(workspaceId: WorkspaceId): Promise<number>;
  stats(workspaceId: WorkspaceId): CacheStats;
  close(): Promise<void>;
}

/** Embeds texts through the router, so that money, limits and circuits hold for it too. Vectors stand in the order of the texts. */
export type EmbedTexts = (request: {
  owner: CallOwner;
  ref: ModelRef;
  texts: readonly string[];
  signal: AbortSignal;
}) => Promise<readonly (readonly number[])[]>;

/** The cache of a platform without one. */
export const NO_CACHE: AnswerCache = {
  answer: async ({ call, onDelta, onFallback }, upstream) => ({
    result: await upstream({ signal: call.signal, onDelta, onFallback }),
    outcome: 'off',
  }),
  clear: async () => 0,
  stats: () => ({ hits: 0, misses: 0, shared: 0, entries: 0, savedMicros: 0 }),
  close: async () => undefined,
};
