import type { Clock } from '@automatos/kernel';

export interface RateDecision {
  allowed: boolean;
  limit: number;
  remaining: number;
  /** Seconds until the window ends, at least 1. */
  resetSeconds: number;
}

/** Counts requests per key in windows of one minute that start with the key's first request. */
export interface RateLimiter {
  /** Counts one request of `key`; the `limitPerMinute`-th passes, the next does not. */
  consume(key: string, limitPerMinute: number): Promise<RateDecision>;
  close(): Promise<void>;
}

export const RATE_WINDOW_MS = 60_000;
/** Keys kept at most; beyond it windows that are over are dropped first, then the oldest. */
const KEYS_MAX = 50_000;

export function toDecision(count: number, limit: number, resetMs: number): RateDecision {
  return {
    allowed: count <= limit,
    limit,
    remaining: Math.max(0, limit - count),
    resetSeconds: Math.max(1, Math.ceil(resetMs / 1000)),
  };
}

/** A limiter for one process. */
export function createMemoryRateLimiter(deps: { clock: Clock }): RateLimiter {
  const windows = new Map<string, { endsAt: number; count: number }>();

  function makeRoom(now: number): void {
    if (windows.size < KEYS_MAX) return;
    for (const [key, window] of windows) if (window.endsAt <= now) windows.delete(key);
    for (const key of windows.keys()) {
      if (windows.size < KEYS_MAX) break;
      windows.delete(key);
    }
  }

  return {
    consume(key, limit) {
      const now = deps.clock.now();
      let window = windows.get(key);
      if (window === undefined || window.endsAt <= now) {
        windows.delete(key);
        makeRoom(now);
        window = { endsAt: now + RATE_WINDOW_MS, count: 0 };
        windows.set(key, window);
      }
      window.count += 1;
      return Promise.resolve(toDecision(window.count, limit, window.endsAt - now));
    },
    close: () => Promise.resolve(),
  };
}
