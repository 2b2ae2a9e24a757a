import { isConnectionLoss } from '@automatos/database';
import { systemClock } from '@automatos/kernel';
import type { JsonValue, RunId, WorkspaceId } from '@automatos/kernel';
import { never } from './active-run.ts';
import type { ActiveRun, StopReason } from './active-run.ts';
import type { LockedRun } from './run-store.ts';
import { isTerminal } from './run-state.ts';
import type { ApprovalOutcome, ApprovalRequest, RunContext, SubRunOutcome } from './types.ts';
import type { Watch } from './wait-hub.ts';

/** Where in which execution a call waits. */
export interface WaitSite {
  runId: RunId;
  workspaceId: WorkspaceId;
  /** Of this execution; see the column `runs.epoch`. */
  epoch: number;
  active: ActiveRun;
  /** Of the call: aborts with the run, with this process, and with the scope that the caller named. */
  signal: AbortSignal;
  emit: RunContext['emit'];
}

/**
 * Waits for what happens outside the run, each safe to begin again after a crash: it finds what stands in the database
 * and goes on from there. All reject with the signal's reason when it aborts.
 */
export interface RunWaits {
  approval(site: WaitSite, request: ApprovalRequest): Promise<ApprovalOutcome>;
  /** `until` in ms since the epoch; null without a limit. */
  signalled(
    site: WaitSite,
    request: { key: string; stepId: string; name: string; until: number | null },
  ): Promise<{ payload: JsonValue } | null>;
  subRun(site: WaitSite, request: Parameters<RunContext['subRun']>[0]): Promise<SubRunOutcome>;
}

const RETRY_MS = 250;

/**
 * Looks until something is found, after each wake, at most `waitMs` later. When the call's scope ends first, `abandon`
 * runs and the scope's reason is thrown; when the run itself is stopped, the promise never settles and nothing is undone,
 * because another execution may go on waiting.
 */
export async function lookUntil<T>(
  site: WaitSite,
  how: {
    watch: Watch;
    look: () => Promise<{ found: T } | { waitMs: number | null }>;
    abandon: () => Promise<void>;
  },
): Promise<T> {
  const { active, signal } = site;
  const { watch } = how;
  const unsubscribe = active.onWake(() => watch.wake());
  const close = () => {
    unsubscribe();
    watch.close();
  };
  // The wait of an execution that is stopped never settles; what it holds must go all the same.
  if (active.signal.aborted) close();
  active.signal.addEventListener('abort', close, { once: true });
  try {
    for (;;) {
      if (active.stopReason) return await never();
      if (signal.aborted) {
        await persistently(site, how.abandon);
        throw signal.reason;
      }
      watch.clear();
      const seen = await persistently(site, how.look);
      if ('found' in seen) return seen.found;
      await watch.next(seen.waitMs, signal);
    }
  } finally {
    active.signal.removeEventListener('abort', close);
    close();
  }
}

/**
 * A wait outlasts the database's absence; other errors are the caller's. Never settles when this execution may change
 * nothing more.
 */
export async function persistently<T>(site: WaitSite, work: () => Promise<T>): Promise<T> {
  const { active } = site;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Superseded) active.stop(error.reason);
      if (active.stopReason) return never();
      if (!isConnectionLoss(error)) throw error;
      await systemClock.sleep(RETRY_MS);
    }
  }
}

/** Throws when the run has ended or another execution of it has begun; see {@link persistently}. */
export function mustBeMine(site: WaitSite, { run, epoch }: LockedRun): void {
  if (isTerminal(run.status)) throw new Superseded('cancelled');
  if (epoch !== site.epoch) throw new Superseded('lost');
}

class Superseded extends Error {
  readonly reason: StopReason;
  constructor(reason: StopReason) {
    super('this execution was superseded');
    this.reason = reason;
  }
}
