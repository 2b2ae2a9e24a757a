import { sql } from 'drizzle-orm';
import { PRIORITIES } from '@automatos/contracts';
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
  /** By priority as stored; null when nothing waits. */
  queued: Record<string, number> | null;
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
        (SELECT jsonb_object_agg(priority, n) FROM (SELECT priority, count(*)::int AS n FROM runs
          WHERE status = 'queued' AND admitted_at IS NULL GROUP BY priority) q) AS queued,
        (SELECT count(*)::int FROM runs r WHERE r.status NOT IN ('completed','failed','cancelled') AND r.admitted_at IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM dbos.workflow_status w JOIN run_executors e ON e.process_id::text = w.executor_id
            WHERE w.workflow_uuid = r.id::text AND w.status IN ('PENDING','ENQUEUED','DELAYED'))
        ) AS unowned,
        (SELECT avg((status = 'completed')::int)::float FROM (SELECT status FROM runs
          WHERE finished_at IS NOT NULL AND kind = 'recipe' ORDER BY finished_at DESC LIMIT 100) last) AS recipe,
        (SELECT avg((status = 'completed')::int)::float FROM (SELECT status FROM runs
          WHERE finished_at IS NOT NULL AND kind <> 'recipe' ORDER BY finished_at DESC LIMIT 100) last) AS other`),
  );
  const row = result.rows[0] as unknown as Gauges;
  for (const [level, priority] of PRIORITIES.entries())
    metrics.set('amas_task_queue_depth', { priority }, row.queued?.[level] ?? 0);
  metrics.set('amas_runs_unowned', {}, row.unowned);
  if (row.recipe !== null)
    metrics.set('amas_task_success_rate', { task_type: 'recipe' }, row.recipe);
  if (row.other !== null) metrics.set('amas_task_success_rate', { task_type: 'other' }, row.other);
}
