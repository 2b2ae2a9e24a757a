import type { EventData, EventEnvelope } from '@automatos/contracts';
import { executePrepared } from '@automatos/database';
import type { EventProjection } from '@automatos/runs';

interface TurnPart {
  run_id: string;
  step_id: string;
  /** Slug, or id when a step names it so. */
  agent: string;
  at: string;
  model_calls: number;
  tool_calls: number;
  tool_failures: number;
  input_tokens: number;
  output_tokens: number;
  cost_micros: number;
  unpriced_calls: number;
  findings: number;
}

interface StepEnd {
  run_id: string;
  step_id: string;
  status: string;
  error_code: string | null;
  at: string;
}

interface Folded {
  parts: Map<string, TurnPart>;
  ends: StepEnd[];
  scores: { run_id: string; step_id: string; score: number }[];
  runEnds: { run_id: string; status: string; at: string }[];
}

/**
 * Parts that name one agent by slug and by id make one turn. The agents are held, so that one that is deleted meanwhile is
 * left out instead of refusing the events.
 */
const BEGIN = `
  WITH named AS MATERIALIZED (
    SELECT a.workspace_id, a.id AS agent_id, p.*
    FROM jsonb_to_recordset($1::jsonb) AS p(run_id uuid, step_id text, agent text, at timestamptz, model_calls int, tool_calls int,
      tool_failures int, input_tokens bigint, output_tokens bigint, cost_micros bigint, unpriced_calls int, findings int)
    JOIN agents a ON a.workspace_id = $2::uuid AND (a.slug = p.agent OR a.id::text = p.agent)
    FOR KEY SHARE OF a
  )
  INSERT INTO agent_turns AS t (workspace_id, agent_id, run_id, step_id, dry_run, status, started_at, model_calls, tool_calls,
    tool_failures, input_tokens, output_tokens, cost_micros, unpriced_calls, findings)
  SELECT p.workspace_id, p.agent_id, p.run_id, p.step_id, bool_or(r.dry_run), 'running', min(p.at), sum(p.model_calls),
    sum(p.tool_calls), sum(p.tool_failures), sum(p.input_tokens), sum(p.output_tokens), sum(p.cost_micros),
    sum(p.unpriced_calls), sum(p.findings)
  FROM named p JOIN runs r ON r.id = p.run_id
  GROUP BY p.workspace_id, p.agent_id, p.run_id, p.step_id
  ON CONFLICT (run_id, step_id, agent_id) DO UPDATE SET
    model_calls = t.model_calls + EXCLUDED.model_calls, tool_calls = t.tool_calls + EXCLUDED.tool_calls,
    tool_failures = t.tool_failures + EXCLUDED.tool_failures, input_tokens = t.input_tokens + EXCLUDED.input_tokens,
    output_tokens = t.output_tokens + EXCLUDED.output_tokens, cost_micros = t.cost_micros + EXCLUDED.cost_micros,
    unpriced_calls = t.unpriced_calls + EXCLUDED.unpriced_calls, findings = t.findings + EXCLUDED.findings`;

const END = `
  WITH scored AS (
    UPDATE agent_turns t SET quality = s.score
    FROM jsonb_to_recordset($2::jsonb) AS s(run_id uuid, step_id text, score double precision)
    WHERE t.run_id = s.run_id AND t.step_id = s.step_id
      AND NOT EXISTS (SELECT 1 FROM jsonb_to_recordset($1::jsonb) AS e(run_id uuid, step_id text)
        WHERE e.run_id = s.run_id AND e.step_id = s.step_id)
  )
  UPDATE agent_turns t SET status = e.status, error_code = e.error_code, finished_at = greatest(e.at, t.started_at),
    quality = coalesce(e.score, t.quality)
  FROM (
    SELECT e.*, s.score FROM jsonb_to_recordset($1::jsonb) AS e(run_id uuid, step_id text, status text, error_code text, at timestamptz)
    LEFT JOIN jsonb_to_recordset($2::jsonb) AS s(run_id uuid, step_id text, score double precision)
      ON s.run_id = e.run_id AND s.step_id = e.step_id) e
  WHERE t.run_id = e.run_id AND t.step_id = e.step_id AND t.finished_at IS NULL`;

