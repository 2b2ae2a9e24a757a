import type { Database } from '@automatos/database';
import { PlatformError } from '@automatos/kernel';
import type { EventBus } from './event-bus.ts';
import type { RunControl } from './run-control.ts';
import { isTerminal } from './run-state.ts';
import { findRun } from './run-store.ts';
import { lookUntil, persistently } from './run-waits.ts';
import type { RunWaits, WaitSite } from './run-waits.ts';
import type { Actor, Runs, StartRun, SubRunOutcome } from './types.ts';
import type { WaitHub, Watch } from './wait-hub.ts';

interface Deps {
  database: Database;
  bus: EventBus;
  hub: WaitHub;
  start: Runs['start'];
  control: Pick<RunControl, 'cancel'>;
}

/** Who cancels the parts of a run that has ended or goes on without them. */
export const PARENT: Actor = { kind: 'system', id: 'runs', name: 'the run it belongs to' };

/** Starts a part of a run as a run of its own, once, and waits for its end. */
export function createSubRunWait(deps: Deps): RunWaits['subRun'] {
  return async (site, { key, stepId, start }) => {
    const request: StartRun = {
      ...start,
      parent: { runId: site.runId, stepId },
      // The same after a crash: finds what was started before it.
      idempotencyKey: `automatos:part:${site.runId}:${key}`,
    };
    const { id } = await persistently(site, () => deps.start(site.workspaceId, request));
    const data = { reason: 'sub_run' as const, run_id: id };
    site.emit({ type: 'step.waiting', key: `subrun:${key}:waiting`, stepId, data });
    const watch = watchEnd(deps, id);
    const look = async () => {
      const found = await outcome(deps, site, id);
      return found ? { found } : { waitMs: null };
    };
    return lookUntil(site, { watch, look, abandon: () => cancel(deps, site, id) });
  };
}

/** Woken by the end of the run, also when another process stores it. */
function watchEnd({ hub, bus }: Deps, id: string): Watch {
  const watch = hub.watch({ kind: 'run', id });
  const unsubscribe = bus.onRun(id, (events) => {
    // Without events, another process stored some.
    if (events.length === 0 || events.some((event) => isEnd(event.type))) watch.wake();
  });
  return {
    ...watch,
    close() {
      unsubscribe();
      watch.close();
    },
  };
}

const isEnd = (type: string) =>
  type === 'run.completed' || type === 'run.failed' || type === 'run.cancelled';

async function outcome(deps: Deps, site: WaitSite, id: string): Promise<SubRunOutcome | null> {
  const run = await deps.database.workspace(site.workspaceId, (tx) => findRun(tx, id));
  if (!run) {
    throw new PlatformError({
      code: 'runs.part.deleted',
      kind: 'not-found',
      message: `The run ${id}, a part of this one, was deleted before its end.`,
    });
  }
  if (!isTerminal(run.status)) return null;
  return {
    runId: id,
    status: run.status as SubRunOutcome['status'],
    outputs: run.outputs,
    error: run.error,
    usage: run.usage,
    findingsTotal: run.findings_total,
  };
}

async function cancel(deps: Deps, site: WaitSite, id: string): Promise<void> {
  try {
    await deps.control.cancel(site.workspaceId, id, PARENT);
  } catch (error) {
    // It ended by itself in the same moment.
    if (!(error instanceof PlatformError) || error.code !== 'runs.run.wrong_status') throw error;
  }
}
