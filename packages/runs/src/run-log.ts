import type { EventEnvelope } from '@automatos/contracts';
import { notify } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import { newId, notFound } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { EVENTS_CHANNEL } from './event-bus.ts';
import type { EventBus } from './event-bus.ts';
import type { PendingEvent } from './event-records.ts';
import { storeEvents } from './event-store.ts';
import { lockRun } from './run-store.ts';
import type { LockedRun } from './run-store.ts';
import type { EmitEvent, EventProjection } from './types.ts';

/** Tells the process that executes a run what was decided; payload `action:run id`. `signal` means: look again. */
export const CONTROL_CHANNEL = 'automatos_control';
export type ControlAction = 'cancel' | 'hold' | 'release' | 'signal';

export interface RunLogDeps {
  database: Database;
  bus: EventBus;
  clock: Clock;
  projections: EventProjection[];
  /** Stores what this process still holds of the run, so that the change comes after it in the log. */
  flush: (runId: string) => Promise<void>;
  /** Applies a decision to a run that this process executes. */
  apply: (action: ControlAction, runId: string) => void;
}

export interface Change<T> {
  result: T;
  /** Stored in the same transaction. */
  events: EmitEvent[];
  /** Told to the process that executes the run, when the transaction has committed. */
  tell?: ControlAction;
}

/** Changes of runs from outside of their bodies: row, events and whatever belongs to them in one transaction. */
export interface RunLog {
  /** Runs `work` under the run's row lock. Throws `run.item.not_found` for a run of another workspace. */
  change<T>(
    at: { workspaceId: WorkspaceId; runId: string },
    work: (tx: Tx, locked: LockedRun, now: number) => Promise<Change<T>>,
  ): Promise<T>;
  /** The same for several runs, which the caller has locked in order of their ids. */
  append(tx: Tx, events: PendingEvent[], tell: Told[]): Promise<EventEnvelope[]>;
  /** After the commit. */
  publish(events: EventEnvelope[], tell: Told[]): void;
}

interface Told {
  action: ControlAction;
  runId: string;
}

export function createRunLog(deps: RunLogDeps): RunLog {
  const { database, bus, clock } = deps;

  async function append(tx: Tx, pending: PendingEvent[], tell: Told[]) {
    const stored = await storeEvents(tx, pending, deps.projections);
    if (!database.capabilities.multiProcess) return stored;
    for (const { action, runId } of tell) await notify(tx, CONTROL_CHANNEL, `${action}:${runId}`);
    const newest = new Map(stored.map((event) => [event.run_id, event]));
    for (const event of newest.values())
      await notify(tx, EVENTS_CHANNEL, `${event.workspace_id}:${event.run_id}:${event.seq}`);
    return stored;
  }

  function publish(events: EventEnvelope[], tell: Told[]): void {
    for (const { action, runId } of tell) deps.apply(action, runId);
    bus.publish(events);
  }

  return {
    append,
    publish,
    async change({ workspaceId, runId }, work) {
      await deps.flush(runId);
      const { result, stored, tell } = await database.workspace(workspaceId, async (tx) => {
        const locked = await lockRun(tx, runId);
        if (!locked) throw notFound('run', runId);
        const now = clock.now();
        const change = await work(tx, locked, now);
        const pending = change.events.map((event) => toPending({ workspaceId, runId }, event, now));
        const told = change.tell ? [{ action: change.tell, runId }] : [];
        return { ...change, tell: told, stored: await append(tx, pending, told) };
      });
      publish(stored, tell);
      return result;
    },
  };
}

/** An event of the run with an id and a time of its own. */
export function toPending(
  scope: { workspaceId: WorkspaceId; runId: string },
  event: EmitEvent,
  now: number,
): PendingEvent {
  return { id: newId(now), at: new Date(now).toISOString(), ...scope, ...event };
}
