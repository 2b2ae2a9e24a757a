import type { Database } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';
import type pg from 'pg';
import { WORKFLOW } from '../engine.ts';
import { EXECUTION_COLUMNS, readExecutionRow } from '../run-store.ts';
import type { ExecutableRun, ExecutionRow } from '../run-store.ts';

/** Under this transaction-level lock one process at a time admits runs, so that limits hold between processes. */
const ADMISSION_LOCK = 0x41_44_4d_49;

export interface Claim {
  /** Runs at most. */
  places: number;
  /** Runs of a workspace at once where it says nothing itself. */
  workspaceMax: number;
  /** Owner of the workflows: this executor's lease. */
  owner: string;
  journalVersion: string;
  /** Token under which the executions write their journals. */
  token: string;
}

export interface ClaimedRun {
  id: string;
  workspaceId: WorkspaceId;
  run: ExecutableRun;
}

interface ClaimedRow extends ExecutionRow {
  id: string | null;
  workspace_id: WorkspaceId;
  is_new: boolean;
  more: boolean;
}

const WAITING = `r.status = 'queued' AND r.admitted_at IS NULL`;

/** Greatest number of runs of the recipe at once: the workspace's and the recipe's own word, whichever is less. */
const recipeMax = (run: string) => `least(coalesce(${run}.recipe_limit, 2147483647), coalesce((
  SELECT l.max_running FROM run_limits l
  WHERE l.workspace_id = ${run}.workspace_id AND l.scope = 'recipe' AND l.key = ${run}.recipe_slug), 2147483647))`;
const recipeWorking = (run: string) => `coalesce((
  SELECT w.n FROM working w WHERE w.workspace_id = ${run}.workspace_id AND w.recipe_slug = ${run}.recipe_slug), 0)`;

/** First waiting runs of workspace `s` whose recipe has room, in the order of the queue. */
const firstWaiting = (which: string, limit: string) => `(
  SELECT r.id, r.workspace_id, r.recipe_slug, r.recipe_limit, r.parent_run_id IS NOT NULL AS part, r.priority, r.created_at
  FROM runs r
  WHERE r.workspace_id = s.workspace_id AND ${WAITING} AND ${which}
    AND (r.recipe_slug IS NULL OR ${recipeWorking('r')} < ${recipeMax('r')})
  ORDER BY r.priority DESC, r.created_at, r.id LIMIT ${limit})`;

const IN_ORDER = 'part DESC, priority DESC, created_at, id';

/**
 * Admits waiting runs and makes their workflows, in one statement: a run is never admitted without a workflow that some
 * executor will see. Between workspaces the one with the fewest working runs is next; inside one, parts of runs that work
 * already, then priority, then age. Parts of runs are held back by the limit of their recipe only.
 * Served by runs_queue, runs_queue_parts and runs_working.
 */
