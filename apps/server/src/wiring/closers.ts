import type { Logger } from '@automatos/kernel';

/** What was started, to be closed in reverse order; one that fails does not keep the others open. */
export interface Closers {
  add(name: string, close: () => void | Promise<void>): void;
  closeAll(): Promise<void>;
}

export function createClosers(logger: Logger): Closers {
  const entries: { name: string; close: () => void | Promise<void> }[] = [];
  return {
    add: (name, close) => void entries.push({ name, close }),
    async closeAll() {
      for (const { name, close } of entries.splice(0).toReversed()) {
        try {
          await close();
        } catch (error) {
          logger.warn({ part: name, error: String(error) }, 'part did not close cleanly');
        }
      }
    },
  };
}
