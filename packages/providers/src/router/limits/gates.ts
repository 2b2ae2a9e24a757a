import type { Clock } from '@automatos/kernel';
import type { LimitShares } from './limit-shares.ts';
import { rateOf, refilled, waitFor } from './token-bucket.ts';
import type { BucketRate, Level } from './token-bucket.ts';

/** One limit that a call has to pass. `waitMs` 0 = it may go; Infinity = when another call ends. */
export interface Gate {
  waitMs(need: number): number;
  take(need: number): void;
  /** Gives back what a call took and did not use, or its place. */
  giveBack(need: number): void;
  /** Where processes share the limit: tries to get what is needed here; resolves to how long to wait. */
  fetch(need: number): Promise<number>;
  readonly limit: number;
  remaining(): number;
}

export interface GateDeps {
  clock: Clock;
  /** Null: this process alone. */
  shares: LimitShares | null;
  id: string;
  limit: number;
  /** Called when a place became free. */
  onFree: () => void;
}

/** A second's worth is taken ahead from what processes share. */
const CHUNKS_PER_MINUTE = 60;
const HOLD_MS = 60_000;
const RENEW_MS = 20_000;
/** Free places are kept this long before the other processes get them. */
const KEEP_MS = 1_000;
/** How often a place is asked for that another process holds. */
const ASK_AGAIN_MS = 100;

/** Requests or tokens per minute. */
export function createRateGate({ clock, shares, id, limit }: GateDeps): Gate {
  const rate: BucketRate = rateOf(limit);
  // Shared: what was taken ahead. Alone: the bucket itself.
  let level: Level = { remaining: shares === null ? rate.capacity : 0, at: clock.now() };
  const look = () => (shares === null ? refilled(level, rate, clock.now()) : level);
  return {
    limit,
    remaining: () => Math.max(0, Math.floor(look().remaining)),
    waitMs(need) {
      if (shares !== null) return level.remaining >= need ? 0 : 1;
      return waitFor(look(), rate, need);
    },
    take(need) {
      const now = look();
      level = { ...now, remaining: now.remaining - need };
    },
    giveBack(need) {
      const now = look();
      const most = shares === null ? rate.capacity : Infinity;
      level = { ...now, remaining: Math.min(most, now.remaining + need) };
    },
    async fetch(need) {
      if (shares === null) return waitFor(look(), rate, need);
      if (level.remaining >= need) return 0;
      const lacking = need - level.remaining;
      const want = Math.max(lacking, limit / CHUNKS_PER_MINUTE);
      const ask = { rate, need: lacking, want, now: clock.now() };
      const { granted, waitMs } = await shares.take(id, ask);
      level = { ...level, remaining: level.remaining + granted };
      return waitMs;
    },
  };
}

/** Calls at the same time. */
export function createSlotGate(deps: GateDeps): Gate {
  const { clock, shares, limit } = deps;
  let used = 0;
  /** Places of this process; all of them when it is alone. */
  let held = shares === null ? limit : 0;
  let isTending = false;

  async function hold(wanted: number): Promise<boolean> {
    const now = clock.now();
    // Given up before the others hear of it: what goes out meanwhile must not count on it.
    held = Math.min(held, wanted);
    const ask = { held: wanted, limit, now, until: now + HOLD_MS };
    const isHeld = (await shares?.hold(deps.id, ask)) ?? true;
    if (isHeld) held = wanted;
    return isHeld;
  }
  /** Renews what is held and gives back what nobody here needs, as long as anything is held. */
  async function tend(): Promise<void> {
    if (isTending || shares === null) return;
    isTending = true;
    let renewedAt = clock.now();
    try {
      while (held > 0) {
        await clock.sleep(KEEP_MS);
        if (held > used) await hold(used);
        else if (clock.now() - renewedAt >= RENEW_MS) {
          await hold(held);
          renewedAt = clock.now();
        }
      }
    } finally {
      isTending = false;
    }
  }

  return {
    limit,
    remaining: () => Math.max(0, limit - used),
    waitMs: () => (used < held ? 0 : Infinity),
    take() {
      used += 1;
    },
    giveBack() {
      used = Math.max(0, used - 1);
      deps.onFree();
    },
    async fetch() {
      if (used < held) return 0;
      if (shares === null) return Infinity;
      if (held >= limit || !(await hold(held + 1))) return ASK_AGAIN_MS;
      // The loop ends by itself when nothing is held; a failure of the database ends it too, and the places expire.
      tend().catch(() => undefined);
      return 0;
    },
  };
}
