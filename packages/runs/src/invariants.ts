import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import type { EventType, RunStatus } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';
import { LEASE_TIMES } from './executor-lease.ts';
import { deriveStatus, isTerminal } from './run-state.ts';
import type { Invariants, Runs } from './types.ts';

const EXAMPLES_MAX = 10;
/** Ended runs whose status is held against their log. */
const HISTORY = 1_000;
/** An executor that is gone is replaced within two leases; what is younger is on its way. */
const SETTLED = sql`clock_timestamp() - ${2 * LEASE_TIMES.leaseMs} * interval '1 millisecond'`;
const ENDED = sql`('completed','failed','cancelled')`;
const WORKFLOW_OPEN = sql`w.status IN ('PENDING','ENQUEUED','DELAYED')`;

interface Rule {
  name: string;
  description: string;
  /** Selects `id` and `workspace_id` of the runs that break it. */
  broken: SQL;
}

const RULES: Rule[] = [
  {
    name: 'unfinished_has_owner',
    description:
      'Every admitted, unfinished run has a workflow that a living worker owns. A worker that is gone is replaced within two leases.',
    broken: sql`
      SELECT r.id, r.workspace_id FROM runs r
      WHERE r.status NOT IN ${ENDED} AND r.admitted_at < ${SETTLED} AND NOT EXISTS (
        SELECT 1 FROM dbos.workflow_status w JOIN run_executors e ON e.process_id::text = w.executor_id
        WHERE w.workflow_uuid = r.id::text AND ${WORKFLOW_OPEN} AND e.beat_at > ${SETTLED})`,
  },
  {
    name: 'unfinished_is_queued_or_admitted',
    description:
      'Every run that was not admitted waits in the queue, or is held back there by a pause.',
    broken: sql`
      SELECT r.id, r.workspace_id FROM runs r
      WHERE r.status NOT IN ('completed','failed','cancelled','queued','paused') AND r.admitted_at IS NULL AND r.created_at < ${SETTLED}`,
  },
  {
    name: 'ended_does_not_work',
    description: 'No workflow works on a run that has ended.',
    broken: sql`
      SELECT r.id, r.workspace_id FROM dbos.workflow_status w
      JOIN runs r ON r.id = (CASE WHEN w.name = 'automatos.run' THEN w.workflow_uuid::uuid END)
      WHERE ${WORKFLOW_OPEN} AND r.status IN ${ENDED} AND r.finished_at < ${SETTLED}`,
  },
  {
    name: 'ended_has_no_open_approval',
    description: 'Nobody is asked for an approval that a run no longer waits for.',
    broken: sql`
      SELECT DISTINCT r.id, r.workspace_id FROM run_approvals a JOIN runs r ON r.id = a.run_id
      WHERE a.status = 'open' AND r.status IN ${ENDED}`,
  },
  {
    name: 'ended_has_no_open_effect',
    description:
      'Every effect on the outside world that a run began has an outcome once the run has ended: committed, failed, or unknown for a person to check.',
    broken: sql`
      SELECT DISTINCT r.id, r.workspace_id FROM effects e JOIN runs r ON r.id = e.run_id
      WHERE e.state = 'claimed' AND r.status IN ${ENDED} AND r.finished_at < ${SETTLED}`,
  },
  {
    name: 'parts_end_with_their_run',
    description: 'No sub-run goes on after the run that started it has ended.',
    broken: sql`
      SELECT r.id, r.workspace_id FROM runs r JOIN runs p ON p.id = r.parent_run_id
      WHERE r.status NOT IN ${ENDED} AND p.status IN ${ENDED} AND p.finished_at < ${SETTLED}`,
  },
  {
    name: 'places_belong_to_working_runs',
    description: 'No run that has ended still takes a place of an agent.',
    broken: sql`
      SELECT DISTINCT r.id, r.workspace_id FROM run_places p JOIN runs r ON r.id = p.run_id
      WHERE r.status IN ${ENDED} AND r.finished_at < ${SETTLED}`,
  },
];

/** Counts over all workspaces what must not be; see {@link Runs.invariants}. */
export function createInvariants(deps: { database: Database }): Pick<Runs, 'invariants'> {
  const { database } = deps;
  return {
    async invariants(workspaceId) {
      const invariants: Invariants['invariants'] = [];
      for (const rule of RULES) invariants.push(await countBroken(database, rule, workspaceId));
      invariants.push(await checkHistory(database, workspaceId));
      return { invariants, workers: await readWorkers(database) };
    },
  };
}

async function countBroken(
  database: Database,
  { name, description, broken }: Rule,
  workspaceId: WorkspaceId,
) {
  const result = await database.system((tx) =>
    tx.execute(sql`
      WITH broken AS (${broken})
      SELECT (SELECT count(*)::int FROM broken) AS violations,
        (SELECT coalesce(jsonb_agg(id), '[]') FROM (
          SELECT id FROM broken WHERE workspace_id = ${workspaceId} ORDER BY id LIMIT ${EXAMPLES_MAX}) e) AS examples`),
  );
  const row = result.rows[0] as { violations: number; examples: string[] };
  return { name, description, ...row };
}

/** Holds the status of the runs that ended last against what their events say. */
async function checkHistory(database: Database, workspaceId: WorkspaceId) {
  const result = await database.system((tx) =>
    tx.execute(sql`
      SELECT r.id, r.workspace_id, r.status, (
        SELECT array_agg(e.type ORDER BY e.seq) FROM events e WHERE e.run_id = r.id AND (e.type LIKE 'run.%' OR e.type IN ('step.waiting_approval','approval.decided'))
      ) AS types
      FROM (SELECT id, workspace_id, status FROM runs WHERE finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT ${HISTORY}) r`),
  );
  const rows = result.rows as unknown as {
    id: string;
    workspace_id: string;
    status: RunStatus;
    types: EventType[] | null;
  }[];
  const broken = rows.filter(
    (row) => !isTerminal(row.status) || deriveStatus(row.types ?? []) !== row.status,
  );
  return {
    name: 'status_follows_from_events',
    description: `A run that has ended stays so, and its status is what its events say; the last ${HISTORY} are held against their logs.`,
    violations: broken.length,
    examples: broken
      .filter((row) => row.workspace_id === workspaceId)
      .slice(0, EXAMPLES_MAX)
      .map((row) => row.id),
  };
}

/** Processes that execute runs and gave a sign of life within their lease; one small query. */
export async function countLivingWorkers(database: Pick<Database, 'system'>): Promise<number> {
  const { rows } = await database.system((tx) =>
    tx.execute<{ living: number }>(sql`
      SELECT count(*)::int AS living FROM run_executors
      WHERE beat_at >= clock_timestamp() - make_interval(secs => ${LEASE_TIMES.leaseMs / 1000})`),
  );
  return rows[0]?.living ?? 0;
}

async function readWorkers(database: Database): Promise<Invariants['workers']> {
  const result = await database.system((tx) =>
    tx.execute(sql`
      SELECT e.executor_id AS executor, (EXTRACT(EPOCH FROM clock_timestamp() - e.beat_at) * 1000)::int AS age, (
        SELECT count(*)::int FROM dbos.workflow_status w WHERE w.executor_id = e.process_id::text AND w.status = 'PENDING') AS runs
      FROM run_executors e ORDER BY substring(e.executor_id FROM '[0-9]+$')::int`),
  );
  const rows = result.rows as unknown as { executor: string; age: number; runs: number }[];
  return rows.map(({ executor, age, runs }) => ({
    executor,
    alive: age <= LEASE_TIMES.leaseMs,
    beatAgeMs: Math.max(0, age),
    runs,
  }));
}
