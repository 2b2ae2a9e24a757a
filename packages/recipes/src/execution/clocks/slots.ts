/** A bounded number of places, given in the order of asking. */
export interface Slots {
  take(): Promise<() => void>;
}

export function createSlots(count: number): Slots {
  let free = count;
  const queue: (() => void)[] = [];
  const release = () => {
    const next = queue.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    async take() {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => queue.push(resolve));
      let given = true;
      return () => {
        if (given) release();
        given = false;
      };
    },
  };
}