/** A turn that was open when its run ended was cut off. */
const CLOSE = `
  UPDATE agent_turns t SET status = e.status, finished_at = greatest(e.at, t.started_at)
  FROM jsonb_to_recordset($1::jsonb) AS e(run_id uuid, status text, at timestamptz)
  WHERE t.run_id = e.run_id AND t.finished_at IS NULL`;

/**
 * Keeps what agents did in runs, in the transaction that stores the events: once, also after a crash. `notAgents` are names
 * under which others call models in steps, e.g. the judge of quality.
 */
export function createTurnProjection(notAgents: readonly string[]): EventProjection {
  return async (tx, workspaceId, events) => {
    const folded: Folded = { parts: new Map(), ends: [], scores: [], runEnds: [] };
    for (const { event } of events) foldEvent(folded, event, notAgents);
    const run = (name: string, text: string, values: unknown[]) =>
      executePrepared(tx, {
        name: `automatos_turns_${name}`,
        text,
        values: values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
      });
    const parts = [...folded.parts.values()];
    if (parts.length > 0) await run('begin', BEGIN, [parts, workspaceId]);
    if (folded.ends.length + folded.scores.length > 0)
      await run('end', END, [folded.ends, folded.scores]);
    if (folded.runEnds.length > 0) await run('close', CLOSE, [folded.runEnds]);
  };
}

function foldEvent(folded: Folded, event: EventEnvelope, notAgents: readonly string[]): void {
  const { run_id: runId, step_id: stepId, type, at } = event;
  if (runId === undefined) return;
  if (type === 'run.completed' || type === 'run.failed' || type === 'run.cancelled') {
    const status = type === 'run.completed' ? 'completed' : 'cancelled';
    folded.runEnds.push({ run_id: runId, status, at });
    return;
  }
  if (stepId === undefined) return;
  const place = { run_id: runId, step_id: stepId };
  switch (type) {
    case 'step.completed':
      folded.ends.push({ ...place, status: 'completed', error_code: null, at });
      break;
    case 'step.failed':
      folded.ends.push({ ...place, ...failureOf(event), at });
      break;
    case 'quality.scored': {
      const { score } = event.data as unknown as EventData<'quality.scored'>;
      if (score !== null) folded.scores.push({ ...place, score });
      break;
    }
    default:
      foldPart(folded, event, notAgents);
  }
}

function failureOf(event: EventEnvelope): Pick<StepEnd, 'status' | 'error_code'> {
  const { error } = event.data as unknown as EventData<'step.failed'>;
  const kinds: Readonly<Record<string, string>> = {
    'limit-reached': 'limit_reached',
    cancelled: 'cancelled',
  };
  return { status: kinds[error.kind] ?? 'failed', error_code: error.code };
}

function foldPart(folded: Folded, event: EventEnvelope, notAgents: readonly string[]): void {
  const { run_id: runId = '', step_id: stepId = '', type, at, data } = event;
  const agent = data['agent'];
  if (typeof agent !== 'string' || notAgents.includes(agent) || !PARTS.has(type)) return;
  const key = `${runId} ${agent} ${stepId}`;
  const part = folded.parts.get(key) ?? emptyPart({ runId, stepId, agent, at });
  folded.parts.set(key, part);
  if (type === 'llm.completed') addModelCall(part, data as unknown as EventData<'llm.completed'>);
  if (type === 'tool.completed' || type === 'tool.failed') part.tool_calls += 1;
  if (type === 'tool.failed') part.tool_failures += 1;
  if (type === 'tool.completed')
    part.findings += (data as unknown as EventData<'tool.completed'>).findings_total;
}

const PARTS: ReadonlySet<string> = new Set([
  'step.started',
  'llm.completed',
  'tool.completed',
  'tool.failed',
]);

function emptyPart(of: { runId: string; stepId: string; agent: string; at: string }): TurnPart {
  return {
    run_id: of.runId,
    step_id: of.stepId,
    agent: of.agent,
    at: of.at,
    model_calls: 0,
    tool_calls: 0,
    tool_failures: 0,
    input_tokens: 0,
    output_tokens: 0,
    cost_micros: 0,
    unpriced_calls: 0,
    findings: 0,
  };
}

function addModelCall(part: TurnPart, call: EventData<'llm.completed'>): void {
  part.model_calls += 1;
  part.input_tokens += call.input_tokens;
  part.output_tokens += call.output_tokens;
  if (call.cost_micros === null) part.unpriced_calls += 1;
  else part.cost_micros += call.cost_micros;
}
