import { sql } from 'drizzle-orm';
import type { EventEnvelope, EventType, RunStatus } from '@automatos/contracts';
import { executePrepared } from '@automatos/database';
import type { Tx } from '@automatos/database';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import type { FreshEvent, PendingEvent } from './event-records.ts';
import { projectRunsAndSteps } from './run-projection.ts';
import { toStorableJson } from './storable-json.ts';
import type { EventProjection } from './types.ts';

/** Locked by a statement of its own: the next one must see what another writer committed while this one waited. */
const LOCK = 'SELECT id, epoch FROM runs WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE';

const INSERT = `
  WITH incoming AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS x(
      ord int, id uuid, workspace_id uuid, run_id uuid, step_id text, key text, type text, at timestamptz, data jsonb)
  ), fresh AS (
    SELECT i.*, r.status, r.open_approvals, r.started_at IS NOT NULL AS started, r.last_seq + row_number() OVER (PARTITION BY i.run_id ORDER BY i.ord) AS seq
    FROM incoming i JOIN runs r ON r.id = i.run_id AND r.workspace_id = i.workspace_id
    WHERE r.status NOT IN ('completed','failed','cancelled')
      AND NOT EXISTS (SELECT 1 FROM events e WHERE e.run_id = i.run_id AND e.key = i.key)
  ), inserted AS (
    INSERT INTO events (id, workspace_id, run_id, seq, key, type, subject, step_id, at, data)
    SELECT id, workspace_id, run_id, seq, key, type, 'run:' || run_id, step_id, at, data FROM fresh
  )
  SELECT run_id, key, seq::int AS seq, status, open_approvals, started FROM fresh ORDER BY ord`;

interface StoredRow {
  run_id: string;
  key: string;
  seq: number;
  status: RunStatus;
  open_approvals: number;
  started: boolean;
}

/**
 * Stores the events that are not stored yet, numbers them densely per run, and brings runs, steps and the given
 * projections up to date, all in `tx`. Events of runs that have ended are dropped, and those of executions that a newer one
 * has replaced. Locks the run rows in order of id, so
 * that two writers neither deadlock nor leave gaps. Served by events_run_key.
 */
export async function storeEvents(
  tx: Tx,
  batch: PendingEvent[],
  projections: EventProjection[],
): Promise<EventEnvelope[]> {
  const current = await lockRuns(tx, batch);
  const byKey = new Map<string, PendingEvent>();
  for (const event of current)
    if (!byKey.has(`${event.runId} ${event.key}`)) byKey.set(`${event.runId} ${event.key}`, event);
  const incoming = [...byKey.values()].map((event, ord) => ({
    ord,
    id: event.id,
    workspace_id: event.workspaceId,
    run_id: event.runId,
    step_id: event.stepId ?? null,
    key: event.key,
    type: event.type,
    at: event.at,
    data: event.data,
  }));
  const rows = await executePrepared<StoredRow>(tx, {
    name: 'automatos_insert_events',
    text: INSERT,
    values: [toStorableJson(incoming)],
  });
  const fresh = rows.map((row): FreshEvent => {
    const source = byKey.get(`${row.run_id} ${row.key}`) as PendingEvent;
    return {
      event: toEnvelope({ ...source, seq: row.seq }),
      stateBefore: {
        status: row.status,
        openApprovals: row.open_approvals,
        started: row.started,
      },
      ...(source.attachment ? { attachment: source.attachment } : {}),
    };
  });
  if (fresh.length === 0) return [];
  await projectRunsAndSteps(tx, fresh);
  for (const [workspaceId, ofWorkspace] of Map.groupBy(fresh, (item) => item.event.workspace_id)) {
    for (const project of projections) await project(tx, workspaceId as WorkspaceId, ofWorkspace);
  }
  return fresh.map((item) => item.event);
}

/** Locks the runs and returns the events of those executions that are the newest of their run. */
async function lockRuns(tx: Tx, batch: PendingEvent[]): Promise<PendingEvent[]> {
  const runIds = [...new Set(batch.map((event) => event.runId))];
  const rows = await executePrepared<{ id: string; epoch: number }>(tx, {
    name: 'automatos_lock_runs',
    text: LOCK,
    values: [runIds],
  });
  const epochs = new Map(rows.map((row) => [row.id, row.epoch]));
  return batch.filter(({ runId, source }) => {
    const isStale = source !== undefined && source.epoch < (epochs.get(runId) ?? 0);
    if (isStale) source.onStale();
    return !isStale;
  });
}

function toEnvelope(event: PendingEvent & { seq: number }): EventEnvelope {
  return {
    id: event.id,
    seq: event.seq,
    workspace_id: event.workspaceId,
    type: event.type,
    subject: `run:${event.runId}`,
    run_id: event.runId,
    ...(event.stepId === undefined ? {} : { step_id: event.stepId }),
    at: event.at,
    data: event.data as JsonObject,
  };
}

interface EventRow {
  id: string;
  seq: number;
  workspace_id: string;
  type: EventType;
  subject: string;
  run_id: string | null;
  step_id: string | null;
  at: Date | string;
  data: JsonObject;
}

/** Events of a run with `seq` above `after`, in order, at most `limit`. Served by events_run_seq. */
export async function readEvents(
  tx: Tx,
  runId: string,
  page: { after: number; limit: number },
): Promise<EventEnvelope[]> {
  const result = await tx.execute(sql`
    SELECT id, seq, workspace_id, type, subject, run_id, step_id, at, data FROM events
    WHERE run_id = ${runId} AND seq > ${page.after} ORDER BY seq LIMIT ${page.limit}`);
  return (result.rows as unknown as EventRow[]).map((row) => ({
    id: row.id,
    seq: row.seq,
    workspace_id: row.workspace_id,
    type: row.type,
    subject: row.subject,
    ...(row.run_id === null ? {} : { run_id: row.run_id }),
    ...(row.step_id === null ? {} : { step_id: row.step_id }),
    at: new Date(row.at).toISOString(),
    data: row.data,
  }));
}
