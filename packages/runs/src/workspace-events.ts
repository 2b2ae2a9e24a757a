import { sql } from 'drizzle-orm';
import type { EventEnvelope, EventType } from '@automatos/contracts';
import { notify } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { Clock, JsonObject, WorkspaceId } from '@automatos/kernel';
import type { EventBus } from './event-bus.ts';
import { toStorableJson } from './storable-json.ts';
import type { EventProjection } from './types.ts';

/** Wakes all processes, this one too: a transaction does not tell us when it has committed, the notification does. */
const CHANNEL = 'automatos_workspace_events';

export interface NewWorkspaceEvent {
  type: EventType;
  /** What the event is about, e.g. `agent:<id>`. */
  subject: string;
  data: JsonObject;
}

/** Events of a workspace that belong to no run, stored in the transaction of the change they tell of. */
export function createWorkspaceEvents(deps: {
  database: Database;
  bus: EventBus;
  clock: Clock;
  /** The same as those of run events; called once per event, in its transaction. */
  projections: EventProjection[];
}) {
  async function deliver(workspaceId: WorkspaceId, eventId: string): Promise<void> {
    const result = await deps.database.workspace(workspaceId, (tx) =>
      tx.execute(
        sql`SELECT id, seq, workspace_id, type, subject, at, data FROM events WHERE id = ${eventId}`,
      ),
    );
    const row = result.rows[0] as unknown as
      | (Omit<EventEnvelope, 'at'> & { at: Date | string })
      | undefined;
    if (row) deps.bus.publish([{ ...row, at: new Date(row.at).toISOString() }]);
  }
  return {
    async append(tx: Tx, workspaceId: WorkspaceId, event: NewWorkspaceEvent): Promise<void> {
      const now = deps.clock.now();
      const id = newId<'event'>(now);
      const at = new Date(now).toISOString();
      await tx.execute(sql`INSERT INTO events (id, workspace_id, run_id, seq, key, type, subject, at, data)
        VALUES (${id}, ${workspaceId}, NULL, 0, ${id}, ${event.type}, ${event.subject}, ${at}::timestamptz, ${toStorableJson(event.data)}::jsonb)`);
      const stored = { ...event, id, at, seq: 0, workspace_id: workspaceId };
      for (const project of deps.projections) await project(tx, workspaceId, [{ event: stored }]);
      await notify(tx, CHANNEL, `${workspaceId}:${id}`);
    },
    listen: (onError: (error: unknown) => void) =>
      deps.database.listen(CHANNEL, (payload) => {
        const [workspaceId = '', eventId = ''] = payload.split(':');
        deliver(workspaceId as WorkspaceId, eventId).catch(onError);
      }),
  };
}
