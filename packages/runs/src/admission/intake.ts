import { newId } from '@automatos/kernel';
import type { Database } from '@automatos/database';
import type { Logger } from '@automatos/kernel';
import type { Engine } from '../engine.ts';
import type { ExecutorLease } from '../executor-lease.ts';
import type { ExecutableRun } from '../run-store.ts';
import type { Reservation, Semaphore } from '../semaphore.ts';
import { claimRuns } from './claim.ts';
import type { ClaimedRun } from './claim.ts';

/** Wakes the workers of other processes: runs wait that somebody with free places may claim. */
export const QUEUE_CHANNEL = 'automatos_queue';

/** What a claim hands to the execution it begins: the run as read by the claim, and a place to work. */
export interface PreparedRun {
  run: ExecutableRun;
  release: () => void;
}

/**
 * Brings waiting runs into the free places of this process. Claims are made one after the other, so that whatever is
 * accepted while one is under way goes into the next.
 */
export interface Intake {
  /** Something may wait. */
  poke(): void;
  /** A place or a limit got free: looks only when something is known to wait. */
  freed(): void;
  /** Whether a run accepted now would find a place here. */
  hasRoom(): boolean;
  /** Hands over what the claim of `token` prepared for the run; undefined for runs that were taken over. */
  take(runId: string, token: string): PreparedRun | undefined;
  /** Claims nothing from now on; resolves when the claim under way is through. */
  stop(): Promise<void>;
}

interface Deps {
  database: Database;
  logger: Logger;
  engine: Engine;
  lease: ExecutorLease;
  slots: Semaphore;
  journalVersion: string;
  workspaceMax: number;
}

export function createIntake(deps: Deps): Intake {
  return new RunIntake(deps);
}

class RunIntake implements Intake {
  readonly #deps: Deps;
  readonly #prepared = new Map<string, PreparedRun>();
  #wanted = false;
  /** True while runs are known to wait for a place or a limit. */
  #backlog = false;
  #stopped = false;
  #running: Promise<void> | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  poke(): void {
    this.#wanted = true;
    if (this.#stopped) return;
    this.#running ??= this.#work().finally(() => {
      this.#running = null;
      if (this.#wanted && this.hasRoom()) this.poke();
    });
  }

  freed(): void {
    if (this.#backlog || this.#wanted) this.poke();
  }

  hasRoom(): boolean {
    return !this.#stopped && this.#deps.slots.open() > 0;
  }

  take(runId: string, token: string): PreparedRun | undefined {
    const key = `${token} ${runId}`;
    const prepared = this.#prepared.get(key);
    this.#prepared.delete(key);
    return prepared;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #work(): Promise<void> {
    while (this.#wanted && !this.#stopped) {
      const reserved = this.#deps.slots.reserve();
      // The next place that gets free pokes again.
      if (reserved.places === 0) return;
      this.#wanted = false;
      try {
        const { runs, more } = await this.#claim(reserved);
        // A full claim may have left some behind that have room too.
        if (more && runs > 0) this.#wanted = true;
        await this.#tellOthers(more);
      } catch (error) {
        this.#deps.logger.warn({ error: String(error) }, 'claim failed, the sweep tries again');
      } finally {
        reserved.end();
      }
    }
  }

  async #claim(reserved: Reservation): Promise<{ runs: number; more: boolean }> {
    const { database, lease, journalVersion, workspaceMax } = this.#deps;
    const token = newId();
    const { runs, more } = await claimRuns(database, {
      places: reserved.places,
      workspaceMax,
      owner: lease.owner,
      journalVersion,
      token,
    });
    for (const claimed of runs) this.#dispatch(claimed, token, reserved.take());
    return { runs: runs.length, more };
  }

  #dispatch({ id, workspaceId, run }: ClaimedRun, token: string, release: () => void): void {
    this.#prepared.set(`${token} ${id}`, { run, release });
    this.#deps.engine
      .dispatch({ runId: id, workspaceId, token, attempts: 1 })
      .catch((error: unknown) => {
        this.take(id, token)?.release();
        this.#deps.logger.warn(
          { run_id: id, error: String(error) },
          'admitted run not begun, the sweep takes it up',
        );
      });
  }

  /** Runs wait for a limit or a place that may get free in another process: they are to look when one does there. */
  async #tellOthers(more: boolean): Promise<void> {
    const { database } = this.#deps;
    const news = more && !this.#backlog;
    this.#backlog = more;
    if (news && database.capabilities.multiProcess)
      await database.pool.query(`SELECT pg_notify('${QUEUE_CHANNEL}', '')`);
  }
}
