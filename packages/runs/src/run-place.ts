import { retryRead } from '@automatos/database';
import type { Database } from '@automatos/database';
import type { Logger } from '@automatos/kernel';
import type { Semaphore } from './semaphore.ts';

/** The place that one execution has among those that work in this process; given back while all of the run waits. */
export interface RunPlace {
  /** Resolves when the execution has a place. */
  take(): Promise<void>;
  /** Gives the place back and notes that the run takes none, or takes one again. */
  park(parked: boolean): Promise<void>;
  /** Gives the place back for good. */
  leave(): void;
}

interface Deps {
  database: Database;
  logger: Logger;
  slots: Semaphore;
  /** A place of the run's workspace got free. */
  onFree: () => void;
}

export function createRunPlace(
  deps: Deps,
  run: { runId: string; signal: AbortSignal; epoch: () => number; held: (() => void) | null },
): RunPlace {
  let held = run.held;
  let isOver = false;

  async function take(): Promise<void> {
    if (held || isOver) return;
    const release = await deps.slots.acquire(run.signal);
    if (isOver) release();
    else held = release;
  }
  function giveBack(): void {
    held?.();
    held = null;
  }
  /** The same again does no harm, so it is tried again when the connection is lost. */
  async function note(parked: boolean): Promise<void> {
    await retryRead(() =>
      deps.database.pool.query({
        name: 'automatos_park_run',
        text: 'UPDATE runs SET parked = $3 WHERE id = $1 AND epoch = $2',
        values: [run.runId, run.epoch(), parked],
      }),
    ).catch((error: unknown) =>
      deps.logger.warn(
        { run_id: run.runId, error: String(error) },
        'limits count a run wrongly until its next wait',
      ),
    );
  }
  return {
    take,
    async park(parked) {
      if (isOver) return;
      if (!parked) {
        await take();
        return note(false);
      }
      giveBack();
      await note(true);
      deps.onFree();
    },
    leave() {
      isOver = true;
      giveBack();
    },
  };
}
