/** Milliseconds before the `attempt`-th reconnect (from 1): doubling from 250 ms to 8 s, spread by up to a fifth. */
export function reconnectDelayMs(attempt: number): number {
  const base = Math.min(8000, 250 * 2 ** Math.min(attempt - 1, 10));
  const spread = (crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) / 255;
  return Math.round(base * (1 - spread / 5));
}

/** Resolves after `ms`, or at once when `signal` aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
