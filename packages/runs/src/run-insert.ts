import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { PRIORITIES } from '@automatos/contracts';
import type { EventData, Priority, Run, RunStatus } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { PlatformError, newId, notFound } from '@automatos/kernel';
import type { RunId, WorkspaceId } from '@automatos/kernel';
import { isTerminal } from './run-state.ts';
import { RUN_COLUMNS, findRun, toRun } from './run-store.ts';
import type { RunRow } from './run-store.ts';
import { toStorableJson } from './storable-json.ts';
import type { StartRun } from './types.ts';

interface Scope {
  workspaceId: WorkspaceId;
  runId: RunId;
  at: string;
}

/** What a part takes from the run it belongs to. */
interface Inherited {
  priority: Priority;
  dryRun: boolean;
  triggerDepth: number;
}

/**
 * Inserts the run, its declared steps, what it takes over from another run and `run.created`; returns null when the
 * idempotency key was used before.
 */
export async function insertRun(tx: Tx, scope: Scope, request: StartRun): Promise<Run | null> {
  const inherited = await inherit(tx, request);
  const created = createdData(request, inherited);
  const { recipe, parent, reuse, trigger } = request;
  const steps = request.steps.map((step, ordinal) => ({
    ordinal,
    step_id: step.stepId,
    name: step.name,
    type: step.type,
    agent: step.agent ?? null,
    tool: step.tool ?? null,
    parent: step.parent ?? null,
    depends_on: step.dependsOn,
  }));
  const result = await tx.execute(sql`
    WITH run AS (
      INSERT INTO runs (id, workspace_id, kind, title, status, recipe_id, recipe_slug, recipe_version, plan, inputs, last_seq,
        idempotency_key, created_by_kind, created_by_id, created_by_name, created_at, priority, recipe_limit, parent_run_id,
        parent_step_id, forked_from_run_id, forked_from_step_id, trigger_kind, trigger_id, trigger_name, trigger_depth, dry_run)
      VALUES (${scope.runId}, ${scope.workspaceId}, ${request.kind}, ${request.title}, 'queued', ${recipe?.id ?? null},
        ${recipe?.slug ?? null}, ${recipe?.version ?? null}, ${toStorableJson(request.plan)}::jsonb,
        ${toStorableJson(request.inputs)}::jsonb, 1, ${request.idempotencyKey ?? null}, ${request.by.kind}, ${request.by.id},
        ${request.by.name}, ${scope.at}::timestamptz, ${PRIORITIES.indexOf(inherited.priority)}, ${request.recipeLimit ?? null},
        ${parent?.runId ?? null}, ${parent?.stepId ?? null}, ${reuse?.runId ?? null}, ${reuse?.fromStepId ?? null},
        ${trigger?.kind ?? null}, ${trigger?.id ?? null}, ${trigger?.name ?? null}, ${inherited.triggerDepth}, ${inherited.dryRun})
      ON CONFLICT (workspace_id, idempotency_key) DO NOTHING
      RETURNING ${RUN_COLUMNS}
    ), steps AS (
      INSERT INTO run_steps (workspace_id, run_id, step_id, ordinal, name, type, agent, tool, parent, depends_on)
      SELECT ${scope.workspaceId}, run.id, s.* FROM run, jsonb_to_recordset(${toStorableJson(steps)}::jsonb) AS s(
        step_id text, ordinal int, name text, type text, agent text, tool text, parent text, depends_on jsonb)
    ), created AS (
      INSERT INTO events (id, workspace_id, run_id, seq, key, type, subject, at, data)
      SELECT ${newId()}, ${scope.workspaceId}, run.id, 1, 'run:created', 'run.created', 'run:' || run.id, ${scope.at}::timestamptz,
        ${toStorableJson(created)}::jsonb FROM run
    )
    SELECT * FROM run`);
  const row = result.rows[0] as unknown as RunRow | undefined;
  if (!row) return null;
  if (!reuse) return toRun(row);
  return { ...toRun(row), findings_total: await takeOver(tx, scope, reuse) };
}

function createdData(request: StartRun, { priority, dryRun }: Inherited): EventData<'run.created'> {
  const { by, recipe, parent, reuse, trigger } = request;
  return {
    kind: request.kind,
    title: request.title,
    by: { kind: by.kind, name: by.name },
    ...(recipe ? { recipe_slug: recipe.slug, recipe_version: recipe.version } : {}),
    ...(priority === 'normal' ? {} : { priority }),
    ...(parent ? { parent_run_id: parent.runId } : {}),
    ...(reuse ? { forked_from: { run_id: reuse.runId, step_id: reuse.fromStepId } } : {}),
    ...(trigger ? { trigger: { kind: trigger.kind, id: trigger.id, name: trigger.name } } : {}),
    ...(dryRun ? { dry_run: true } : {}),
  };
}

