import type { Clock, PlatformError } from '@automatos/kernel';
import type { VendorLimits, VendorQuota } from '../../codecs/codec-types.ts';

/** What a vendor said about one kind of its limits. */
interface Said {
  limit: number | null;
  remaining: number;
  resetsAt: number;
}

interface Seen {
  /** The vendor asked to wait until then. */
  pausedUntil: number;
  /** Refusals for the rate without a word on how long, one after another. */
  refusals: number;
  requests: Said | null;
  tokens: Said | null;
}

/** One row for people. */
export interface ToldQuota {
  kind: 'requests' | 'tokens';
  limit: number | null;
  remaining: number | null;
  resetsAt: number | null;
}

/** Words of a vendor are believed for this long at most: some are wrong, and a wait must end. */
const BELIEVED_MS = 60_000;
const PAUSE_MAX_MS = 600_000;
const PAUSE_FIRST_MS = 1_000;
const PAUSE_GUESSED_MAX_MS = 30_000;
const KEPT_MAX = 2_000;

/** Creates the memory of what vendors said about their limits, per model and credential. */
export function createVendorMemory(clock: Clock) {
  const seen = new Map<string, Seen>();

  function of(name: string): Seen {
    const known = seen.get(name);
    if (known !== undefined) return known;
    if (seen.size >= KEPT_MAX) seen.clear();
    const made = { pausedUntil: 0, refusals: 0, requests: null, tokens: null };
    seen.set(name, made);
    return made;
  }
  function said(quota: VendorQuota | undefined, before: Said | null): Said | null {
    if (quota?.remaining === undefined || quota.remaining === null) return before;
    const resetMs = Math.min(quota.resetMs ?? BELIEVED_MS, BELIEVED_MS);
    return { limit: quota.limit, remaining: quota.remaining, resetsAt: clock.now() + resetMs };
  }

  return {
    /** How long the vendor wants this call held back, in ms. */
    waitMs(name: string, tokens: number): number {
      const known = seen.get(name);
      if (known === undefined) return 0;
      const now = clock.now();
      const until = Math.max(
        known.pausedUntil,
        short(known.requests, 1, now),
        short(known.tokens, tokens, now),
      );
      return Math.max(0, until - now);
    },
    sent(name: string, tokens: number): void {
      const known = seen.get(name);
      if (known?.requests) known.requests.remaining -= 1;
      if (known?.tokens) known.tokens.remaining -= tokens;
    },
    told(name: string, limits: VendorLimits): void {
      if (limits.requests === undefined && limits.tokens === undefined) return;
      const known = of(name);
      known.requests = said(limits.requests, known.requests);
      known.tokens = said(limits.tokens, known.tokens);
    },
    answered(name: string): void {
      const known = seen.get(name);
      if (known !== undefined) known.refusals = 0;
    },
    refused(name: string, error: PlatformError): void {
      const known = of(name);
      const guessed = Math.min(PAUSE_FIRST_MS * 2 ** known.refusals, PAUSE_GUESSED_MAX_MS);
      if (error.retryAfterMs === undefined) known.refusals += 1;
      const pause = Math.min(error.retryAfterMs ?? guessed, PAUSE_MAX_MS);
      known.pausedUntil = Math.max(known.pausedUntil, clock.now() + pause);
    },
    quotas: (name: string): ToldQuota[] => quotasOf(seen.get(name), clock.now()),
  };
}

function quotasOf(seen: Seen | undefined, now: number): ToldQuota[] {
  const pausedUntil = seen?.pausedUntil ?? 0;
  return (['requests', 'tokens'] as const).flatMap((kind) => {
    const row = seen?.[kind] ?? null;
    const isPaused = kind === 'requests' && pausedUntil > now;
    if (row === null && !isPaused) return [];
    const remaining = row === null || row.resetsAt <= now ? null : Math.max(0, row.remaining);
    return [
      {
        kind,
        limit: row?.limit ?? null,
        remaining: isPaused ? 0 : remaining,
        resetsAt: isPaused ? pausedUntil : (row?.resetsAt ?? null),
      },
    ];
  });
}

/** Until when there is too little; 0 = there is enough. A call larger than the whole limit waits for a full one only. */
function short(said: Said | null, need: number, now: number): number {
  if (said === null || said.resetsAt <= now) return 0;
  return said.remaining >= Math.min(need, said.limit ?? need) ? 0 : said.resetsAt;
}
