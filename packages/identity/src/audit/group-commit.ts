/**
 * Writes items of many callers together: what arrives while a write is under way goes into the next one. `add` resolves when
 * its item is stored and rejects when the write that held it failed, so no caller goes on in the belief that it was.
 */
export interface GroupCommit<Item> {
  add(item: Item): Promise<void>;
  /** Resolves when nothing waits any more, stored or refused. */
  idle(): Promise<void>;
}

interface Waiting<Item> {
  item: Item;
  resolve: () => void;
  reject: (error: unknown) => void;
}

export function createGroupCommit<Item>(
  write: (items: Item[]) => Promise<void>,
  options: { itemsMax: number },
): GroupCommit<Item> {
  const waiting: Waiting<Item>[] = [];
  let working: Promise<void> | null = null;

  async function work(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, options.itemsMax);
      try {
        await write(batch.map(({ item }) => item));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    working = null;
  }

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        working ??= Promise.resolve().then(work);
      }),
    idle: () => working ?? Promise.resolve(),
  };
}
