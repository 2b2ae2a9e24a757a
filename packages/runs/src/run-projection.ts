import type { EventData, EventEnvelope, RunStatus, Usage } from '@automatos/contracts';
import { executePrepared } from '@automatos/database';
import type { Tx } from '@automatos/database';
import type { FreshEvent } from './event-records.ts';
import { nextState } from './run-state.ts';
import type { RunState } from './run-state.ts';
import { endOpenSteps, insertInstances, stepPatches } from './step-projection.ts';
import { toStorableJson } from './storable-json.ts';

interface RunPatch {
  id: string;
  status: RunStatus;
  last_seq: number;
  started_at: string | null;
  finished_at: string | null;
  error: unknown;
  outputs: unknown;
  model_calls: number;
  tool_calls: number;
  input_tokens: number;
  output_tokens: number;
  cached_input_tokens: number;
  reasoning_tokens: number;
  cost_micros: number;
  unpriced_calls: number;
  estimated: boolean;
  findings_total: number;
  open_approvals: number;
  quality: unknown;
  quality_score: number | null;
  quality_grade: string | null;
}

function emptyPatch(id: string): RunPatch {
  return {
    id,
    status: 'queued',
    last_seq: 0,
    started_at: null,
    finished_at: null,
    error: null,
    outputs: null,
    model_calls: 0,
    tool_calls: 0,
    input_tokens: 0,
    output_tokens: 0,
    cached_input_tokens: 0,
    reasoning_tokens: 0,
    cost_micros: 0,
    unpriced_calls: 0,
    estimated: false,
    findings_total: 0,
    open_approvals: 0,
    quality: null,
    quality_score: null,
    quality_grade: null,
  };
}

function addModelCall(patch: RunPatch, event: EventEnvelope): void {
  const data = event.data as unknown as EventData<'llm.completed'>;
  patch.model_calls += 1;
  patch.input_tokens += data.input_tokens;
  patch.output_tokens += data.output_tokens;
  patch.cached_input_tokens += data.cached_input_tokens;
  patch.reasoning_tokens += data.reasoning_tokens;
  if (data.cost_micros === null) patch.unpriced_calls += 1;
  else patch.cost_micros += data.cost_micros;
  patch.estimated ||= data.estimated;
}

/** What a sub-run used counts to the run that started it. */
function addSubRun(patch: RunPatch, data: { sub_run_id?: string; usage?: Usage }): void {
  if (data.sub_run_id === undefined || data.usage === undefined) return;
  const { usage } = data;
  patch.model_calls += usage.model_calls;
  patch.tool_calls += usage.tool_calls;
  patch.input_tokens += usage.input_tokens;
  patch.output_tokens += usage.output_tokens;
  patch.cached_input_tokens += usage.cached_input_tokens;
  patch.reasoning_tokens += usage.reasoning_tokens;
  if (usage.cost_micros === null) patch.unpriced_calls += 1;
  else patch.cost_micros += usage.cost_micros;
  patch.estimated ||= usage.estimated;
}

function applyEvent(patch: RunPatch, { event, attachment }: FreshEvent): void {
  patch.last_seq = event.seq;
  switch (event.type) {
    case 'run.started':
      patch.started_at ??= event.at;
      break;
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
      patch.finished_at = event.at;
      patch.error = (event.data as { error?: unknown }).error ?? null;
      patch.outputs = attachment?.outputs ?? null;
      break;
    case 'llm.completed':
      addModelCall(patch, event);
      break;
    case 'tool.completed':
    case 'tool.failed':
      patch.tool_calls += 1;
      patch.findings_total += (event.data as { findings_total?: number }).findings_total ?? 0;
      break;
    case 'step.completed':
    case 'step.failed':
      addSubRun(patch, event.data as { sub_run_id?: string; usage?: Usage });
      break;
    case 'quality.scored':
      if (event.step_id === undefined) addQuality(patch, event, attachment?.quality);
      break;
    default:
  }
}

function addQuality(patch: RunPatch, event: EventEnvelope, report: unknown): void {
  const data = event.data as unknown as EventData<'quality.scored'>;
  patch.quality = report ?? null;
  patch.quality_score = data.score;
  patch.quality_grade = data.grade;
}

