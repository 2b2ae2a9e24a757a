import type { RecipeDefinition } from '@automatos/contracts';
import { recipeDefinitionSchema } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { isJsonObject } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { flattenSteps } from '../definition/flatten.ts';
import { isAgentStep } from '../definition/step-kinds.ts';
import { recipeVersions } from '../recipes/recipe-tables.ts';
import type { History, RunSample, StepSample } from './history.ts';
import type { FieldGaps } from './suggest/contents.ts';

/** Ended runs that are looked at, the newest first; older ones tell of another time. */
const RUNS_MAX = 300;
/** Runs in which the fields of structured results are looked at. */
const OBJECTS_MAX = 100;

interface Recipe {
  id: string;
  slug: string;
  version: number;
}

/** Runs of people who objected to learning, or whose data are only kept, teach nothing. */
const MAY_TEACH = sql`NOT EXISTS (SELECT FROM privacy_exclusions x WHERE x.workspace_id = r.workspace_id
    AND x.user_id = r.created_by_id AND x.processing = 'recipe_learning')
  AND NOT EXISTS (SELECT FROM privacy_restrictions p WHERE p.workspace_id = r.workspace_id
    AND p.user_id = r.created_by_id AND p.lifted_at IS NULL)`;

/** The ended runs that count, newest first; index `runs_by_recipe`. `version` keeps to one version. */
function endedRuns(recipeId: string, version?: number) {
  return sql`SELECT r.* FROM runs r
    WHERE r.recipe_id = ${recipeId} AND r.status IN ('completed','failed')
      AND NOT r.dry_run AND r.forked_from_run_id IS NULL AND ${MAY_TEACH}
      ${version === undefined ? sql`` : sql`AND r.recipe_version = ${version}`}
    ORDER BY r.created_at DESC, r.id DESC LIMIT ${RUNS_MAX}`;
}

export async function countEnded(tx: Tx, recipeId: string): Promise<number> {
  const { rows } = await tx.execute(sql`SELECT count(*)::int AS runs FROM runs r
    WHERE r.recipe_id = ${recipeId} AND r.status IN ('completed','failed')
      AND NOT r.dry_run AND r.forked_from_run_id IS NULL AND ${MAY_TEACH}`);
  return (rows[0] as { runs: number } | undefined)?.runs ?? 0;
}

/** The last 300 ended runs of one version. */
export async function loadRunsOf(tx: Tx, recipeId: string, version: number): Promise<RunSample[]> {
  return readRuns(tx, endedRuns(recipeId, version));
}

/** The last 300 ended runs of a recipe with their steps and versions. */
export async function loadHistory(tx: Tx, recipe: Recipe): Promise<History> {
  const runs = await readRuns(tx, endedRuns(recipe.id));
  const versions = [...new Set([recipe.version, ...runs.map(({ version }) => version)])];
  const definitions = await loadDefinitions(tx, recipe.id, versions);
  const models = runs.length === 0 ? new Map() : await loadModels(tx, recipe.id);
  const agentTools = await loadAgentTools(tx, recipe.id);
  const steps = runs.length === 0 ? [] : await readSteps(tx, recipe.id);
  return {
    recipe,
    definitions,
    runs,
    steps: withModels(steps, definitions, models),
    agentTools,
  };
}

export async function loadDefinitions(
  tx: Tx,
  recipeId: string,
  versions: readonly number[],
): Promise<Map<number, RecipeDefinition>> {
  const rows = await tx
    .select({ version: recipeVersions.version, definition: recipeVersions.definition })
    .from(recipeVersions)
    .where(
      and(eq(recipeVersions.recipeId, recipeId), inArray(recipeVersions.version, [...versions])),
    );
  return new Map(
    rows.flatMap(({ version, definition }) => {
      // Versions of an older product are read as this one writes them; what cannot be read is no example.
      const parsed = recipeDefinitionSchema.safeParse(definition);
      return parsed.success ? [[version, parsed.data] as const] : [];
    }),
  );
}

async function readRuns(tx: Tx, ended: ReturnType<typeof endedRuns>): Promise<RunSample[]> {
  const { rows } =
    await tx.execute(sql`SELECT r.id, r.recipe_version AS version, r.status = 'completed' AS completed,
      round(extract(epoch FROM r.finished_at - r.started_at) * 1000)::float8 AS duration_ms,
      CASE WHEN r.unpriced_calls = 0 THEN r.cost_micros::float8 END AS cost_micros,
      r.quality_score::float8 AS quality, r.error->>'code' AS error_code
    FROM (${ended}) r WHERE r.recipe_version IS NOT NULL`);
  return (rows as unknown as RunRow[]).map((row) => ({
    id: row.id,
    version: row.version,
    completed: row.completed,
    durationMs: row.duration_ms,
    costMicros: row.cost_micros,
    quality: row.quality,
    errorCode: row.error_code,
  }));
}

