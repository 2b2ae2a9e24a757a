import { sql } from 'drizzle-orm';
import type { EventType, Run, RunStatus } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { PlatformError, isUuid, newId, notFound } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { toPending } from './run-log.ts';
import type { ControlAction, RunLog } from './run-log.ts';
import { isTerminal } from './run-state.ts';
import { findRun, lockRuns, setHold } from './run-store.ts';
import type { LockedRun } from './run-store.ts';
import type { Actor, EmitEvent } from './types.ts';

interface Deps {
  database: Database;
  clock: Clock;
  log: RunLog;
  flush: (runId: string) => Promise<void>;
}

interface Decision {
  action: ControlAction;
  from: readonly RunStatus[];
  event: EmitEvent;
}

/** Decides pause, resume and cancel under the run's row lock, with event, status and hold in one transaction. */
export interface RunControl {
  /** Ends the run and everything that it started as a part of itself. */
  cancel(workspaceId: WorkspaceId, runId: string, actor: Actor): Promise<Run>;
  pause(workspaceId: WorkspaceId, runId: string, actor: Actor): Promise<Run>;
  resume(workspaceId: WorkspaceId, runId: string, actor: Actor): Promise<Run>;
  /**
   * Cancels parts whose run has ended without them: of one run, or of all runs, for what a crash left. Returns how many.
   */
  cancelOrphans(parentRunId?: string): Promise<number>;
}

const by = (actor: Actor) => ({ kind: actor.kind, name: actor.name });
const key = (type: EventType) => `${type}:${newId()}`;
const SYSTEM: Actor = { kind: 'system', id: 'runs', name: 'the end of the run it belongs to' };

export function createRunControl(deps: Deps): RunControl {
  const decide = (workspaceId: WorkspaceId, runId: string, decision: Decision): Promise<Run> =>
    deps.log.change({ workspaceId, runId }, async (tx, { run }) => {
      if (!decision.from.includes(run.status)) throw refused(run, decision.action);
      await setHold(tx, runId, decision.action === 'hold');
      return { result: run, events: [decision.event], tell: decision.action };
    });
  /** As it is after the events of the change. */
  const after = async (workspaceId: WorkspaceId, runId: string) =>
    (await deps.database.workspace(workspaceId, (tx) => findRun(tx, runId))) as Run;

  return {
    cancel: (workspaceId, runId, actor) => cancelTree(deps, { workspaceId, runId, actor }),
    async pause(workspaceId, runId, actor) {
      await decide(workspaceId, runId, {
        action: 'hold',
        from: ['queued', 'running', 'waiting_approval'],
        event: { type: 'run.paused', key: key('run.paused'), data: { by: by(actor) } },
      });
      return after(workspaceId, runId);
    },
    async resume(workspaceId, runId, actor) {
      await decide(workspaceId, runId, {
        action: 'release',
        from: ['paused'],
        event: { type: 'run.resumed', key: key('run.resumed'), data: { by: by(actor) } },
      });
      return after(workspaceId, runId);
    },
    async cancelOrphans(parentRunId) {
      const orphans = await findOrphans(deps.database, parentRunId);
      for (const { id, workspace_id: workspaceId } of orphans) {
        await cancelTree(deps, { workspaceId, runId: id, actor: SYSTEM }).catch(ignoreEnded);
      }
      return orphans.length;
    },
  };
}

/** It ended by itself in the same moment. */
function ignoreEnded(error: unknown): void {
  if (!(error instanceof PlatformError) || error.code !== 'runs.run.wrong_status') throw error;
}

/** The run and all parts of it that have not ended, in one transaction: no part can outlive a cancel. */
async function cancelTree(
  { database, clock, log, flush }: Deps,
  { workspaceId, runId, actor }: { workspaceId: WorkspaceId; runId: string; actor: Actor },
): Promise<Run> {
  if (!isUuid(runId)) throw notFound('run', runId);
  const known = await database.workspace(workspaceId, (tx) => treeOf(tx, runId));
  await Promise.all(known.map(flush));
  const { run, stored, tell } = await database.workspace(workspaceId, async (tx) => {
    const locked = await lockTree(tx, runId);
    const root = locked.find((one) => one.run.id === runId);
    if (!root) throw notFound('run', runId);
    if (isTerminal(root.run.status)) throw refused(root.run, 'cancel');
    const open = locked.filter((one) => !isTerminal(one.run.status));
    const now = clock.now();
    const events = open.map(({ run: one }) =>
      toPending({ workspaceId, runId: one.id }, cancelled(one, actor, now), now),
    );
    const orders = open.map((one) => ({ action: 'cancel' as const, runId: one.run.id }));
    for (const one of open) await setHold(tx, one.run.id, false);
    const done = await log.append(tx, events, orders);
    return { run: (await findRun(tx, runId)) as Run, stored: done, tell: orders };
  });
  log.publish(stored, tell);
  return run;
}

function cancelled(run: Run, actor: Actor, now: number): EmitEvent {
  const durationMs = Math.max(0, now - Date.parse(run.started_at ?? run.created_at));
  return {
    type: 'run.cancelled',
    key: 'run:ended',
    data: { by: by(actor), duration_ms: durationMs },
  };
}

/** The run and all its parts, of any depth. Served by runs_by_parent. */
async function treeOf(tx: Tx, runId: string): Promise<string[]> {
  const result = await tx.execute(sql`
    WITH RECURSIVE tree AS (
      SELECT id FROM runs WHERE id = ${runId}
      UNION SELECT r.id FROM runs r JOIN tree t ON r.parent_run_id = t.id
    ) SELECT id FROM tree ORDER BY id`);
  return (result.rows as { id: string }[]).map((row) => row.id);
}

/**
 * Locks the tree in order of id, as every writer of events does. A part that was started meanwhile is locked as well: its
 * start holds the lock of its parent, so it is either seen here or finds its parent ended.
 */
async function lockTree(tx: Tx, runId: string): Promise<LockedRun[]> {
  for (let before = -1; ;) {
    const ids = await treeOf(tx, runId);
    const locked = await lockRuns(tx, ids);
    if (locked.length === before) return locked;
    before = locked.length;
  }
}

async function findOrphans(
  database: Database,
  parentRunId: string | undefined,
): Promise<{ id: string; workspace_id: WorkspaceId }[]> {
  const result = await database.system((tx) =>
    tx.execute(sql`
      SELECT c.id, c.workspace_id FROM runs c JOIN runs p ON p.id = c.parent_run_id
      WHERE c.status NOT IN ('completed','failed','cancelled') AND p.status IN ('completed','failed','cancelled')
        AND (${parentRunId ?? null}::uuid IS NULL OR p.id = ${parentRunId ?? null}::uuid)
      LIMIT 100`),
  );
  return result.rows as unknown as { id: string; workspace_id: WorkspaceId }[];
}

const VERB: Record<ControlAction, string> = {
  cancel: 'cancelled',
  hold: 'paused',
  release: 'resumed',
  signal: 'signalled',
};

function refused(run: Run, action: ControlAction): PlatformError {
  const ended = isTerminal(run.status) ? ' It has ended; start a new run instead.' : '';
  return new PlatformError({
    code: 'runs.run.wrong_status',
    kind: 'conflict',
    message: `This run is ${run.status} and cannot be ${VERB[action]}.${ended}`,
    details: { status: run.status },
  });
}
