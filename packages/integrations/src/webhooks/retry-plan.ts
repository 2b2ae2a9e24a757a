import { sha256 } from '@automatos/kernel/hash';

/** Waits after the first, second, … failed attempt, ms: 5 s, 30 s, 2 min, 10 min, 1 h, 6 h, 24 h. */
const WAITS_MS: readonly number[] = [
  5_000, 30_000, 120_000, 600_000, 3_600_000, 21_600_000, 86_400_000,
];

/** Attempts in all before a delivery is given up. */
export const ATTEMPTS_MAX = WAITS_MS.length + 1;
/** Share of a wait by which it may be longer, so that what failed together does not come back together. */
const JITTER = 0.2;
const WAIT_MS_MAX = 86_400_000;

/**
 * Wait before the next attempt after `attempts` failed ones, ms; null when the delivery is to be given up. The jitter
 * follows from the delivery. A receiver's `Retry-After` makes the wait longer, up to a day.
 */
export function nextWaitMs(
  deliveryId: string,
  attempts: number,
  retryAfterMs: number | null = null,
): number | null {
  const wait = WAITS_MS[attempts - 1];
  if (wait === undefined) return null;
  const share = Number.parseInt(sha256(`${deliveryId}:${attempts}`).slice(0, 8), 16) / 0xffffffff;
  const jittered = Math.round(wait * (1 + JITTER * share));
  return Math.max(jittered, Math.min(retryAfterMs ?? 0, WAIT_MS_MAX));
}

/** `Retry-After` in seconds or as a date; null when there is none that can be read. */
export function readRetryAfter(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}
