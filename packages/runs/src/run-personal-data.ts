import { createTableHolder, ERASED } from '@automatos/database';
import type {
  PersonalDataHolder,
  PersonalSubject,
  PersonalTable,
  RunTransaction,
} from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';

/** Rows of the durable engine that belong to runs of these workspaces, or to none any more. */
const ofRuns = (column: string) => (workspaces: readonly WorkspaceId[]) =>
  sql`(t.${sql.identifier(column)} IN (SELECT id::text FROM runs WHERE workspace_id = ANY(${sql.param([...workspaces])}::uuid[]))
    OR NOT EXISTS (SELECT FROM runs WHERE id::text = t.${sql.identifier(column)}))`;
const RUNS = 'Runs: what was put in, what came out, and who started them';
const JOURNAL = 'Journal of runs, from which a crash is recovered';
const scope = 'workspace_id';

const OWN_TABLES: readonly PersonalTable[] = [
  {
    table: 'runs',
    category: RUNS,
    key: ['id'],
    workspace: scope,
    people: ['created_by_id'],
    names: ['created_by_name'],
    texts: ['title', 'idempotency_key', 'trigger_name'],
    distinct: ['idempotency_key'],
    json: ['plan', 'inputs', 'outputs', 'error', 'quality'],
    provided: { by: 'created_by_id', columns: ['title', 'recipe_slug', 'inputs', 'created_at'] },
    plain: [
      'kind',
      'status',
      'recipe_id',
      'recipe_slug',
      'created_by_kind',
      'parent_run_id',
      'parent_step_id',
      'forked_from_run_id',
      'forked_from_step_id',
      'trigger_kind',
      'trigger_id',
      'quality_grade',
    ],
  },
  {
    table: 'run_steps',
    category: RUNS,
    key: ['run_id', 'step_id'],
    workspace: scope,
    texts: ['name'],
    json: ['output', 'error', 'quality'],
    plain: [
      'type',
      'agent',
      'tool',
      'parent',
      'depends_on',
      'status',
      'usage',
      'reused_from',
      'sub_run_id',
    ],
  },
  {
    table: 'events',
    category: 'Events of runs and of the workspace',
    key: ['id'],
    workspace: scope,
    texts: ['key', 'subject'],
    json: ['data'],
    plain: ['run_id', 'type', 'step_id'],
  },
  {
    table: 'run_artifacts',
    category: 'Documents that runs made',
    key: ['id'],
    workspace: scope,
    texts: ['name', 'title', 'content'],
    distinct: ['name'],
    bytes: ['content_bytes'],
    plain: ['run_id', 'step_id', 'format', 'content_type'],
  },
  {
    table: 'run_findings',
    category: RUNS,
    key: ['id'],
    workspace: scope,
    texts: ['path'],
    json: ['finding'],
    plain: ['run_id', 'step_id', 'agent', 'tool', 'rule', 'severity'],
  },
  {
    table: 'effects',
    category: 'Effects of runs on other systems',
    key: ['workspace_id', 'key'],
    workspace: scope,
    json: ['result'],
    plain: ['run_id', 'kind', 'request_hash', 'state'],
  },
  {
    table: 'run_approvals',
    category: 'Approvals that people were asked for, and what they decided',
    key: ['id'],
    workspace: scope,
    names: ['decided_by'],
    texts: ['title', 'message', 'comment'],
    json: ['fields', 'approvers', 'values'],
    plain: ['run_id', 'step_id', 'wait_key', 'status'],
  },
  {
    table: 'run_signals',
    category: 'Signals sent to runs',
    key: ['id'],
    workspace: scope,
    texts: ['name'],
    json: ['payload'],
    plain: ['run_id', 'taken_by'],
  },
  { table: 'run_limits', category: RUNS, key: ['workspace_id', 'scope', 'key'], workspace: scope },
  {
    table: 'run_places',
    category: RUNS,
    key: ['workspace_id', 'scope', 'key', 'run_id', 'call_id'],
    workspace: scope,
  },
  {
    table: 'run_executors',
    category: RUNS,
    key: ['executor_id'],
    workspace: null,
    plain: ['process_id', 'journal_version'],
  },
];

const JOURNAL_TABLES: readonly PersonalTable[] = [
  {
    table: 'workflow_status',
    key: ['workflow_uuid'],
    texts: [
      'inputs',
      'output',
      'error',
      'request',
      'authenticated_user',
      'authenticated_roles',
      'assumed_role',
      'deduplication_id',
      'queue_partition_key',
    ],
    json: ['attributes'],
    plain: [
      'status',
      'name',
      'executor_id',
      'application_version',
      'application_id',
      'class_name',
      'config_name',
      'queue_name',
      'forked_from',
      'owner_xid',
      'parent_workflow_id',
      'serialization',
      'schedule_name',
      'application_name',
      'creator_xid',
    ],
  },
  { table: 'workflow_input', key: ['workflow_uuid'], texts: ['inputs'] },
  { table: 'workflow_output', key: ['workflow_uuid'], texts: ['output', 'error'] },
  {
    table: 'operation_outputs',
    key: ['workflow_uuid', 'function_id'],
    texts: ['output', 'error'],
    plain: ['function_name', 'child_workflow_id', 'serialization', 'application_name'],
  },
  {
    table: 'workflow_events',
    key: ['workflow_uuid', 'key'],
    texts: ['value'],
    plain: ['serialization'],
  },
  {
    table: 'workflow_events_history',
    key: ['workflow_uuid', 'function_id', 'key'],
    texts: ['value'],
    plain: ['serialization'],
  },
  {
    table: 'streams',
    key: ['workflow_uuid', 'key', 'offset'],
    texts: ['value'],
    plain: ['serialization'],
  },
].map((table) => ({
  ...table,
  schema: 'dbos',
  category: JOURNAL,
  workspace: ofRuns('workflow_uuid'),
}));

