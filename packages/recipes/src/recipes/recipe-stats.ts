import type { Tx } from '@automatos/database';
import { sql } from 'drizzle-orm';

/** Recipes in one answer, those with the most runs first. */
const RECIPES_MAX = 500;

export interface RecipeFigures {
  recipe_id: string;
  slug: string;
  runs: number;
  completed: number;
  failed: number;
  /** Of completed runs, from start to end. */
  duration_ms_p50: number | null;
  duration_ms_p95: number | null;
  /** Null when the price of a call is not known. */
  cost_micros: number | null;
  quality_mean: number | null;
}

/**
 * Figures of the recipes that ran since `from`, sub-runs included and dry runs left out; index `runs_by_time`. Times that
 * a run waited count to its duration.
 */
export async function recipeFigures(tx: Tx, from: Date): Promise<RecipeFigures[]> {
  const ms = sql`extract(epoch FROM r.finished_at - r.started_at) * 1000`;
  const percentile = (share: number) =>
    sql`percentile_cont(${share}::float8) WITHIN GROUP (ORDER BY ${ms}) FILTER (WHERE r.status = 'completed')`;
  const found = await tx.execute(sql`
    SELECT c.id AS recipe_id, c.slug, count(*)::int AS runs,
      count(*) FILTER (WHERE r.status = 'completed')::int AS completed,
      count(*) FILTER (WHERE r.status = 'failed')::int AS failed,
      round(${percentile(0.5)})::float8 AS duration_ms_p50,
      round(${percentile(0.95)})::float8 AS duration_ms_p95,
      CASE WHEN sum(r.unpriced_calls) > 0 THEN NULL ELSE sum(r.cost_micros)::float8 END AS cost_micros,
      avg(r.quality_score)::float8 AS quality_mean
    FROM runs r JOIN recipes c ON c.id = r.recipe_id AND c.deleted_at IS NULL
    WHERE r.created_at >= ${from.toISOString()}::timestamptz AND NOT r.dry_run
    GROUP BY c.id, c.slug ORDER BY count(*) DESC, c.slug LIMIT ${RECIPES_MAX}`);
  return found.rows as unknown as RecipeFigures[];
}
