import { deferred } from '@automatos/kernel';
import type { Deferred } from '@automatos/kernel';

/** Why a run leaves this process without its body having finished. */
export type StopReason = 'cancelled' | 'shutdown' | 'lost';

/** Thrown through the engine when the body is abandoned; never recorded as the result of a step. */
export class RunAbandoned extends Error {
  readonly reason: StopReason;
  constructor(reason: StopReason) {
    super(`run abandoned: ${reason}`);
    this.name = 'RunAbandoned';
    this.reason = reason;
  }
}

/**
 * A run that this process is executing: how control requests reach the body. A paused run waits in memory before its
 * next call; the request itself stands in the run's row, so that it also holds after a crash.
 */
export interface ActiveRun {
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly stopReason: StopReason | null;
  /** Rejects with {@link RunAbandoned} once the run is stopped; the body is raced against it. */
  readonly stopped: Promise<never>;
  hold(): void;
  release(): void;
  stop(reason: StopReason): void;
  /** Aborts what the body may have left running after it ended. */
  finish(): void;
  /** Resolves at once, or after the pause; never settles once the run is stopped, so that an abandoned body goes no further. */
  gate(): Promise<void>;
}

const NEVER = new Promise<never>(() => {});

export function createActiveRun(runId: string): ActiveRun {
  const controller = new AbortController();
  const stopped = deferred<never>();
  stopped.promise.catch(() => undefined);
  let held: Deferred<void> | null = null;
  let stopReason: StopReason | null = null;
  return {
    runId,
    signal: controller.signal,
    stopped: stopped.promise,
    get stopReason() {
      return stopReason;
    },
    hold() {
      held ??= deferred();
    },
    release() {
      held?.resolve();
      held = null;
    },
    stop(reason) {
      if (stopReason) return;
      stopReason = reason;
      const error = new RunAbandoned(reason);
      controller.abort(error);
      stopped.reject(error);
    },
    finish() {
      controller.abort(new Error('run ended'));
    },
    async gate() {
      while (held && !stopReason)
        await Promise.race([held.promise, stopped.promise.catch(() => undefined)]);
      if (stopReason) await NEVER;
    },
  };
}

/** What waits for an abandoned call: nothing may be recorded for it. */
export function never(): Promise<never> {
  return NEVER;
}
