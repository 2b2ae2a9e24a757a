import type { Clock, PlatformError } from '@automatos/kernel';

/** A call that waits longer than this before its body starts was held by a pause. */
const HELD_MS_MIN = 1000;

/** A reason of our own spares the making of an exception with each timer. */
const STOPPED = 'stopped';

/** One call of a run, as the clocks see it. */
export interface CallClock {
  /** The body starts now. */
  start(): void;
  /** The body ended, or the call was answered from the journal. Safe to call twice. */
  end(): void;
}

/**
 * Total time limit of a run, counted from its recorded start, so that a crash does not prolong it. Time in which a step
 * waits (for a person, a time, a signal, a sub-run) does not count, nor does time in which the run is paused; after a
 * crash, earlier pauses are forgotten, waits are not.
 */
export interface RunClock {
  /** Aborts with `recipes.run.timeout`. */
  readonly signal: AbortSignal;
  /** A call was made and waits for its turn. */
  call(): CallClock;
  /** A step waits since this recorded time, until the returned function is told the recorded end. */
  wait(fromMs: number): (toMs: number) => void;
  stop(): void;
}

export function createRunClock(options: {
  clock: Clock;
  endsAtMs: number;
  /** Made when it is needed: errors are dear to make, and most limits are never reached. */
  error: () => PlatformError;
  /** The timer ends with this as well, e.g. on cancel. */
  until: AbortSignal;
}): RunClock {
  const { clock } = options;
  const limit = new AbortController();
  const stopped = new AbortController();
  const until = AbortSignal.any([stopped.signal, options.until]);
  const waits = createWaits();
  let ownEndMs = options.endsAtMs;
  let countedTo = 0;
  const calls = { running: 0, waiting: 0 };
  let held = false;

  const endsAt = (now: number) => ownEndMs + waits.total(now);
  function arm(): void {
    if (until.aborted || limit.signal.aborted) return;
    const now = clock.now();
    clock.sleep(Math.max(0, endsAt(now) - now), until).then(onTime, ignoreStop);
  }
  function onTime(): void {
    const now = clock.now();
    if (now < endsAt(now)) return arm();
    // Nothing runs and a call waits: the run is paused. The time is looked at again when the call starts.
    if (calls.running === 0 && calls.waiting > 0) held = true;
    else limit.abort(options.error());
  }
  function started(sinceMs: number): void {
    const now = clock.now();
    const heldMs = now - Math.max(sinceMs, countedTo);
    if (heldMs >= HELD_MS_MIN) {
      ownEndMs += heldMs;
      countedTo = now;
    }
    // Looked at here, too: a call that starts late is refused before the timer has had its turn.
    if (now >= endsAt(now)) limit.abort(options.error());
    else if (held) arm();
    held = false;
  }
  arm();
  return {
    signal: limit.signal,
    call: () => createCall(calls, clock.now(), started),
    wait: waits.begin,
    stop: () => stopped.abort(STOPPED),
  };
}

function createCall(
  calls: { running: number; waiting: number },
  sinceMs: number,
  started: (sinceMs: number) => void,
): CallClock {
  let state: 'waiting' | 'running' | 'ended' = 'waiting';
  calls.waiting += 1;
  return {
    start() {
      calls.waiting -= 1;
      calls.running += 1;
      state = 'running';
      started(sinceMs);
    },
    end() {
      if (state === 'waiting') calls.waiting -= 1;
      if (state === 'running') calls.running -= 1;
      state = 'ended';
    },
  };
}

/** Time in which at least one step waits, each moment counted once. */
function createWaits() {
  const spans = new Set<{ fromMs: number; toMs: number | null }>();
  return {
    begin(fromMs: number): (toMs: number) => void {
      const span: { fromMs: number; toMs: number | null } = { fromMs, toMs: null };
      spans.add(span);
      return (toMs) => void (span.toMs = toMs);
    },
    total(now: number): number {
      if (spans.size === 0) return 0;
      let sum = 0;
      let countedTo = Number.NEGATIVE_INFINITY;
      for (const { fromMs, toMs } of [...spans].toSorted((a, b) => a.fromMs - b.fromMs)) {
        const end = toMs ?? now;
        sum += Math.max(0, end - Math.max(fromMs, countedTo));
        countedTo = Math.max(countedTo, end);
      }
      return sum;
    },
  };
}

/** Time limit of one step: only time in which one of its calls runs counts, so that a pause does not end it. */
export interface StepTimer {
  /** Aborts with the error given. */
  readonly signal: AbortSignal;
  start(): void;
  end(): void;
}

export function createStepTimer(options: {
  clock: Clock;
  timeoutMs: number;
  /** Made when it is needed: errors are dear to make, and most limits are never reached. */
  error: () => PlatformError;
  until: AbortSignal;
}): StepTimer {
  const { clock, timeoutMs, error } = options;
  const limit = new AbortController();
  let spentMs = 0;
  let running = 0;
  let sinceMs = 0;
  let pause = new AbortController();
  return {
    signal: limit.signal,
    start() {
      running += 1;
      if (running > 1) return;
      sinceMs = clock.now();
      pause = new AbortController();
      const until = AbortSignal.any([pause.signal, options.until]);
      const leftMs = Math.max(0, timeoutMs - spentMs);
      clock.sleep(leftMs, until).then(() => limit.abort(error()), ignoreStop);
    },
    end() {
      running -= 1;
      if (running > 0) return;
      spentMs += clock.now() - sinceMs;
      pause.abort(STOPPED);
    },
  };
}

/** A timer that was stopped in time is what everybody hopes for. */
function ignoreStop(): void {
  return undefined;
}
