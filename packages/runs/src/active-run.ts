import { deferred } from '@automatos/kernel';
import type { Clock, Deferred } from '@automatos/kernel';

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
  /** Before a call: resolves when the run has its place among those that work, which it may have given back meanwhile. */
  enterWork(): Promise<void>;
  leaveWork(): void;
  /** Lets no further call begin; resolves when none is under way. */
  drain(): Promise<void>;
  /** Counts as waiting until `wait` settles: a run all of whose lanes wait gives its place back. */
  waiting<T>(wait: () => Promise<T>): Promise<T>;
  /** Something outside may have changed: those who wait look again. */
  wake(): void;
  /** Returns the unsubscribe function. */
  onWake(listener: () => void): () => void;
}

export interface ActiveRunOptions {
  clock: Clock;
  /**
   * `true`: all of the run waits, give its place back. `false`: it goes on, settle when it has a place again. Never
   * called twice with the same value in a row, and not before the call before has settled.
   */
  onParked: (parked: boolean) => Promise<void>;
}

const NEVER = new Promise<never>(() => {});
/** Between two calls nothing works for a moment; only a wait that lasts is one. */
const PARK_AFTER_MS = 30;

export function createActiveRun(runId: string, options?: ActiveRunOptions): ActiveRun {
  const controller = new AbortController();
  const stopped = deferred<never>();
  stopped.promise.catch(() => undefined);
  const listeners = new Set<() => void>();
  const place = createPlace(controller.signal, options);
  let held: Deferred<void> | null = null;
  let stopReason: StopReason | null = null;
  let draining = false;
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
      while (held && !stopReason) {
        const pause = held.promise;
        await place.waiting(() => Promise.race([pause, stopped.promise.catch(() => undefined)]));
      }
      if (stopReason || draining) await NEVER;
    },
    enterWork: () => (draining ? NEVER : place.enter()),
    drain() {
      draining = true;
      return place.idle();
    },
    leaveWork: place.leave,
    waiting: place.waiting,
    wake() {
      for (const listener of listeners) listener();
    },
    onWake(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The run's place among those that work: given back while some of its lanes wait and none works. */
function createPlace(signal: AbortSignal, options: ActiveRunOptions | undefined) {
  let working = 0;
  let waits = 0;
  let parked = false;
  let change: Promise<void> = Promise.resolve();
  let timer: AbortController | null = null;
  const idle = deferred<void>();
  let isIdleAwaited = false;

  function set(next: boolean): Promise<void> {
    parked = next;
    const turn = change.then(() => options?.onParked(next));
    // Whoever waits for the turn hears of a failure; the next turn must come all the same.
    change = turn.catch(() => undefined);
    return turn;
  }
  function consider(): void {
    if (isIdleAwaited && working === 0) idle.resolve();
    const isWaiting = waits > 0 && working === 0 && !parked && !signal.aborted;
    if (!isWaiting) {
      timer?.abort();
      timer = null;
    } else if (!timer && options) {
      const own = new AbortController();
      timer = own;
      options.clock.sleep(PARK_AFTER_MS, AbortSignal.any([own.signal, signal])).then(
        () => {
          timer = null;
          set(true).catch(() => undefined);
        },
        () => undefined,
      );
    }
  }
  return {
    async enter(): Promise<void> {
      working += 1;
      consider();
      if (parked) await set(false);
      else await change;
    },
    leave(): void {
      working -= 1;
      consider();
    },
    idle(): Promise<void> {
      isIdleAwaited = true;
      consider();
      return idle.promise;
    },
    async waiting<T>(wait: () => Promise<T>): Promise<T> {
      waits += 1;
      consider();
      try {
        return await wait();
      } finally {
        waits -= 1;
        consider();
      }
    },
  };
}

/** What waits for an abandoned call: nothing may be recorded for it. */
export function never(): Promise<never> {
  return NEVER;
}
