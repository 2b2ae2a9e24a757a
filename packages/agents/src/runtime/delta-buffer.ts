import type { Clock } from '@automatos/kernel';

const WAIT_MS = 80;
const CHARS_MAX = 400;

export interface DeltaBuffer {
  push(text: string): void;
  /** Sends what is left and stops the timer; nothing is sent afterwards. */
  close(): void;
  /** Forgets what was pushed; returns how many characters of it were sent already. */
  discard(): number;
  /** All text pushed so far that was not discarded. */
  text(): string;
}

/**
 * Joins the small pieces of a streamed answer into fewer events: one about every 80 ms, or as soon as 400 characters wait.
 * `send` gets the pieces in order with their running number, from 0.
 */
export function createDeltaBuffer(
  clock: Pick<Clock, 'sleep'>,
  send: (text: string, index: number) => void,
): DeltaBuffer {
  const stop = new AbortController();
  let waiting = '';
  let whole = '';
  let index = 0;
  let timer = false;
  function flush(): void {
    if (waiting === '') return;
    const text = waiting;
    waiting = '';
    send(text, index++);
  }
  function startTimer(): void {
    if (timer) return;
    timer = true;
    clock.sleep(WAIT_MS, stop.signal).then(
      () => {
        timer = false;
        flush();
      },
      // Only `close` aborts the wait, after it has sent the rest.
      () => undefined,
    );
  }
  return {
    push(text) {
      if (stop.signal.aborted) return;
      whole += text;
      waiting += text;
      if (waiting.length >= CHARS_MAX) flush();
      else startTimer();
    },
    discard() {
      const sent = whole.length - waiting.length;
      whole = '';
      waiting = '';
      return sent;
    },
    close() {
      flush();
      stop.abort();
    },
    text: () => whole,
  };
}
