import type { JsonValue } from '@automatos/kernel';
import type { RunContext, StepAttempt } from '@automatos/runs';
import type { RunClock, StepTimer } from './run-clock.ts';

/**
 * A context whose calls end at once when `signal` aborts, also when what they call does not listen. The end is recorded
 * like any failure of the call: time limits act inside calls only, so that a replay takes the same way.
 */
export function guardedContext(
  context: RunContext,
  limits: { signal: AbortSignal; runClock: RunClock; timers: readonly StepTimer[] },
): RunContext {
  const { runClock, timers } = limits;
  const own = AbortSignal.any([limits.signal, ...timers.map((timer) => timer.signal)]);
  return {
    runId: context.runId,
    workspaceId: context.workspaceId,
    plan: context.plan,
    inputs: context.inputs,
    signal: context.signal,
    step<T extends JsonValue | void>(
      name: string,
      body: (attempt: StepAttempt) => Promise<T>,
      options?: { signal?: AbortSignal },
    ): Promise<T> {
      const signal = options?.signal === undefined ? own : AbortSignal.any([own, options.signal]);
      const call = runClock.call();
      const guarded = async (attempt: StepAttempt): Promise<T> => {
        call.start();
        for (const timer of timers) timer.start();
        try {
          return await raceAbort(signal, () =>
            body({ ...attempt, signal: AbortSignal.any([attempt.signal, signal]) }),
          );
        } finally {
          for (const timer of timers) timer.end();
        }
      };
      // The call itself is made in this very tick: that numbers calls made side by side equally on a replay.
      const made = context.step(name, guarded, { signal });
      return made.finally(() => call.end());
    },
    lane: (index, body) => context.lane(index, body),
    sleep: (name, ms) => raceAbort(own, () => context.sleep(name, ms)),
    now: (name) => context.now(name),
    emit: (event) => context.emit(event),
    saveArtifact: (artifact) => context.saveArtifact(artifact),
  };
}

/** Settles like `work`, but rejects with the signal's reason as soon as it aborts. */
export async function raceAbort<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  const running = work();
  // Whoever lost the race may still fail; that is nobody's news.
  running.catch(() => undefined);
  try {
    return await Promise.race([running, aborted.promise]);
  } catch (error) {
    throw signal.aborted ? (signal.reason as Error) : error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
