/** Where requests wait while somebody proves again who they are. */
export interface StepUpGate {
  /** Resolves with true after a proof; requests that ask meanwhile wait for the same one. */
  ask: () => Promise<boolean>;
  /** Ends what waits. */
  answer: (proved: boolean) => void;
  subscribe: (listener: () => void) => () => void;
  isOpen: () => boolean;
}

export function createStepUpGate(): StepUpGate {
  const listeners = new Set<() => void>();
  let waiting: PromiseWithResolvers<boolean> | null = null;
  const tell = () => {
    for (const listener of listeners) listener();
  };
  return {
    ask() {
      if (waiting === null) {
        waiting = Promise.withResolvers<boolean>();
        tell();
      }
      return waiting.promise;
    },
    answer(proved) {
      waiting?.resolve(proved);
      waiting = null;
      tell();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    isOpen: () => waiting !== null,
  };
}