const CLAIM = `
  WITH RECURSIVE waiting_in AS (
    (SELECT r.workspace_id FROM runs r WHERE ${WAITING} ORDER BY r.workspace_id LIMIT 1)
    UNION ALL
    SELECT (SELECT r.workspace_id FROM runs r WHERE ${WAITING} AND r.workspace_id > q.workspace_id ORDER BY r.workspace_id LIMIT 1)
    FROM waiting_in q WHERE q.workspace_id IS NOT NULL
  ), working AS (
    SELECT workspace_id, recipe_slug, count(*)::int AS n FROM runs
    WHERE admitted_at IS NOT NULL AND NOT parked AND status IN ('queued','running') GROUP BY workspace_id, recipe_slug
  ), spaces AS (
    SELECT q.workspace_id,
      coalesce((SELECT sum(w.n) FROM working w WHERE w.workspace_id = q.workspace_id), 0)::int AS working,
      coalesce((SELECT l.max_running FROM run_limits l
        WHERE l.workspace_id = q.workspace_id AND l.scope = 'workspace' AND l.key = ''), $2::int) AS working_max
    FROM waiting_in q WHERE q.workspace_id IS NOT NULL
  ), candidates AS (
    SELECT s.working, s.working_max, c.*,
      row_number() OVER (PARTITION BY c.workspace_id, c.recipe_slug ORDER BY ${IN_ORDER}) AS nth_of_recipe
    FROM spaces s CROSS JOIN LATERAL (
      ${firstWaiting('r.parent_run_id IS NOT NULL', '$1::int')}
      UNION ALL
      ${firstWaiting('r.parent_run_id IS NULL', 'greatest(0, least($1::int, s.working_max - s.working))')}
    ) c
  ), ranked AS (
    SELECT c.*, row_number() OVER (PARTITION BY c.workspace_id ORDER BY ${IN_ORDER}) AS nth
    FROM candidates c
    WHERE c.recipe_slug IS NULL OR ${recipeWorking('c')} + c.nth_of_recipe <= ${recipeMax('c')}
  ), chosen AS (
    SELECT id FROM ranked WHERE part OR working + nth <= working_max ORDER BY working + nth, created_at, id LIMIT $1::int
  ), claimed AS (
    -- A run that somebody steers at this moment is left for the next time.
    UPDATE runs SET admitted_at = clock_timestamp(), epoch = epoch + 1
    WHERE id IN (SELECT r.id FROM runs r JOIN chosen USING (id) WHERE ${WAITING} ORDER BY r.id FOR NO KEY UPDATE OF r SKIP LOCKED)
    RETURNING id, workspace_id, ${EXECUTION_COLUMNS}
  ), workflows AS (
    INSERT INTO dbos.workflow_status (workflow_uuid, status, name, authenticated_user, assumed_role, authenticated_roles,
      executor_id, application_version, application_id, recovery_attempts, serialization, application_name, creator_xid, owner_xid)
    SELECT id::text, 'PENDING', '${WORKFLOW.name}', '', '', '[]', $3, $4, '', 1, '${WORKFLOW.serialization}',
      '${WORKFLOW.application}', $5, $5 FROM claimed
    ON CONFLICT (workflow_uuid) DO NOTHING RETURNING workflow_uuid
  ), inputs AS (
    INSERT INTO dbos.workflow_input (workflow_uuid, inputs)
    SELECT id::text, jsonb_build_array(id, workspace_id)::text FROM claimed ON CONFLICT (workflow_uuid) DO NOTHING
  )
  SELECT c.*, w.workflow_uuid IS NOT NULL AS is_new, left_over.more
  FROM (
    SELECT (SELECT count(*) FROM (SELECT 1 FROM runs r WHERE ${WAITING} LIMIT $1::int + 1) q) > (SELECT count(*) FROM claimed) AS more
  ) left_over
  LEFT JOIN claimed c ON true
  LEFT JOIN workflows w ON w.workflow_uuid = c.id::text`;

/** Admits up to `places` runs of all workspaces; `more` tells that others wait still, for a place or for a limit. */
export async function claimRuns(
  database: Database,
  claim: Claim,
): Promise<{ runs: ClaimedRun[]; more: boolean }> {
  const values = [claim.places, claim.workspaceMax, claim.owner, claim.journalVersion, claim.token];
  const statement = { name: 'automatos_claim_runs', text: CLAIM, values };
  const rows = database.capabilities.multiProcess
    ? await oneProcessAtATime(database.pool, statement)
    : (await database.pool.query<ClaimedRow>(statement)).rows;
  // A workflow that exists already has an owner, alive or to be replaced by the sweep.
  const fresh = rows.filter((row) => row.id !== null && row.is_new);
  return {
    runs: await Promise.all(
      fresh.map(async (row) => ({
        id: row.id as string,
        workspaceId: row.workspace_id,
        run: await readExecutionRow(database, row.id as string, row),
      })),
    ),
    more: rows[0]?.more ?? false,
  };
}

/** The lock is taken by a statement of its own: the next one must see what its last holder admitted. */
async function oneProcessAtATime(
  pool: pg.Pool,
  statement: { name: string; text: string; values: unknown[] },
): Promise<ClaimedRow[]> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(`BEGIN; SELECT pg_advisory_xact_lock(${ADMISSION_LOCK})`);
    const result = await client.query<ClaimedRow>(statement);
    await client.query('COMMIT');
    return result.rows;
  } catch (error) {
    broken = await client.query('ROLLBACK').then(
      () => undefined,
      (failure: Error) => failure,
    );
    throw error;
  } finally {
    client.release(broken);
  }
}
