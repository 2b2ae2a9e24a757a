import type { EventData, StepStatus } from '@automatos/contracts';
import { executePrepared } from '@automatos/database';
import type { Tx } from '@automatos/database';
import type { FreshEvent } from './event-records.ts';
import { toStorableJson } from './storable-json.ts';

export interface StepPatch {
  run_id: string;
  step_id: string;
  /** Null leaves it as it is. */
  status: StepStatus | null;
  attempts: number;
  output: unknown;
  error: unknown;
  usage: unknown;
  reused_from: string | null;
  sub_run_id: string | null;
  quality: unknown;
  quality_score: number | null;
  started_at: string | null;
  finished_at: string | null;
  /** What the step is, from its start; for the rows of instances, which are not declared. */
  declared: Partial<EventData<'step.started'>>;
}

/** Events of a step that its row follows, with the status they make; null leaves it. */
const STATUS_OF: Partial<Record<FreshEvent['event']['type'], StepStatus | null>> = {
  'step.started': 'running',
  'step.retrying': 'retrying',
  'step.waiting': 'running',
  'step.waiting_approval': 'waiting_approval',
  'approval.decided': 'running',
  'step.completed': 'completed',
  'step.failed': 'failed',
  'step.skipped': 'skipped',
  'quality.scored': null,
};

function applyEvent(patch: StepPatch, { event, attachment }: FreshEvent): void {
  patch.status = STATUS_OF[event.type] ?? patch.status;
  const data = event.data as Record<string, unknown>;
  const text = (name: string) => (typeof data[name] === 'string' ? (data[name] as string) : null);
  switch (event.type) {
    case 'step.started':
      patch.declared = data;
      patch.started_at ??= event.at;
      patch.attempts = Math.max(patch.attempts, data['attempt'] as number);
      break;
    case 'step.waiting':
      patch.sub_run_id = text('run_id') ?? patch.sub_run_id;
      break;
    case 'step.completed':
      patch.output = attachment?.output ?? null;
      patch.usage = data['usage'] ?? null;
      patch.sub_run_id = text('sub_run_id') ?? patch.sub_run_id;
      patch.reused_from = text('reused_from');
      // A result that was taken over keeps its times.
      if (patch.reused_from === null) patch.finished_at = event.at;
      break;
    case 'step.failed':
      patch.error = data['error'] ?? null;
      // What there was when a limit ended the step.
      patch.output = attachment?.output ?? null;
      patch.usage = data['usage'] ?? null;
      patch.sub_run_id = text('sub_run_id') ?? patch.sub_run_id;
      patch.finished_at = event.at;
      break;
    case 'step.skipped':
      patch.finished_at = event.at;
      break;
    case 'quality.scored':
      patch.quality = attachment?.quality ?? null;
      patch.quality_score = data['score'] as number | null;
      break;
    default:
  }
}

/** What the events make of the steps they belong to, one patch per step. */
export function stepPatches(fresh: FreshEvent[]): StepPatch[] {
  const patches = new Map<string, StepPatch>();
  for (const item of fresh) {
    const { run_id: runId = '', step_id: stepId } = item.event;
    if (stepId === undefined || STATUS_OF[item.event.type] === undefined) continue;
    const key = `${runId} ${stepId}`;
    const patch = patches.get(key) ?? emptyPatch(runId, stepId);
    patches.set(key, patch);
    applyEvent(patch, item);
  }
  return [...patches.values()];
}

function emptyPatch(runId: string, stepId: string): StepPatch {
  return {
    run_id: runId,
    step_id: stepId,
    status: null,
    attempts: 0,
    output: null,
    error: null,
    usage: null,
    reused_from: null,
    sub_run_id: null,
    quality: null,
    quality_score: null,
    started_at: null,
    finished_at: null,
    declared: {},
  };
}

const INSERT_INSTANCES = `
  INSERT INTO run_steps (workspace_id, run_id, step_id, ordinal, name, type, agent, tool, parent, depends_on)
  SELECT r.workspace_id, p.run_id, p.step_id, coalesce(s.ordinal, 1000000), coalesce(p.name, s.name, p.step_id),
    coalesce(p.type, s.type, 'step'), coalesce(p.agent, s.agent), coalesce(p.tool, s.tool), coalesce(p.parent, s.parent),
    coalesce(p.depends_on, s.depends_on, '[]'::jsonb)
  FROM jsonb_to_recordset($1::jsonb) AS p(
    run_id uuid, step_id text, name text, type text, agent text, tool text, parent text, depends_on jsonb)
  JOIN runs r ON r.id = p.run_id
  LEFT JOIN run_steps s ON s.run_id = p.run_id AND s.step_id = split_part(p.step_id, '#', 1)
  ON CONFLICT (run_id, step_id) DO NOTHING`;

/** Rows of instances (\`step#index\`) that map and loop make while they run; what an event does not say is as declared. */
export async function insertInstances(tx: Tx, patches: StepPatch[]): Promise<void> {
  const rows = patches
    .filter((patch) => patch.step_id.includes('#'))
    .map(({ run_id, step_id, declared: { name, type, agent, tool, parent, depends_on } }) => ({
      run_id,
      step_id,
      name,
      type,
      agent,
      tool,
      parent,
      depends_on,
    }));
  if (rows.length === 0) return;
  const values = [toStorableJson(rows)];
  await executePrepared(tx, { name: 'automatos_insert_instances', text: INSERT_INSTANCES, values });
}

const END = `
  UPDATE run_steps s SET finished_at = e.at,
    status = CASE
      WHEN s.status <> 'pending' THEN 'cancelled'
      WHEN NOT EXISTS (SELECT 1 FROM run_steps i WHERE i.run_id = s.run_id AND i.step_id LIKE s.step_id || '#%') THEN 'skipped'
      WHEN e.type = 'run.completed' THEN 'completed' ELSE 'cancelled' END
  FROM jsonb_to_recordset($1::jsonb) AS e(run_id uuid, type text, at timestamptz)
  WHERE s.run_id = e.run_id
    AND (s.status = 'pending' OR e.type <> 'run.completed' AND s.status IN ('running','retrying','waiting_approval'))`;

/**
 * Steps that still show as open end with their run. A declared step that ran as instances only stays \`pending\` until
 * then.
 */
export async function endOpenSteps(tx: Tx, fresh: FreshEvent[]): Promise<void> {
  const ended = fresh
    .filter(({ event }) => ENDS.has(event.type))
    .map(({ event: { run_id, type, at } }) => ({ run_id, type, at }));
  if (ended.length === 0) return;
  const values = [toStorableJson(ended)];
  await executePrepared(tx, { name: 'automatos_end_steps', text: END, values });
}

const ENDS = new Set<FreshEvent['event']['type']>(['run.completed', 'run.failed', 'run.cancelled']);
