import { deferred } from '@automatos/kernel';
import type { Deferred } from '@automatos/kernel';

/** Bounds how many bodies run at once in this process; the rest wait in order. */
export interface Semaphore {
  /** Resolves with the function that gives the place back; an aborted waiter leaves the queue. */
  acquire(signal: AbortSignal): Promise<() => void>;
}

export function createSemaphore(places: number): Semaphore {
  let free = places;
  const queue: Deferred<void>[] = [];
  function giveBack(): void {
    const next = queue.shift();
    if (next) next.resolve();
    else free += 1;
  }
  return {
    async acquire(signal) {
      if (free > 0) free -= 1;
      else {
        const turn = deferred<void>();
        queue.push(turn);
        const leave = () => {
          const index = queue.indexOf(turn);
          if (index >= 0) {
            queue.splice(index, 1);
            turn.reject(signal.reason);
          }
        };
        signal.addEventListener('abort', leave, { once: true });
        await turn.promise.finally(() => signal.removeEventListener('abort', leave));
      }
      let held = true;
      return () => {
        if (held) giveBack();
        held = false;
      };
    },
  };
}
