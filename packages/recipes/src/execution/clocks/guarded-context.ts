import type { JsonValue } from '@automatos/kernel';
import type { RunContext, StepAttempt } from '@automatos/runs';
import type { Replay } from './replay.ts';
import type { RunClock, StepTimer } from './run-clock.ts';

export interface Guard {
  signal: AbortSignal;
  runClock: RunClock;
  timers: readonly StepTimer[];
  replay: Replay;
  /** Awaited inside of each call that is really made, before its time counts; must be cheap the second time. */
  before?: (signal: AbortSignal) => Promise<void>;
}

/**
 * A context whose calls end at once when `signal` aborts, also when what they call does not listen. The end is recorded
 * like any failure of the call: time limits act inside calls only, so that a replay takes the same way.
 */
export function guardedContext(context: RunContext, guard: Guard): RunContext {
  const { runClock, timers, replay } = guard;
  const own = AbortSignal.any([guard.signal, ...timers.map((timer) => timer.signal)]);
  const outer = (options?: { signal?: AbortSignal }) =>
    options?.signal === undefined ? own : AbortSignal.any([own, options.signal]);
  const within = (options?: { signal?: AbortSignal }) => ({ signal: outer(options) });
  return {
    ...context,
    step<T extends JsonValue | void>(
      name: string,
      body: (attempt: StepAttempt) => Promise<T>,
      options?: { signal?: AbortSignal },
    ): Promise<T> {
      const signal = outer(options);
      const call = runClock.call();
      let made = false;
      const guarded = async (attempt: StepAttempt): Promise<T> => {
        made = true;
        await guard.before?.(signal);
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
      const result = context.step(name, guarded, { signal });
      return result.finally(() => {
        if (!made) replay.answered();
        call.end();
      });
    },
    sleep: (name, ms, options) => context.sleep(name, ms, { ...options, ...within(options) }),
    approval: (request, options) => context.approval(request, within(options)),
    signalled: (request, options) => context.signalled(request, within(options)),
    subRun: (request, options) => context.subRun(request, within(options)),
    place: (request, options) => context.place(request, within(options)),
    saveArtifact(artifact) {
      const { content } = artifact;
      if (typeof content !== 'function') return context.saveArtifact(artifact);
      const making = async (signal: AbortSignal) => {
        for (const timer of timers) timer.start();
        try {
          const ends = AbortSignal.any([signal, own]);
          return await raceAbort(ends, () => content(ends));
        } finally {
          for (const timer of timers) timer.end();
        }
      };
      return context.saveArtifact({ ...artifact, content: making });
    },
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
