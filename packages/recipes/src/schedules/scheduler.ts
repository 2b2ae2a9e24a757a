import { createOutboxDispatcher } from '@automatos/database';
import type { Database } from '@automatos/database';
import { deferred, isPlatformError } from '@automatos/kernel';
import type { Clock, Logger, WorkspaceId } from '@automatos/kernel';
import type { Runs } from '@automatos/runs';
import { CANCEL_TOPIC, fireDue, startQueued } from './fire-schedule.ts';
import type { FireDeps } from './fire-schedule.ts';
import { pruneDeliveries } from '../triggers/trigger-store.ts';
import { findCandidates, pruneFires, readHorizon, SCHEDULES_CHANNEL } from './schedule-store.ts';
import type { Candidate } from './schedule-store.ts';

export interface SchedulerDeps extends FireDeps {
  database: Pick<Database, 'system' | 'workspace' | 'listen' | 'capabilities'>;
  clock: Clock;
  logger: Logger;
  runs: Pick<Runs, 'cancel'>;
}

export interface Scheduler {
  /** Fires what is due, until {@link stop}. Any number of processes may do so. */
  start(): Promise<void>;
  /** Ends after the schedule under way. */
  stop(): Promise<void>;
  /** Fires everything that is due now; resolves to how long to wait for more, ms. */
  tick(): Promise<number>;
}

/** Longest sleep: what a lost notification or a changed machine clock can cost. */
const SLEEP_MS_MAX = 5_000;
/** While due times wait for a run to end, and after a failure. */
const SOON_MS = 1_000;
const CANDIDATES_MAX = 50;
const FIRES_KEPT = 1_000;
const PRUNE_EVERY_MS = 3_600_000;

/** The loop that starts recipes by the clock. The database decides who fires a due time, so that it fires once. */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  const stopping = new AbortController();
  const cancels = createOutboxDispatcher({
    ...deps,
    handlers: {
      [CANCEL_TOPIC]: ({ workspaceId, payload }) =>
        cancelPrevious(deps, workspaceId, payload as { run_id: string; schedule: string }),
    },
  });
  let wake = deferred<void>();
  let loop: Promise<void> = Promise.resolve();
  let unlisten: (() => Promise<void>) | undefined;
  let prunedAt = 0;

  async function tick(): Promise<number> {
    const failed = await fireEverything(deps, stopping.signal);
    const now = deps.clock.now();
    if (now - prunedAt >= PRUNE_EVERY_MS) {
      await deps.database.system(async (tx) => {
        await pruneFires(tx, FIRES_KEPT);
        await pruneDeliveries(tx);
      });
      prunedAt = now;
    }
    const { nextDue, waiting } = await deps.database.system(readHorizon);
    if (failed) return SOON_MS;
    const untilDue = nextDue === null ? SLEEP_MS_MAX : Math.max(0, nextDue.getTime() - now);
    return Math.min(untilDue, waiting ? SOON_MS : SLEEP_MS_MAX);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      wake = deferred();
      const waitMs = await tick().catch((error: unknown) => {
        deps.logger.warn({ error: String(error) }, 'schedules cannot be read; tried again soon');
        return SOON_MS;
      });
      const asleep = new AbortController();
      const signal = AbortSignal.any([stopping.signal, asleep.signal]);
      // A due time that another process is handling this moment must not make this one spin.
      const sleep = deps.clock.sleep(Math.max(waitMs, 20), signal).catch(() => undefined);
      await Promise.race([wake.promise, sleep]);
      asleep.abort();
    }
  }

  return {
    tick,
    async start() {
      unlisten = await deps.database.listen(SCHEDULES_CHANNEL, () => wake.resolve());
      await cancels.start();
      loop = run();
    },
    async stop() {
      stopping.abort();
      wake.resolve();
      await loop;
      await cancels.stop();
      await unlisten?.();
    },
  };
}

/** True when one of them could not be handled; the others are, all the same. */
async function fireEverything(deps: SchedulerDeps, stopping: AbortSignal): Promise<boolean> {
  let failed = false;
  for (let progress = true; progress && !stopping.aborted;) {
    progress = false;
    const now = new Date(deps.clock.now());
    const found = await deps.database.system((tx) => findCandidates(tx, now, CANDIDATES_MAX));
    for (const candidate of found) {
      if (stopping.aborted) return failed;
      try {
        progress = (await handle(deps, candidate)) || progress;
      } catch (error) {
        failed = true;
        const about = { schedule_id: candidate.id, error: String(error) };
        deps.logger.error(about, 'a schedule could not be fired; tried again soon');
      }
    }
    if (failed) return true;
  }
  return failed;
}

function handle(deps: SchedulerDeps, { id, workspace_id, due }: Candidate): Promise<boolean> {
  const place = { id, workspaceId: workspace_id };
  return due ? fireDue(deps, place) : startQueued(deps, place);
}

async function cancelPrevious(
  deps: SchedulerDeps,
  workspaceId: WorkspaceId,
  { run_id: runId, schedule }: { run_id: string; schedule: string },
): Promise<void> {
  const by = { kind: 'system', id: 'schedule', name: `Schedule "${schedule}"` } as const;
  try {
    await deps.runs.cancel(workspaceId, runId, by);
  } catch (error) {
    const isOver =
      isPlatformError(error) && (error.kind === 'conflict' || error.kind === 'not-found');
    if (!isOver) throw error;
  }
}