/** Of the engine itself; the product writes nothing of a person into them. */
const ENGINE_TABLES: readonly PersonalTable[] = [
  {
    table: 'notifications',
    key: ['message_uuid'],
    texts: ['topic', 'message'],
    plain: ['serialization', 'destination_uuid'],
    workspace: ofRuns('destination_uuid'),
  },
  {
    table: 'application_versions',
    key: ['version_id'],
    plain: ['version_name', 'application_name'],
  },
  {
    table: 'event_dispatch_kv',
    key: ['service_name', 'workflow_fn_name', 'key'],
    texts: ['value'],
  },
  { table: 'queues', key: ['queue_id'], plain: ['name', 'application_name'] },
  {
    table: 'workflow_schedules',
    key: ['schedule_id'],
    texts: ['context'],
    plain: [
      'schedule_name',
      'workflow_name',
      'workflow_class_name',
      'schedule',
      'status',
      'last_fired_at',
      'cron_timezone',
      'queue_name',
      'application_name',
    ],
  },
  { table: 'dbos_migrations', key: ['version'] },
].map((table) => ({ workspace: null, ...table, schema: 'dbos', category: JOURNAL }));

/** Binary documents cannot be rewritten: those of runs that tell of the person are replaced as a whole, before the trace is gone. */
async function replaceBinaryDocuments(
  run: RunTransaction,
  subject: PersonalSubject,
): Promise<Record<string, number>> {
  const replaced = await run(async (tx) => {
    const items = await finder.find(tx, subject, Number.MAX_SAFE_INTEGER);
    const ids = new Set(
      items.map(({ table, key }) => String(table === 'runs' ? key['id'] : key['run_id'])),
    );
    const texts = items.filter(({ table }) => table === 'run_artifacts' || table === 'events');
    for (const runId of await runsOf(tx, texts)) ids.add(runId);
    const done = await tx.execute(sql`
      UPDATE run_artifacts SET content = ${ERASED}, content_bytes = NULL, content_type = 'text/plain; charset=utf-8',
        format = 'text', bytes = ${ERASED.length}
      WHERE content_bytes IS NOT NULL AND run_id::text = ANY(${sql.param([...ids])}::text[])`);
    return done.rowCount ?? 0;
  });
  return replaced === 0 ? {} : { 'run_artifacts (binary, replaced)': replaced };
}

const finder = createTableHolder({
  name: 'runs',
  tables: OWN_TABLES.filter(({ table }) =>
    ['runs', 'run_steps', 'events', 'run_artifacts'].includes(table),
  ),
});

async function runsOf(
  tx: Parameters<Parameters<RunTransaction>[0]>[0],
  items: readonly { table: string; key: Record<string, unknown> }[],
): Promise<string[]> {
  const ids = items.map(({ key }) => String(key['id']));
  const found = await tx.execute<{ run_id: string }>(sql`
    SELECT run_id FROM run_artifacts WHERE id::text = ANY(${sql.param(ids)}::text[])
    UNION SELECT run_id FROM events WHERE run_id IS NOT NULL AND id::text = ANY(${sql.param(ids)}::text[])`);
  return found.rows.map(({ run_id: runId }) => runId);
}

/** What runs keep about people: who started and decided them, and every text that went through them, the journal included. */
export function createRunsPersonalData(): PersonalDataHolder {
  return createTableHolder({
    name: 'runs',
    tables: [...OWN_TABLES, ...JOURNAL_TABLES, ...ENGINE_TABLES],
    before: replaceBinaryDocuments,
  });
}

/**
 * Deletes what the journal holds of runs that are gone; gives the number of runs. Called after runs or their workspace were deleted.
 */
export async function deleteOrphanedJournals(run: RunTransaction): Promise<number> {
  return run(async (tx) => {
    const { rows } = await tx.execute<{ there: boolean }>(
      sql`SELECT to_regclass('dbos.workflow_status') IS NOT NULL AS there`,
    );
    if (rows[0]?.there !== true) return 0;
    const isGone = sql`NOT EXISTS (SELECT FROM runs WHERE id::text = t.workflow_uuid)`;
    for (const { table } of JOURNAL_TABLES.filter((each) => each.table !== 'workflow_status'))
      await tx.execute(sql`DELETE FROM dbos.${sql.identifier(table)} AS t WHERE ${isGone}`);
    const done = await tx.execute(sql`DELETE FROM dbos.workflow_status AS t WHERE ${isGone}`);
    return done.rowCount ?? 0;
  });
}
