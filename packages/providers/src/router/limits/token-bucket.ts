/** A limit per minute as a bucket: how much may come at once, and what flows in. */
export interface BucketRate {
  capacity: number;
  perMs: number;
}

/** Share of a minute's limit that may be used at once; the rest flows in, so that no minute holds more than the limit. */
const BURST_SHARE = 0.1;

/** The bucket that keeps any minute within `perMinute`. */
export function rateOf(perMinute: number): BucketRate {
  const capacity = Math.max(1, perMinute * BURST_SHARE);
  return { capacity, perMs: Math.max(perMinute - capacity, perMinute / 2) / 60_000 };
}

/** What is left of a bucket at a time; below 0 after a call that is larger than the bucket. */
export interface Level {
  remaining: number;
  at: number;
}

/** The level at `now`. */
export function refilled(
  { remaining, at }: Level,
  { capacity, perMs }: BucketRate,
  now: number,
): Level {
  return { remaining: Math.min(capacity, remaining + Math.max(0, now - at) * perMs), at: now };
}

/** How long until `need` may be taken, in ms; what is larger than the bucket needs a full one. */
export function waitFor(level: Level, rate: BucketRate, need: number): number {
  const lacking = Math.min(need, rate.capacity) - level.remaining;
  return lacking <= 1e-9 ? 0 : Math.ceil(lacking / rate.perMs);
}
