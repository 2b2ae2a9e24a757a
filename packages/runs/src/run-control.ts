import type { EventType, Run, RunStatus } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { notify } from '@automatos/database';
import { PlatformError, newId, notFound } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import type { EventBus } from './event-bus.ts';
import { EVENTS_CHANNEL } from './event-bus.ts';
import { storeEvents } from './event-store.ts';
import { isTerminal } from './run-state.ts';
import { findRun, setHold } from './run-store.ts';
import type { Actor, EmitEvent, EventProjection } from './types.ts';

/** Tells the process that executes a run what was decided; payload `action:run id`. */
export const CONTROL_CHANNEL = 'automatos_control';
export type ControlAction = 'cancel' | 'hold' | 'release';

interface Deps {
  database: Database;
  bus: EventBus;
  clock: Clock;
  projections: EventProjection[];
  /** Stores what this process still holds of the run, so that the decision comes after it in the log. */
  flush: (runId: string) => Promise<void>;
  /** Applies a decision to a run that this process executes. */
  apply: (action: ControlAction, runId: string) => void;
}

interface Decision {
  action: ControlAction;
  from: readonly RunStatus[];
  event: (run: Run, now: number) => EmitEvent;
}

/** Decides pause, resume and cancel under the run's row lock, and stores event, status and hold in one transaction. */
export function createRunControl(deps: Deps) {
  async function decide(workspaceId: WorkspaceId, runId: string, decision: Decision): Promise<Run> {
    await deps.flush(runId);
    const { run, stored } = await deps.database.workspace(workspaceId, async (tx) => {
      const before = await findRun(tx, runId, true);
      if (!before) throw notFound('run', runId);
      if (!decision.from.includes(before.status)) throw refused(before, decision.action);
      const now = deps.clock.now();
      const event = {
        id: newId(now),
        at: new Date(now).toISOString(),
        workspaceId,
        runId,
        ...decision.event(before, now),
      };
      const events = await storeEvents(tx, [event], deps.projections);
      await setHold(tx, runId, decision.action === 'hold');
      if (deps.database.capabilities.multiProcess) {
        await notify(tx, CONTROL_CHANNEL, `${decision.action}:${runId}`);
        await notify(tx, EVENTS_CHANNEL, `${workspaceId}:${runId}:${events.at(-1)?.seq ?? 0}`);
      }
      return { run: (await findRun(tx, runId)) as Run, stored: events };
    });
    deps.apply(decision.action, runId);
    deps.bus.publish(stored);
    return run;
  }

  const by = (actor: Actor) => ({ kind: actor.kind, name: actor.name });
  const key = (type: EventType) => `${type}:${newId()}`;
  return {
    cancel: (workspaceId: WorkspaceId, runId: string, actor: Actor) =>
      decide(workspaceId, runId, {
        action: 'cancel',
        from: ['queued', 'running', 'paused', 'waiting_approval'],
        event: (run, now) => ({
          type: 'run.cancelled',
          key: 'run:ended',
          data: {
            by: by(actor),
            duration_ms: Math.max(0, now - Date.parse(run.started_at ?? run.created_at)),
          },
        }),
      }),
    pause: (workspaceId: WorkspaceId, runId: string, actor: Actor) =>
      decide(workspaceId, runId, {
        action: 'hold',
        from: ['queued', 'running'],
        event: () => ({ type: 'run.paused', key: key('run.paused'), data: { by: by(actor) } }),
      }),
    resume: (workspaceId: WorkspaceId, runId: string, actor: Actor) =>
      decide(workspaceId, runId, {
        action: 'release',
        from: ['paused'],
        event: () => ({ type: 'run.resumed', key: key('run.resumed'), data: { by: by(actor) } }),
      }),
  };
}

const VERB: Record<ControlAction, string> = {
  cancel: 'cancelled',
  hold: 'paused',
  release: 'resumed',
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
