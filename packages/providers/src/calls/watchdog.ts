import { PlatformError } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import type { CallTimeouts } from './model-call.ts';

export interface Watchdog {
  /** Aborts the request to the vendor; its reason is the typed error that ends the call. */
  signal: AbortSignal;
  /** Rejects with that same error; never resolves. */
  stopped: Promise<never>;
  /** To be called at each part of the answer: from then on the bound between parts counts. */
  touch(): void;
  /** Ends watching and aborts whatever is still open upstream. */
  end(): void;
}

/** Why the timers of a watchdog are woken; nobody sees it. */
const OVER = 'over';
/** Reason of requests that are still open when their call is over; one for all, as stacks cost and nobody reads this one. */
const CALL_OVER = cancelled('The call is over.');

interface WatchdogDeps {
  clock: Clock;
  signal: AbortSignal;
  timeouts: Required<CallTimeouts>;
  /** Provider and model, for messages. */
  who: string;
}

/**
 * Watches one call: cancelling by the caller and three bounds, kept by one sleeping timer that looks at the nearest deadline, so
 * that a token costs one assignment. The SDK's own time-outs start at the headers, so a server that never answers passes them.
 */
export function createWatchdog({ clock, signal, timeouts, who }: WatchdogDeps): Watchdog {
  const upstream = new AbortController();
  const ended = new AbortController();
  const firstPart = new AbortController();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  stopped.catch(() => undefined);
  const startedAt = clock.now();
  let partAt: number | null = null;

  const onCancel = () => stop(cancelled(`The call to ${who} was cancelled.`));
  function finish(): void {
    signal.removeEventListener('abort', onCancel);
    // Without a reason each abort makes an error with a stack of its own, which costs more than the watching.
    ended.abort(OVER);
    firstPart.abort(OVER);
  }
  function stop(error: PlatformError): void {
    if (ended.signal.aborted) return;
    reject(error);
    upstream.abort(error);
    finish();
  }
  async function watch(): Promise<void> {
    for (;;) {
      const next = nearestDeadline(startedAt, partAt, timeouts);
      const left = next.at - clock.now();
      if (left <= 0) return stop(timedOut(who, next));
      await sleepUntilWoken(left);
    }
  }
  /** The first part brings a nearer deadline than the one slept for; later ones only move it away. */
  async function sleepUntilWoken(ms: number): Promise<void> {
    if (partAt !== null) return clock.sleep(ms, ended.signal);
    try {
      await clock.sleep(ms, firstPart.signal);
    } catch (error) {
      if (ended.signal.aborted) throw error;
    }
  }

  if (signal.aborted) onCancel();
  else {
    signal.addEventListener('abort', onCancel, { once: true });
    watch().catch(() => undefined);
  }
  return {
    signal: upstream.signal,
    stopped,
    touch() {
      const isFirst = partAt === null;
      partAt = clock.now();
      if (isFirst) firstPart.abort(OVER);
    },
    end() {
      finish();
      upstream.abort(CALL_OVER);
    },
  };
}

interface Deadline {
  at: number;
  bound: string;
  ms: number;
}

/** Whichever bound ends first: in all, or to the first or next part. */
function nearestDeadline(
  startedAt: number,
  partAt: number | null,
  timeouts: Required<CallTimeouts>,
): Deadline {
  const total = { at: startedAt + timeouts.totalMs, bound: 'in all', ms: timeouts.totalMs };
  const part =
    partAt === null
      ? {
          at: startedAt + timeouts.firstTokenMs,
          bound: 'to the first token',
          ms: timeouts.firstTokenMs,
        }
      : {
          at: partAt + timeouts.betweenTokensMs,
          bound: 'between two tokens',
          ms: timeouts.betweenTokensMs,
        };
  return part.at < total.at ? part : total;
}

function cancelled(message: string): PlatformError {
  return new PlatformError({ code: 'providers.call.cancelled', kind: 'cancelled', message });
}

function timedOut(who: string, { bound, ms }: Deadline): PlatformError {
  return new PlatformError({
    code: 'providers.call.timeout',
    kind: 'timeout',
    message: `${who} took longer than ${ms} ms ${bound}; the request was aborted.`,
    details: { bound, timeout_ms: ms },
  });
}
