import { sql } from 'drizzle-orm';
import type { EventData } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import type { Metrics } from '@automatos/kernel';
import type { EmitEvent } from './types.ts';

/** What a run counts as in the metrics: the kinds that have a label of their own, else `other`. */
export function taskType(kind: string): string {
  return kind === 'recipe' ? 'recipe' : 'other';
}

const ENDS: Partial<Record<EmitEvent['type'], string>> = {
  'step.completed': 'completed',
  'step.failed': 'failed',
  'step.skipped': 'skipped',
};

/** Counts steps and further attempts from the events of one execution. */
export function createStepCounter(metrics: Metrics): (event: EmitEvent) => void {
  const types = new Map<string, string>();
  const seen = new Set<string>();
  return (event) => {
    if (event.stepId === undefined || !event.type.startsWith('step.') || seen.has(event.key))
      return;
    seen.add(event.key);
    if (event.type === 'step.started') {
      types.set(event.stepId, (event.data as EventData<'step.started'>).type);
    }
    const stepType = types.get(event.stepId) ?? 'unknown';
    const status = ENDS[event.type];
    if (status !== undefined) {
      metrics.count('amas_step_executions_total', { step_type: stepType, status });
    }
    if (event.type === 'step.retrying') {
      const reason = (event.data as EventData<'step.retrying'>).error.kind;
      metrics.count('amas_step_retries_total', { step_type: stepType, reason });
    }
  };
}

interface Gauges {
  queued: number;
  unowned: number;
  recipe: number | null;
  other: number | null;
}

/**
 * Values of the whole installation, the same from every process: runs queued, runs that nobody executes or will wake,
 * and the share completed of the last hundred ended runs of each type. Served by runs_unfinished and runs_by_end.
 */
export async function reportGauges(database: Database, metrics: Metrics): Promise<void> {
  const result = await database.system((tx) =>
    tx.execute(sql`
      SELECT
        (SELECT count(*)::int FROM runs WHERE status = 'queued') AS queued,
        (SELECT count(*)::int FROM runs r WHERE r.status NOT IN ('completed','failed','cancelled')
          AND NOT EXISTS (SELECT 1 FROM dbos.workflow_status w WHERE w.workflow_uuid = r.id::text
            AND w.status IN ('PENDING','ENQUEUED','DELAYED'))
          AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.key = r.id::text AND o.dispatched_at IS NULL AND o.dead_at IS NULL)
        ) AS unowned,
        (SELECT avg((status = 'completed')::int)::float FROM (SELECT status FROM runs
          WHERE finished_at IS NOT NULL AND kind = 'recipe' ORDER BY finished_at DESC LIMIT 100) last) AS recipe,
        (SELECT avg((status = 'completed')::int)::float FROM (SELECT status FROM runs
          WHERE finished_at IS NOT NULL AND kind <> 'recipe' ORDER BY finished_at DESC LIMIT 100) last) AS other`),
  );
  const row = result.rows[0] as unknown as Gauges;
  metrics.set('amas_task_queue_depth', { priority: 'normal' }, row.queued);
  metrics.set('amas_runs_unowned', {}, row.unowned);
  if (row.recipe !== null)
    metrics.set('amas_task_success_rate', { task_type: 'recipe' }, row.recipe);
  if (row.other !== null) metrics.set('amas_task_success_rate', { task_type: 'other' }, row.other);
}
