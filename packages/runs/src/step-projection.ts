import { sql } from 'drizzle-orm';
import type { EventData, StepStatus } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import type { FreshEvent } from './event-records.ts';
import { toStorableJson } from './storable-json.ts';

interface StepPatch {
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

/** Brings step rows up to date; steps of a run that was cancelled or failed and still show as open end with it. */
export async function projectSteps(tx: Tx, fresh: FreshEvent[]): Promise<void> {
  const patches = new Map<string, StepPatch>();
  for (const item of fresh) {
    const { run_id: runId = '', step_id: stepId } = item.event;
    if (stepId === undefined || !STATUS_OF[item.event.type]) continue;
    const key = `${runId} ${stepId}`;
    const patch = patches.get(key) ?? {
      run_id: runId,
      step_id: stepId,
      status: 'running',
      attempts: 0,
      output: null,
      error: null,
      usage: null,
      started_at: null,
      finished_at: null,
    };
    patches.set(key, patch);
    applyEvent(patch, item);
  }
  if (patches.size > 0) {
    await tx.execute(sql`
      UPDATE run_steps s SET
        -- A replay may call a step skipped that had ended before the crash: what it was stays.
        status = CASE WHEN p.status = 'skipped' AND s.status IN ('completed','failed') THEN s.status ELSE p.status END,
        attempts = greatest(s.attempts, p.attempts), output = coalesce(p.output, s.output),
        error = coalesce(p.error, s.error), usage = coalesce(p.usage, s.usage),
        started_at = coalesce(s.started_at, p.started_at), finished_at = coalesce(p.finished_at, s.finished_at)
      FROM jsonb_to_recordset(${toStorableJson([...patches.values()])}::jsonb) AS p(
        run_id uuid, step_id text, status text, attempts int, output jsonb, error jsonb, usage jsonb,
        started_at timestamptz, finished_at timestamptz)
      WHERE s.run_id = p.run_id AND s.step_id = p.step_id`);
  }
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