/**
 * Holds the parent's row until the part is stored: whoever ends the parent meanwhile either finds the part or goes first.
 */
async function inherit(tx: Tx, request: StartRun): Promise<Inherited> {
  const own: Inherited = {
    priority: request.priority ?? 'normal',
    dryRun: request.dryRun ?? false,
    triggerDepth: request.trigger?.depth ?? 0,
  };
  if (!request.parent) return own;
  const result = await tx.execute(
    sql`SELECT status, priority, dry_run, trigger_depth FROM runs WHERE id = ${request.parent.runId} FOR SHARE`,
  );
  const parent = result.rows[0] as
    | { status: RunStatus; priority: number; dry_run: boolean; trigger_depth: number }
    | undefined;
  if (!parent) throw notFound('run', request.parent.runId);
  if (isTerminal(parent.status)) {
    throw new PlatformError({
      code: 'runs.run.wrong_status',
      kind: 'conflict',
      message: `The run that this would be a part of is ${parent.status}.`,
      details: { status: parent.status },
    });
  }
  return {
    priority: request.priority ?? PRIORITIES[parent.priority] ?? 'normal',
    dryRun: own.dryRun || parent.dry_run,
    triggerDepth: Math.max(own.triggerDepth, parent.trigger_depth),
  };
}

/** Rows and findings of finished steps, as they are now, without their cost; returns how many findings. */
async function takeOver(
  tx: Tx,
  scope: Scope,
  reuse: NonNullable<StartRun['reuse']>,
): Promise<number> {
  if (!(await findRun(tx, reuse.runId))) throw notFound('run', reuse.runId);
  const wanted = sql`run_id = ${reuse.runId} AND step_id IN (SELECT jsonb_array_elements_text(${JSON.stringify(reuse.stepIds)}::jsonb))`;
  await tx.execute(sql`
    INSERT INTO run_steps (workspace_id, run_id, step_id, ordinal, name, type, agent, tool, parent, depends_on, status, attempts,
      output, error, reused_from, sub_run_id, quality, quality_score, started_at, finished_at)
    SELECT workspace_id, ${scope.runId}, step_id, ordinal, name, type, agent, tool, parent, depends_on, status, attempts,
      output, error, run_id, sub_run_id, quality, quality_score, ${scope.at}::timestamptz, ${scope.at}::timestamptz
    FROM run_steps WHERE ${wanted} AND status IN ('completed','failed','skipped')
    ON CONFLICT (run_id, step_id) DO UPDATE SET status = excluded.status, attempts = excluded.attempts,
      output = excluded.output, error = excluded.error, reused_from = excluded.reused_from, sub_run_id = excluded.sub_run_id,
      quality = excluded.quality, quality_score = excluded.quality_score, started_at = excluded.started_at,
      finished_at = excluded.finished_at`);
  await takeOverFindings(tx, scope.runId, wanted);
  const counted = await tx.execute(sql`
    UPDATE runs SET findings_total = (SELECT count(*)::int FROM run_findings WHERE run_id = ${scope.runId})
    WHERE id = ${scope.runId} RETURNING findings_total`);
  return (counted.rows[0] as { findings_total: number }).findings_total;
}

/** Their ids ascend as those of the source do: findings of one severity are shown in that order. */
async function takeOverFindings(tx: Tx, runId: RunId, wanted: SQL): Promise<void> {
  const found = await tx.execute(sql`SELECT id FROM run_findings WHERE ${wanted} ORDER BY id`);
  const ids = (found.rows as { id: string }[]).map(({ id: from }) => ({ from, id: newId() }));
  if (ids.length === 0) return;
  await tx.execute(sql`
    INSERT INTO run_findings (id, workspace_id, run_id, step_id, agent, tool, rule, severity, rank, path, line, finding)
    SELECT x.id, workspace_id, ${runId}, step_id, agent, tool, rule, severity, rank, path, line, finding
    FROM jsonb_to_recordset(${JSON.stringify(ids)}::jsonb) AS x("from" uuid, id uuid) JOIN run_findings f ON f.id = x."from"`);
}
