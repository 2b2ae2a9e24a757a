import type { Clock } from '@automatos/kernel';

/** Time in which at least one recorded call is answered while a run is taken up again. */
const QUIET_MS = 25;
const LOOKS_MAX = 40;

/** Whether this execution began the run, or takes it up from its journal. */
export interface Replay {
  /** True when all calls of this execution are new: nothing will be answered from the journal. */
  readonly fresh: boolean;
  /** The first call of the run is made here. */
  began(): void;
  /** A call was answered from the journal. */
  answered(): void;
  /**
   * Resolves when lanes that are taken up side by side have told what they did before: at once in a fresh execution, else
   * when no recorded call was answered for a moment.
   */
  settled(): Promise<void>;
}

export function createReplay(clock: Clock): Replay {
  let fresh = false;
  let answered = 0;
  let quiet: Promise<void> | null = null;
  async function wait(): Promise<void> {
    for (let look = 0, before = -1; look < LOOKS_MAX && before !== answered; look += 1) {
      before = answered;
      await clock.sleep(QUIET_MS);
    }
  }
  return {
    get fresh() {
      return fresh;
    },
    began: () => void (fresh = true),
    answered: () => void (answered += 1),
    settled: () => (fresh ? Promise.resolve() : (quiet ??= wait())),
  };
}
