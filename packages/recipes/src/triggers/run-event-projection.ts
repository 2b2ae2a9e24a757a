import { enqueueOutbox } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import type { EventEnvelope } from '@automatos/contracts';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import type { EventProjection } from '@automatos/runs';
import { sql } from 'drizzle-orm';
import { TRIGGERS_CHANNEL } from './trigger-store.ts';

/** Outbox topic of ends of runs that a trigger waits for. */
export const RUN_EVENT_TOPIC = 'triggers.run_event';

const ENDS: readonly string[] = ['run.completed', 'run.failed', 'run.cancelled'];
/** How long a workspace is believed to have no such trigger, should a notification be lost, ms. */
const BELIEVED_MS = 10_000;

export interface RunEventProjection {
  /** In the transaction that stores the end of a run: an order for each trigger that fits. */
  project: EventProjection;
  /** Hears of changed triggers; resolves to the function that stops it. */
  listen(): Promise<() => Promise<void>>;
}

/** Notes ends of runs for the triggers that wait for them. Workspaces without such triggers pay a look into a map. */
export function createRunEventProjection(deps: {
  database: Pick<Database, 'listen'>;
  clock: Pick<Clock, 'now'>;
}): RunEventProjection {
  /** Workspaces without triggers by run events, and until when that is believed. */
  const without = new Map<WorkspaceId, number>();
  /** Raised by each change, so that what was read before it is not kept after it. */
  let changes = 0;

  async function project(
    tx: Tx,
    workspaceId: WorkspaceId,
    events: readonly { event: EventEnvelope }[],
  ): Promise<void> {
    const ends = events.map(({ event }) => event).filter(({ type }) => ENDS.includes(type));
    if (ends.length === 0) return;
    const now = deps.clock.now();
    if ((without.get(workspaceId) ?? 0) > now) return;
    const seen = changes;
    const waiting = await findWaiting(tx, workspaceId, ends);
    if (!waiting.some && seen === changes) without.set(workspaceId, now + BELIEVED_MS);
    for (const event of ends) {
      for (const triggerId of waiting.triggersOf(event)) {
        await enqueueOutbox(tx, {
          workspaceId,
          topic: RUN_EVENT_TOPIC,
          key: `${triggerId}:${event.id}`,
          payload: { trigger_id: triggerId, event_id: event.id },
        });
      }
    }
  }

  return {
    project,
    listen: () =>
      deps.database.listen(TRIGGERS_CHANNEL, (workspaceId) => {
        changes += 1;
        without.delete(workspaceId as WorkspaceId);
      }),
  };
}

interface WaitingRow extends Record<string, unknown> {
  trigger_id: string;
  /** Null when no run of these fits the trigger. */
  run_id: string | null;
  on: string[];
}

/**
 * Which triggers wait for these runs, in one statement by index `triggers_by_run_event`. A trigger that names no recipe
 * waits for the runs of all others than its own; dry runs count for none, and sub-runs only where their recipe is named.
 */
async function findWaiting(tx: Tx, workspaceId: WorkspaceId, ends: readonly EventEnvelope[]) {
  const runIds = ends.map((event) => event.run_id ?? '');
  const found = await tx.execute<WaitingRow>(sql`
    SELECT t.id AS trigger_id, t.spec->'on' AS "on", r.id AS run_id
    FROM triggers t LEFT JOIN runs r ON r.workspace_id = t.workspace_id AND r.id = ANY(${sql.param(runIds)}::uuid[])
      AND NOT r.dry_run AND CASE WHEN t.watches IS NULL
        THEN r.recipe_id IS DISTINCT FROM t.recipe_id AND r.parent_run_id IS NULL
        ELSE r.recipe_slug = t.watches END
    WHERE t.workspace_id = ${workspaceId} AND t.type = 'run_event' AND t.enabled`);
  return {
    some: found.rows.length > 0,
    triggersOf: (event: EventEnvelope) =>
      found.rows
        .filter((row) => row.run_id === event.run_id && row.on.includes(event.type))
        .map((row) => row.trigger_id),
  };
}