interface RunRow {
  id: string;
  version: number;
  completed: boolean;
  duration_ms: number | null;
  cost_micros: number | null;
  quality: number | null;
  error_code: string | null;
}

/** Whether a completed step gave nothing: no text or object, no tool output or finding, no content, no items. */
const IS_EMPTY = sql.raw(`(s.output IS NULL OR o.output IS NOT NULL) AND CASE s.type
  WHEN 'agent' THEN coalesce(btrim(o.output->>'text'), '') = '' AND coalesce(o.output->'object', 'null') IN ('null', '{}', '[]', '""')
  WHEN 'tool' THEN coalesce(o.output->'output', 'null') IN ('null', '{}', '[]', '""') AND coalesce(o.output->>'findings_total', '0') = '0'
  WHEN 'document' THEN o.output->>'content' IS NOT NULL AND btrim(o.output->>'content') = ''
  WHEN 'map' THEN o.output->>'total' = '0'
  WHEN 'code' THEN coalesce(o.output->'output', o.output, 'null') IN ('null', '{}', '[]', '""')
  ELSE false END`);

/** Outputs beyond this stored size are not opened: they are not empty, may hold findings, and name their model elsewhere. */
const OUTPUT_BYTES_MAX = 32_768;

/** Steps of those runs, the instances of a step inside maps and loops as one. Taken-over results are not counted. */
async function readSteps(tx: Tx, recipeId: string): Promise<StepSample[]> {
  const { rows } = await tx.execute(sql`
    WITH ended AS (${endedRuns(recipeId)}), parts AS (
      SELECT s.run_id, e.recipe_version AS version, split_part(s.step_id, '#', 1) AS step_id,
        s.status, s.attempts, s.error, s.quality_score,
        s.status = 'completed' AND ${IS_EMPTY} AS empty,
        extract(epoch FROM s.finished_at - s.started_at) * 1000 AS ms,
        CASE WHEN jsonb_typeof(s.usage->'cost_micros') = 'number' THEN (s.usage->>'cost_micros')::float8
          WHEN s.usage IS NULL THEN 0 END AS cost,
        CASE WHEN jsonb_typeof(o.output->'findings_total') = 'number' THEN (o.output->>'findings_total')::float8
          WHEN o.output IS NULL AND s.output IS NOT NULL THEN 1 ELSE 0 END AS findings,
        (o.output->>'provider') || '/' || (o.output->>'model') AS model
      FROM ended e JOIN run_steps s ON s.run_id = e.id
      CROSS JOIN LATERAL (SELECT CASE WHEN pg_column_size(s.output) < ${OUTPUT_BYTES_MAX}::int THEN s.output END AS output) o
      WHERE s.reused_from IS NULL AND s.status IN ('completed','failed') AND e.recipe_version IS NOT NULL
    )
    SELECT run_id, version, step_id, count(*)::int AS ended,
      count(*) FILTER (WHERE status = 'completed')::int AS completed,
      count(*) FILTER (WHERE status = 'failed')::int AS failed,
      count(*) FILTER (WHERE attempts > 1)::int AS retried,
      count(*) FILTER (WHERE empty)::int AS empty,
      count(*) FILTER (WHERE error->>'code' = 'recipes.step.timeout')::int AS timed_out,
      count(*) FILTER (WHERE status = 'failed' AND error->>'retryable' = 'true')::int AS transient,
      avg(ms)::float8 AS duration_ms, coalesce(sum(ms), 0)::float8 AS total_ms,
      (max(ms) FILTER (WHERE attempts = 1 AND status = 'completed'))::float8 AS attempt_ms,
      CASE WHEN bool_and(cost IS NOT NULL) THEN sum(cost) END AS cost_micros,
      sum(findings)::float8 AS findings, avg(quality_score)::float8 AS quality, min(model) AS model
    FROM parts GROUP BY run_id, version, step_id`);
  return (rows as unknown as StepRow[]).map(toStepSample);
}

interface StepRow {
  run_id: string;
  version: number;
  step_id: string;
  ended: number;
  completed: number;
  failed: number;
  retried: number;
  empty: number;
  timed_out: number;
  transient: number;
  duration_ms: number | null;
  total_ms: number;
  attempt_ms: number | null;
  cost_micros: number | null;
  findings: number;
  quality: number | null;
  model: string | null;
}

function toStepSample(row: StepRow): StepSample {
  const { run_id, step_id, timed_out, duration_ms, total_ms, attempt_ms, cost_micros, ...same } =
    row;
  return {
    ...same,
    runId: run_id,
    stepId: step_id,
    timedOut: timed_out,
    durationMs: duration_ms,
    totalMs: total_ms,
    attemptMs: attempt_ms,
    costMicros: cost_micros,
  };
}

