import { createOutboxDispatcher } from '@automatos/database';
import type { Database, OutboxDispatcher, OutboxEntry, Tx } from '@automatos/database';
import type { Clock, JsonObject, Logger } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import { fireTrigger } from './fire-trigger.ts';
import type { FactOutcome, FireTriggerDeps } from './fire-trigger.ts';
import { RUN_EVENT_TOPIC } from './run-event-projection.ts';
import { findTrigger } from './trigger-store.ts';

export interface RunEventHandlerDeps extends FireTriggerDeps {
  database: Pick<Database, 'system' | 'workspace' | 'listen' | 'capabilities'>;
  clock: Clock;
  logger: Logger;
}

/** Starts recipes for ended runs, once per trigger and end; runs in worker processes, any number of them. */
export function createRunEventDispatcher(deps: RunEventHandlerDeps): OutboxDispatcher {
  return createOutboxDispatcher({
    ...deps,
    handlers: { [RUN_EVENT_TOPIC]: (entry) => handle(deps, entry) },
  });
}

async function handle(deps: RunEventHandlerDeps, entry: OutboxEntry): Promise<void> {
  const { trigger_id: triggerId = '', event_id: eventId = '' } = entry.payload as {
    trigger_id?: string;
    event_id?: string;
  };
  const { workspaceId } = entry;
  const done = await deps.database.workspace(
    workspaceId,
    async (tx): Promise<FactOutcome | null> => {
      const trigger = await findTrigger(tx, triggerId);
      // Switched off or deleted since: nobody waits any more.
      if (trigger?.enabled !== true || trigger.type !== 'run_event') return null;
      const end = await readEnd(tx, eventId);
      if (end === null) return null;
      return fireTrigger(
        deps,
        { tx, trigger },
        {
          deliveryId: eventId,
          at: new Date(deps.clock.now()),
          depth: end.depth + 1,
          roots: () => ({ event: end.event }),
        },
      );
    },
  );
  done?.announce?.();
}

interface End extends Record<string, unknown> {
  /** Triggers by run events before this run, those of the runs it is a part of included. */
  depth: number;
  /** What `{{event.…}}` shows: the event, and the run as it ended. */
  event: JsonObject;
}

/** Null when the run is gone. */
async function readEnd(tx: Tx, eventId: string): Promise<End | null> {
  const found = await tx.execute<End>(sql`
    WITH RECURSIVE ended AS (
      SELECT * FROM events WHERE id = ${eventId}
    ), up AS (
      SELECT r.id, r.parent_run_id, r.trigger_depth, 0 AS height FROM runs r JOIN ended e ON e.run_id = r.id
      UNION ALL
      SELECT p.id, p.parent_run_id, p.trigger_depth, up.height + 1 FROM runs p JOIN up ON p.id = up.parent_run_id
      WHERE up.height < 50
    )
    SELECT (SELECT max(trigger_depth) FROM up)::int AS depth, jsonb_build_object(
      'id', e.id, 'type', e.type, 'at', e.at, 'run_id', r.id, 'data', e.data,
      'title', r.title, 'status', r.status, 'recipe', r.recipe_slug, 'recipe_version', r.recipe_version,
      'inputs', r.inputs, 'outputs', r.outputs, 'error', r.error, 'findings_total', r.findings_total,
      'quality_score', r.quality_score, 'quality_grade', r.quality_grade) AS event
    FROM ended e JOIN runs r ON r.id = e.run_id`);
  return found.rows[0] ?? null;
}
