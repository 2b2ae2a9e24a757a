import type { EventData, EventEnvelope, RunStatus } from '@automatos/contracts';
import { executePrepared } from '@automatos/database';
import type { Tx } from '@automatos/database';
import type { FreshEvent } from './event-records.ts';
import { nextStatus } from './run-state.ts';
import { endOpenSteps, stepPatches } from './step-projection.ts';
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
}

function emptyPatch(id: string, status: RunStatus): RunPatch {
  return {
    id,
    status,
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

function applyEvent(patch: RunPatch, { event, attachment }: FreshEvent): void {
  patch.status = nextStatus(patch.status, event.type);
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
    default:
  }
}

/** Both updates in one statement: it runs at the end of each batch, on the way to the answer of a run. */
const UPDATE = `
  WITH steps AS (
    UPDATE run_steps s SET
      -- A replay may call a step skipped that had ended before the crash: what it was stays.
      status = CASE WHEN p.status = 'skipped' AND s.status IN ('completed','failed') THEN s.status ELSE p.status END,
      attempts = greatest(s.attempts, p.attempts), output = coalesce(p.output, s.output),
      error = coalesce(p.error, s.error), usage = coalesce(p.usage, s.usage),
      started_at = coalesce(s.started_at, p.started_at), finished_at = coalesce(p.finished_at, s.finished_at)
    FROM jsonb_to_recordset($2::jsonb) AS p(
      run_id uuid, step_id text, status text, attempts int, output jsonb, error jsonb, usage jsonb,
      started_at timestamptz, finished_at timestamptz)
    WHERE s.run_id = p.run_id AND s.step_id = p.step_id
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
    estimated = r.estimated OR p.estimated, findings_total = r.findings_total + p.findings_total
  FROM jsonb_to_recordset($1::jsonb) AS p(
    id uuid, status text, last_seq int, started_at timestamptz, finished_at timestamptz, error jsonb, outputs jsonb,
    model_calls int, tool_calls int, input_tokens bigint, output_tokens bigint, cached_input_tokens bigint,
    reasoning_tokens bigint, cost_micros bigint, unpriced_calls int, estimated boolean, findings_total int)
  WHERE r.id = p.id`;

/** Brings run and step rows up to date with events stored in the same transaction. */
export async function projectRunsAndSteps(tx: Tx, fresh: FreshEvent[]): Promise<void> {
  const patches = new Map<string, RunPatch>();
  for (const item of fresh) {
    const runId = item.event.run_id as string;
    const patch = patches.get(runId) ?? emptyPatch(runId, item.statusBefore);
    patches.set(runId, patch);
    applyEvent(patch, item);
  }
  const values = [toStorableJson([...patches.values()]), toStorableJson(stepPatches(fresh))];
  await executePrepared(tx, { name: 'automatos_project_events', text: UPDATE, values });
  await endOpenSteps(tx, fresh);
}