/** Models that the frozen agents of each run name, by run and by the name that the steps use. */
async function loadModels(tx: Tx, recipeId: string): Promise<Map<string, Map<string, string>>> {
  const { rows } = await tx.execute(sql`SELECT r.id AS run_id, a.key AS agent,
      (a.value->'agent'->'model'->>'provider') || '/' || (a.value->'agent'->'model'->>'model') AS model
    FROM (${endedRuns(recipeId)}) r
    CROSS JOIN LATERAL jsonb_each(CASE WHEN jsonb_typeof(r.plan->'agents') = 'object' THEN r.plan->'agents' ELSE '{}' END) a`);
  const models = new Map<string, Map<string, string>>();
  for (const row of rows as unknown as { run_id: string; agent: string; model: string | null }[]) {
    if (row.model === null) continue;
    const own = models.get(row.run_id) ?? new Map<string, string>();
    models.set(row.run_id, own.set(row.agent, row.model));
  }
  return models;
}

/** Tools of each agent as the newest run froze it, by the name that the steps use. */
async function loadAgentTools(tx: Tx, recipeId: string): Promise<Map<string, string[]>> {
  const { rows } = await tx.execute(sql`SELECT a.key AS agent,
      ARRAY(SELECT t.value->>'tool' FROM jsonb_array_elements(
        CASE WHEN jsonb_typeof(a.value->'agent'->'tools') = 'array' THEN a.value->'agent'->'tools' ELSE '[]' END) t) AS tools
    FROM (SELECT e.plan FROM (${endedRuns(recipeId)}) e LIMIT 1) r
    CROSS JOIN LATERAL jsonb_each(CASE WHEN jsonb_typeof(r.plan->'agents') = 'object' THEN r.plan->'agents' ELSE '{}' END) a`);
  const found = rows as unknown as { agent: string; tools: string[] }[];
  return new Map(found.map(({ agent, tools }) => [agent, tools]));
}

/**
 * A step that failed does not say which model answered: then the run's plan does, else the other runs of its version as far
 * as they agree. Without this, a model whose calls fail would look as if it had none.
 */
function withModels(
  steps: readonly StepSample[],
  definitions: ReadonlyMap<number, RecipeDefinition>,
  planned: ReadonlyMap<string, ReadonlyMap<string, string>>,
): StepSample[] {
  const agents = new Map<string, string>();
  for (const [version, definition] of definitions) {
    for (const { stepId, step } of flattenSteps(definition)) {
      if (step !== null && isAgentStep(step)) agents.set(`${version} ${stepId}`, step.agent);
    }
  }
  const seen = new Map<string, Set<string>>();
  for (const { version, stepId, model } of steps) {
    if (model === null) continue;
    const key = `${version} ${stepId}`;
    seen.set(key, (seen.get(key) ?? new Set()).add(model));
  }
  return steps.map((sample) => {
    const key = `${sample.version} ${sample.stepId}`;
    const agent = agents.get(key);
    if (sample.model !== null || agent === undefined) return sample;
    const others = [...(seen.get(key) ?? [])];
    const agreed = others.length === 1 ? (others[0] ?? null) : null;
    return { ...sample, model: planned.get(sample.runId)?.get(agent) ?? agreed };
  });
}

/** How often fields of structured results were missing or empty, for steps of the current version that have a schema. */
export async function loadFieldGaps(tx: Tx, history: History): Promise<FieldGaps> {
  const definition = history.definitions.get(history.recipe.version);
  const wanted = (definition === undefined ? [] : flattenSteps(definition)).flatMap(
    ({ stepId, step }) => {
      const schema = step !== null && isAgentStep(step) ? step.output_schema : undefined;
      const fields = isJsonObject(schema?.['properties']) ? Object.keys(schema['properties']) : [];
      return fields.length === 0 ? [] : [{ stepId, fields }];
    },
  );
  const gaps = new Map<string, Map<string, { empty: number; of: number }>>();
  for (const { stepId, fields } of wanted) {
    const objects = await loadObjects(tx, history, stepId);
    gaps.set(
      stepId,
      new Map(
        fields.map((field) => [
          field,
          {
            empty: objects.filter((object) => isEmptyAt(object, field)).length,
            of: objects.length,
          },
        ]),
      ),
    );
  }
  return gaps;
}

async function loadObjects(tx: Tx, { recipe }: History, stepId: string): Promise<JsonValue[]> {
  const { rows } = await tx.execute(sql`SELECT s.output->'object' AS object
    FROM (${endedRuns(recipe.id, recipe.version)}) r JOIN run_steps s ON s.run_id = r.id
    WHERE s.step_id = ${stepId} AND s.status = 'completed' AND s.reused_from IS NULL
      AND pg_column_size(s.output) < 100000
    LIMIT ${OBJECTS_MAX}`);
  return (rows as unknown as { object: JsonValue }[]).map(({ object }) => object);
}

function isEmptyAt(object: JsonValue, field: string): boolean {
  if (!isJsonObject(object)) return true;
  const value = object[field];
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
