import type { EventData } from '@automatos/contracts';
import type { AuditEntry, AuditLog } from '@automatos/identity';
import { newId } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import type { EventProjection } from '@automatos/runs';

type Noted = Pick<AuditEntry, 'action' | 'target' | 'outcome' | 'details'> & {
  actor: { id: string; name: string };
};

/** Notes what the product does of its own accord, with the event that tells it: runs by the clock or a trigger, approvals whose time ran out. */
export function createAuditProjection(deps: {
  audit: Pick<AuditLog, 'note'>;
  clock: Clock;
}): EventProjection {
  return async (tx, workspaceId, events) => {
    for (const { event } of events) {
      const noted = describe(event.type, event.data as never, event.run_id);
      if (noted === null) continue;
      const { actor, ...what } = noted;
      await deps.audit.note(tx, {
        id: newId(deps.clock.now()),
        workspaceId: workspaceId as WorkspaceId,
        actor: { kind: 'system', ...actor },
        requestId: event.id,
        ...what,
      });
    }
  };
}

function describe(type: string, data: never, runId: string | undefined): Noted | null {
  if (type === 'schedule.fired') {
    const { schedule_id: id, ...fired } = data as EventData<'schedule.fired'>;
    return started({ id: `schedule:${id}`, name: 'Schedule' }, fired);
  }
  if (type === 'trigger.fired') {
    const { trigger_id: id, ...fired } = data as EventData<'trigger.fired'>;
    return started({ id: `trigger:${id}`, name: 'Trigger' }, fired);
  }
  if (type !== 'approval.decided') return null;
  const { decision, approval_id: id } = data as EventData<'approval.decided'>;
  // What a person decides is recorded with their request.
  if (decision !== 'timed_out' && decision !== 'cancelled') return null;
  return {
    actor: { id: 'runs', name: 'Automatos' },
    action: 'approval.decide',
    target: { type: 'approval', id, name: '' },
    outcome: 'success',
    details: { decision, ...(runId === undefined ? {} : { run_id: runId }) },
  };
}

function started(
  actor: Noted['actor'],
  fired: { recipe_slug: string; outcome: string; run_id?: string | undefined },
): Noted | null {
  if (fired.outcome !== 'started' && fired.outcome !== 'failed') return null;
  return {
    actor,
    action: 'run.start',
    target: { type: 'run', id: fired.run_id ?? '', name: fired.recipe_slug },
    outcome: fired.outcome === 'started' ? 'success' : 'failure',
    details: { recipe: fired.recipe_slug },
  };
}
