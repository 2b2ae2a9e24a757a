import type { TestDatabase } from '@automatos/database/testing';
import { newId } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';

/** One step of an ended run, as the runs room stores it. */
export interface StepRecord {
  id: string;
  type?: string;
  status?: 'completed' | 'failed' | 'skipped';
  attempts?: number;
  ms?: number;
  output?: JsonValue;
  error?: { code: string; retryable?: boolean };
  quality?: number;
}

export interface RunRecord {
  recipeId: string;
  version: number;
  steps: StepRecord[];
  status?: 'completed' | 'failed';
  ms?: number;
  costMicros?: number | null;
  quality?: number;
  errorCode?: string;
  agents?: JsonObject;
  dryRun?: boolean;
  forkedFrom?: string;
  /** Person who started it. */
  by?: string;
}

let stored = 0;

/** Stores ended runs; each is a second newer than the one before. */
export async function storeRuns(test: TestDatabase, runs: readonly RunRecord[]): Promise<string[]> {
  const rows = runs.map((run) => rowOf(test, run));
  await test.database.pool.query(
    `INSERT INTO runs (id, workspace_id, kind, title, status, recipe_id, recipe_slug, recipe_version, plan, inputs, error,
       cost_micros, unpriced_calls, quality_score, created_by_kind, created_by_id, created_by_name, created_at, started_at,
       finished_at, dry_run, forked_from_run_id)
     SELECT id, workspace_id, 'recipe', 'x', status, recipe_id, 'a', recipe_version, plan, '{}', nullif(error, 'null'),
       cost_micros, unpriced_calls, quality_score, 'user', created_by_id, 'Ann', started_at, started_at, finished_at, dry_run,
       forked_from_run_id
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, workspace_id uuid, status text, recipe_id uuid, recipe_version int,
       plan jsonb, error jsonb, cost_micros bigint, unpriced_calls int, quality_score real, started_at timestamptz,
       finished_at timestamptz, dry_run boolean, forked_from_run_id uuid, created_by_id text)`,
    [JSON.stringify(rows)],
  );
  const steps = rows.flatMap((row, index) => stepRows(row, runs[index]?.steps ?? []));
  await test.database.pool.query(
    `INSERT INTO run_steps (workspace_id, run_id, step_id, ordinal, name, type, status, attempts, output, error, usage,
       started_at, finished_at, quality_score)
     SELECT workspace_id, run_id, step_id, ordinal, step_id, type, status, attempts, nullif(output, 'null'),
       nullif(error, 'null'), usage, started_at, finished_at, quality_score
     FROM jsonb_to_recordset($1::jsonb) AS s(workspace_id uuid, run_id uuid, step_id text, ordinal int, type text,
       status text, attempts int, output jsonb, error jsonb, usage jsonb, started_at timestamptz,
       finished_at timestamptz, quality_score real)`,
    [JSON.stringify(steps)],
  );
  return rows.map(({ id }) => id);
}

function rowOf(test: TestDatabase, run: RunRecord) {
  stored += 1;
  const startedMs = Date.UTC(2026, 9, 1) + stored * 1000;
  const ms = run.ms ?? run.steps.reduce((sum, step) => sum + (step.ms ?? 100), 0);
  return {
    id: newId() as string,
    workspace_id: test.workspaceId,
    status: run.status ?? 'completed',
    recipe_id: run.recipeId,
    recipe_version: run.version,
    plan: { agents: run.agents ?? {} },
    error: run.errorCode === undefined ? null : { code: run.errorCode },
    cost_micros: run.costMicros ?? 0,
    unpriced_calls: run.costMicros === null ? 1 : 0,
    quality_score: run.quality ?? null,
    startedMs,
    started_at: new Date(startedMs),
    finished_at: new Date(startedMs + ms),
    dry_run: run.dryRun ?? false,
    forked_from_run_id: run.forkedFrom ?? null,
    created_by_id: run.by ?? 'u1',
  };
}

function stepRows(run: ReturnType<typeof rowOf>, steps: readonly StepRecord[]) {
  return steps.map((step, ordinal) => ({
    workspace_id: run.workspace_id,
    run_id: run.id,
    step_id: step.id,
    ordinal,
    type: step.type ?? 'agent',
    status: step.status ?? 'completed',
    attempts: step.attempts ?? 1,
    output:
      step.status === 'failed'
        ? null
        : (step.output ?? { text: 'done', object: null, findings_total: 0 }),
    error: step.error ?? null,
    usage: { model_calls: 1, cost_micros: 10 },
    started_at: run.started_at,
    finished_at: new Date(run.startedMs + (step.ms ?? 100)),
    quality_score: step.quality ?? null,
  }));
}
