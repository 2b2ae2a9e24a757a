import { deferred } from '@automatos/kernel';
import type { Deferred } from '@automatos/kernel';

/** Bounds how many bodies work at once in this process. Runs that go on stand in line and come before new ones. */
export interface Semaphore {
  /** Resolves with the function that gives the place back; an aborted waiter leaves the line. */
  acquire(signal: AbortSignal): Promise<() => void>;
  /** Sets all free places aside for one who does not know yet how many it needs. */
  reserve(): Reservation;
  /** Places that nobody works in, those set aside included. */
  open(): number;
}

export interface Reservation {
  readonly places: number;
  /** One of the places, as the function that gives it back. */
  take(): () => void;
  /** Gives the rest back. */
  end(): void;
}

/** `onFree` is called when somebody left a place and nobody stands in line for it. */
export function createSemaphore(size: number, onFree: () => void = () => undefined): Semaphore {
  let free = size;
  let reserved = 0;
  const line: Deferred<void>[] = [];

  function leave(): boolean {
    const next = line.shift();
    if (next) next.resolve();
    else free += 1;
    return next === undefined;
  }
  function place(): () => void {
    let held = true;
    return () => {
      if (held && leave()) onFree();
      held = false;
    };
  }
  async function turn(signal: AbortSignal): Promise<void> {
    const mine = deferred<void>();
    line.push(mine);
    const giveUp = () => {
      const index = line.indexOf(mine);
      if (index < 0) return;
      line.splice(index, 1);
      mine.reject(signal.reason);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    await mine.promise.finally(() => signal.removeEventListener('abort', giveUp));
  }
  return {
    async acquire(signal) {
      signal.throwIfAborted();
      if (free > 0) free -= 1;
      else await turn(signal);
      return place();
    },
    reserve() {
      const places = free;
      let left = places;
      free = 0;
      reserved += places;
      return {
        places,
        take() {
          left -= 1;
          reserved -= 1;
          return place();
        },
        end() {
          for (; left > 0; left--, reserved--) leave();
        },
      };
    },
    open: () => free + reserved,
  };
}
