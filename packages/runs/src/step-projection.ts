import { sql } from 'drizzle-orm';
import type { EventData, StepStatus } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import type { FreshEvent } from './event-records.ts';

export interface StepPatch {
  run_id: string;
  step_id: string;
  status: StepStatus;
  attempts: number;
  output: unknown;
  error: unknown;
  usage: unknown;
  started_at: string | null;
  finished_at: string | null;
}

const STATUS_OF: Partial<Record<FreshEvent['event']['type'], StepStatus>> = {
  'step.started': 'running',
  'step.retrying': 'retrying',
  'step.waiting_approval': 'waiting_approval',
  'step.completed': 'completed',
  'step.failed': 'failed',
  'step.skipped': 'skipped',
} as Partial<Record<FreshEvent['event']['type'], StepStatus>>;

function applyEvent(patch: StepPatch, { event, attachment }: FreshEvent): void {
  patch.status = STATUS_OF[event.type] ?? patch.status;
  if (event.type === 'step.started') {
    patch.started_at ??= event.at;
    patch.attempts = Math.max(
      patch.attempts,
      (event.data as unknown as EventData<'step.started'>).attempt,
    );
  }
  if (event.type === 'step.completed') {
    patch.output = attachment?.output ?? null;
    patch.usage = event.data['usage'] ?? null;
  }
  if (event.type === 'step.failed') {
    patch.error = event.data['error'] ?? null;
    // What there was when a limit ended the step.
    patch.output = attachment?.output ?? null;
  }
  if (
    event.type === 'step.completed' ||
    event.type === 'step.failed' ||
    event.type === 'step.skipped'
  )
    patch.finished_at = event.at;
}

/** What the events make of the steps they belong to, one patch per step. */
export function stepPatches(fresh: FreshEvent[]): StepPatch[] {
  const patches = new Map<string, StepPatch>();
  for (const item of fresh) {
    const { run_id: runId = '', step_id: stepId } = item.event;
    if (stepId === undefined || !STATUS_OF[item.event.type]) continue;
    const key = `${runId} ${stepId}`;
    const patch = patches.get(key) ?? emptyPatch(runId, stepId);
    patches.set(key, patch);
    applyEvent(patch, item);
  }
  return [...patches.values()];
}

function emptyPatch(runId: string, stepId: string): StepPatch {
  const nothing = { output: null, error: null, usage: null, started_at: null, finished_at: null };
  return { run_id: runId, step_id: stepId, status: 'running', attempts: 0, ...nothing };
}

/** Steps of a run that was cancelled or failed and still show as open end with it. */
export async function endOpenSteps(tx: Tx, fresh: FreshEvent[]): Promise<void> {
  const ended = fresh.filter(
    ({ event }) => event.type === 'run.cancelled' || event.type === 'run.failed',
  );
  for (const { event } of ended) {
    await tx.execute(sql`
      UPDATE run_steps SET finished_at = ${event.at}::timestamptz,
        status = CASE WHEN status = 'pending' THEN 'skipped' ELSE 'cancelled' END
      WHERE run_id = ${event.run_id} AND status IN ('pending','running','retrying','waiting_approval')`);
  }
}
