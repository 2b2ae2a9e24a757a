/** Runs work when one of the places is free, in the order of asking. */
export type InSlot = <T>(work: () => Promise<T>) => Promise<T>;

/** `limit` places. */
export function createSlots(limit: number): InSlot {
  let free = limit;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => void waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
