import { createOutboxDispatcher } from '@automatos/database';
import type { Database, OutboxDispatcher, OutboxEntry, Tx } from '@automatos/database';
import type { EventEnvelope } from '@automatos/contracts';
import type { Clock, JsonObject, JsonValue, Logger } from '@automatos/kernel';
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
  const { trigger_id: triggerId, event } = entry.payload as unknown as {
    trigger_id: string;
    event: EventEnvelope;
  };
  const done = await deps.database.workspace(
    entry.workspaceId,
    async (tx): Promise<FactOutcome | null> => {
      const trigger = await findTrigger(tx, triggerId);
      // Switched off or deleted since: nobody waits any more.
      if (trigger?.enabled !== true || trigger.type !== 'run_event') return null;
      const run = await readEndedRun(tx, event.run_id ?? '');
      if (run === null) return null;
      return fireTrigger(
        deps,
        { tx, trigger },
        {
          deliveryId: event.id,
          at: new Date(deps.clock.now()),
          depth: run.depth + 1,
          roots: () => ({ event: describe(event, run.shown) }),
        },
      );
    },
  );
  done?.announce?.();
}

interface EndedRun {
  /** Triggers by run events before this run, those of the runs it is a part of included. */
  depth: number;
  shown: JsonObject;
}

async function readEndedRun(tx: Tx, runId: string): Promise<EndedRun | null> {
  const found = await tx.execute<{ depth: number; shown: JsonObject }>(sql`
    WITH RECURSIVE up AS (
      SELECT id, parent_run_id, trigger_depth, 0 AS height FROM runs WHERE id = ${runId}
      UNION ALL
      SELECT p.id, p.parent_run_id, p.trigger_depth, up.height + 1 FROM runs p JOIN up ON p.id = up.parent_run_id
      WHERE up.height < 50
    )
    SELECT (SELECT max(trigger_depth) FROM up)::int AS depth, jsonb_build_object(
      'title', title, 'status', status, 'recipe', recipe_slug, 'recipe_version', recipe_version, 'inputs', inputs,
      'outputs', outputs, 'error', error, 'findings_total', findings_total, 'quality_score', quality_score,
      'quality_grade', quality_grade) AS shown
    FROM runs WHERE id = ${runId}`);
  return found.rows[0] ?? null;
}

/** What `{{event.…}}` shows: the event, and the run as it ended. */
function describe(event: EventEnvelope, run: JsonObject): JsonObject {
  const { id, type, at, data, run_id: runId = null } = event;
  return { id, type, at, run_id: runId, ...run, data: data as JsonValue };
}
