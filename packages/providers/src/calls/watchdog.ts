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

export const DEFAULT_TIMEOUTS: Required<CallTimeouts> = { connectMs: 10_000, firstTokenMs: 60_000, betweenTokensMs: 60_000, totalMs: 300_000 };

/**
 * Watches one call: cancelling by the caller and three bounds, kept by one sleeping timer that looks at the nearest deadline, so
 * that a token costs one assignment. The SDK's own time-outs start at the headers, so a server that never answers passes them.
 */
export function createWatchdog(deps: { clock: Clock; signal: AbortSignal; timeouts: Required<CallTimeouts>; who: string }): Watchdog {
  const { clock, timeouts, who } = deps;
  const upstream = new AbortController();
  const ended = new AbortController();
  const firstPart = new AbortController();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  stopped.catch(() => undefined);
  const startedAt = clock.now();
  let partAt: number | null = null;

  function stop(error: PlatformError): void {
    if (ended.signal.aborted) return;
    reject(error);
    upstream.abort(error);
    finish();
  }
  function onCancel(): void {
    stop(new PlatformError({ code: 'providers.call.cancelled', kind: 'cancelled', message: `The call to ${who} was cancelled.` }));
  }
  function finish(): void {
    deps.signal.removeEventListener('abort', onCancel);
    ended.abort();
    firstPart.abort();
  }
  function nearest(): { at: number; bound: string; ms: number } {
    const total = { at: startedAt + timeouts.totalMs, bound: 'in all', ms: timeouts.totalMs };
    const part = partAt === null ? { at: startedAt + timeouts.firstTokenMs, bound: 'to the first token', ms: timeouts.firstTokenMs } : { at: partAt + timeouts.betweenTokensMs, bound: 'between two tokens', ms: timeouts.betweenTokensMs };
    return part.at < total.at ? part : total;
  }
  async function watch(): Promise<void> {
    for (;;) {
      const next = nearest();
      const left = next.at - clock.now();
      if (left <= 0) {
        stop(new PlatformError({ code: 'providers.call.timeout', kind: 'timeout', message: `${who} took longer than ${next.ms} ms ${next.bound}; the request was aborted.`, details: { bound: next.bound, timeout_ms: next.ms } }));
        return;
      }
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

  if (deps.signal.aborted) onCancel();
  else {
    deps.signal.addEventListener('abort', onCancel, { once: true });
    watch().catch(() => undefined);
  }
  return {
    signal: upstream.signal,
    stopped,
    touch: () => {
      const isFirst = partAt === null;
      partAt = clock.now();
      if (isFirst) firstPart.abort();
    },
    end() {
      finish();
      upstream.abort(new PlatformError({ code: 'providers.call.cancelled', kind: 'cancelled', message: `The call to ${who} is over.` }));
    },
  };
}