/** All updates in one statement: it runs at the end of each batch, on the way to the answer of a run. */
const UPDATE = `
  WITH steps AS (
    UPDATE run_steps s SET
      -- A replay may call a step skipped that had ended before the crash: what it was stays.
      status = CASE WHEN p.status IS NULL OR p.status = 'skipped' AND s.status IN ('completed','failed')
        THEN s.status ELSE p.status END,
      attempts = greatest(s.attempts, p.attempts), output = coalesce(p.output, s.output),
      error = coalesce(p.error, s.error), usage = coalesce(p.usage, s.usage),
      reused_from = coalesce(p.reused_from, s.reused_from), sub_run_id = coalesce(p.sub_run_id, s.sub_run_id),
      quality = coalesce(p.quality, s.quality), quality_score = coalesce(p.quality_score, s.quality_score),
      started_at = coalesce(s.started_at, p.started_at), finished_at = coalesce(p.finished_at, s.finished_at)
    FROM jsonb_to_recordset($2::jsonb) AS p(
      run_id uuid, step_id text, status text, attempts int, output jsonb, error jsonb, usage jsonb,
      reused_from uuid, sub_run_id uuid, quality jsonb, quality_score real,
      started_at timestamptz, finished_at timestamptz)
    WHERE s.run_id = p.run_id AND s.step_id = p.step_id
  ), closed AS (
    -- Nobody can decide for a run that has ended.
    UPDATE run_approvals a SET status = 'cancelled', decided_at = p.finished_at
    FROM jsonb_to_recordset($1::jsonb) AS p(id uuid, finished_at timestamptz)
    WHERE a.run_id = p.id AND a.status = 'open' AND p.finished_at IS NOT NULL
  )
  UPDATE runs r SET
    status = p.status, last_seq = p.last_seq,
    started_at = coalesce(r.started_at, p.started_at), finished_at = coalesce(p.finished_at, r.finished_at),
    error = coalesce(p.error, r.error), outputs = coalesce(p.outputs, r.outputs),
    model_calls = r.model_calls + p.model_calls, tool_calls = r.tool_calls + p.tool_calls,
    input_tokens = r.input_tokens + p.input_tokens, output_tokens = r.output_tokens + p.output_tokens,
    cached_input_tokens = r.cached_input_tokens + p.cached_input_tokens,
    reasoning_tokens = r.reasoning_tokens + p.reasoning_tokens,
    cost_micros = r.cost_micros + p.cost_micros, unpriced_calls = r.unpriced_calls + p.unpriced_calls,
    estimated = r.estimated OR p.estimated, findings_total = r.findings_total + p.findings_total,
    open_approvals = p.open_approvals, quality = coalesce(p.quality, r.quality),
    quality_score = coalesce(p.quality_score, r.quality_score), quality_grade = coalesce(p.quality_grade, r.quality_grade)
  FROM jsonb_to_recordset($1::jsonb) AS p(
    id uuid, status text, last_seq int, started_at timestamptz, finished_at timestamptz, error jsonb, outputs jsonb,
    model_calls int, tool_calls int, input_tokens bigint, output_tokens bigint, cached_input_tokens bigint,
    reasoning_tokens bigint, cost_micros bigint, unpriced_calls int, estimated boolean, findings_total int,
    open_approvals int, quality jsonb, quality_score real, quality_grade text)
  WHERE r.id = p.id`;

/** Brings run and step rows up to date with events stored in the same transaction. */
export async function projectRunsAndSteps(tx: Tx, fresh: FreshEvent[]): Promise<void> {
  const patches = new Map<string, RunPatch>();
  const states = new Map<string, RunState>();
  for (const item of fresh) {
    const runId = item.event.run_id as string;
    const patch = patches.get(runId) ?? emptyPatch(runId);
    const state = nextState(states.get(runId) ?? item.stateBefore, item.event.type);
    patches.set(runId, patch);
    states.set(runId, state);
    applyEvent(patch, item);
    patch.status = state.status;
    patch.open_approvals = state.openApprovals;
  }
  const steps = stepPatches(fresh);
  await insertInstances(tx, steps);
  const values = [toStorableJson([...patches.values()]), toStorableJson(steps)];
  await executePrepared(tx, { name: 'automatos_project_events', text: UPDATE, values });
  await endOpenSteps(tx, fresh);
}
