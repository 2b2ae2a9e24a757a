import type { Clock } from '@automatos/kernel';
import { raceAbort } from './abort.ts';

/**
 * Runs `work` for at most `ms`. Returns `late` when the time ended first; rejects with `outer`'s reason when that aborts.
 * The signal given to `work` aborts in both cases.
 */
export async function withDeadline<T>(
  time: { clock: Pick<Clock, 'sleep'>; ms: number; outer: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<{ late: false; value: T } | { late: true }> {
  const late = new AbortController();
  const stop = new AbortController();
  time.clock.sleep(time.ms, stop.signal).then(
    () => late.abort(new DOMException('The time of the turn is used up.', 'TimeoutError')),
    // Stopped, because the work ended in time.
    () => undefined,
  );
  const signal = AbortSignal.any([time.outer, late.signal]);
  try {
    signal.throwIfAborted();
    return { late: false, value: await raceAbort(work(signal), signal) };
  } catch (error) {
    if (time.outer.aborted) throw time.outer.reason;
    if (late.signal.aborted) return { late: true };
    throw error;
  } finally {
    stop.abort();
  }
}
