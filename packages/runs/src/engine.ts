import { DBOS } from '@dbos-inc/dbos-sdk';
import { currentOwnerXid } from '@dbos-inc/dbos-sdk/internal/context';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { isConnectionLoss } from '@automatos/database';
import type { Database } from '@automatos/database';
import { PlatformError, systemClock } from '@automatos/kernel';
import type { Logger } from '@automatos/kernel';
import type pg from 'pg';
import { createStepRecorder } from './step-recorder.ts';
import type { StepRecorder } from './step-recorder.ts';

/** Journals written by one version are only replayed by code that says it still understands them. Raise it with a migration plan. */
export const JOURNAL_VERSION = '2';

/**
 * The durable engine, seen as five verbs. DBOS appears in this file only.
 */
export interface Engine {
  launch(): Promise<void>;
  /** Executes a workflow whose row this process has made or taken over under `token`. */
  dispatch(order: WorkflowOrder): Promise<void>;
  cancel(runId: string): Promise<void>;
  /** Stops taking work; what is under way is left to recovery. */
  shutdown(): Promise<void>;
}

export interface WorkflowOrder {
  runId: string;
  workspaceId: string;
  /** Marks the workflow's row as this execution's; without it nothing can be recorded. */
  token: string;
  /** Executions of the workflow so far, this one included. */
  attempts: number;
}

export interface EngineOptions {
  database: Database;
  executorId: string;
  journalVersion: string;
  logger: Logger;
  execute(order: Omit<WorkflowOrder, 'attempts'>): Promise<void>;
}

/** Plain JSON: values in the journal are JSON by type, and the default format spends time on what never occurs here. */
const jsonSerializer = {
  name: () => 'automatos_json' as const,
  stringify: (value: unknown) => JSON.stringify(value ?? null),
  parse: (text: string | null | undefined): unknown =>
    text === null || text === undefined ? null : JSON.parse(text),
};

let registered: ((runId: string, workspaceId: string) => Promise<void>) | null = null;
let current: EngineOptions | null = null;
let recorder: StepRecorder | null = null;

/** How workflows of runs stand in the engine's tables. */
export const WORKFLOW = {
  name: 'automatos.run',
  application: 'automatos',
  serialization: jsonSerializer.name(),
} as const;
const RECORD_RETRY_MS = 250;
const LAUNCH_LOCK = 0x44_42_4f_53;
const LAUNCH_LOOK_MS = 100;

/** The library keeps one registry and one executor per process, so there is one engine per process too. */
export function createEngine(options: EngineOptions): Engine {
  registered ??= DBOS.registerWorkflow(
    async (runId: string, workspaceId: string) => {
      const token = currentOwnerXid(runId);
      if (!current || token === undefined) throw new Error('engine is not running');
      await current.execute({ runId, workspaceId, token });
    },
    { name: WORKFLOW.name },
  );
  return {
    async launch() {
      if (current)
        throw new PlatformError({
          code: 'runs.engine.already_running',
          kind: 'conflict',
          message: 'This process runs a durable engine already.',
        });
      current = options;
      recorder = createStepRecorder({
        database: options.database,
        applicationName: WORKFLOW.application,
      });
      DBOS.setConfig({
        name: WORKFLOW.application,
        systemDatabasePool: options.database.pool,
        systemDatabaseSchemaName: 'dbos',
        applicationVersion: options.journalVersion,
        executorID: options.executorId,
        serializer: jsonSerializer,
        logger: engineLogger(options.logger),
        useListenNotify: false,
        schedulerPollingIntervalMs: 60_000,
      });
      await oneProcessAtATime(options.database, () => DBOS.launch());
    },
    async dispatch(order) {
      const executor = DBOSExecutor.globalInstance;
      if (!current || !executor) throw notRunning();
      await executor.executeDequeuedWorkflow(statusOf(order, options), order.token);
    },
    cancel: (runId) => DBOS.cancelWorkflow(runId),
    async shutdown() {
      await DBOS.shutdown();
      current = null;
      recorder = null;
    },
  };
}

/** Processes that start together must not bring the engine's own tables up to date at the same time. */
async function oneProcessAtATime(database: Database, work: () => Promise<void>): Promise<void> {
  if (!database.capabilities.sessionAdvisoryLocks) return work();
  const client = await database.pool.connect();
  let failed = true;
  try {
    // Asked for again and again: whoever waited inside of a statement would hold up the indexes that are being built.
    while (!(await tryLaunchLock(client))) await systemClock.sleep(LAUNCH_LOOK_MS);
    await work();
    await client.query('SELECT pg_advisory_unlock($1)', [LAUNCH_LOCK]);
    failed = false;
  } finally {
    // Closing the connection gives the lock back too.
    client.release(failed);
  }
}

async function tryLaunchLock(client: pg.PoolClient): Promise<boolean> {
  const result = await client.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_lock($1) AS locked',
    [LAUNCH_LOCK],
  );
  return result.rows[0]?.locked ?? false;
}

function notRunning(): PlatformError {
  return new PlatformError({
    code: 'runs.engine.not_running',
    kind: 'unavailable',
    message: 'This process does not execute runs.',
  });
}

/** The workflow's row as its claim has written it; reading it back would tell nothing new. */
function statusOf({ runId, workspaceId, attempts }: WorkflowOrder, options: EngineOptions) {
  return {
    workflowUUID: runId,
    status: 'PENDING',
    workflowName: WORKFLOW.name,
    workflowClassName: '',
    workflowConfigName: '',
    authenticatedUser: '',
    assumedRole: '',
    authenticatedRoles: [],
    input: jsonSerializer.stringify([runId, workspaceId]),
    output: null,
    error: null,
    executorId: options.executorId,
    applicationVersion: options.journalVersion,
    applicationID: '',
    applicationName: WORKFLOW.application,
    recoveryAttempts: attempts,
    priority: 0,
    serialization: WORKFLOW.serialization,
  };
}

/** One recorded step, as the journal keeps it. */
export interface JournalRow {
  number: number;
  name: string;
  /** JSON text. */
  output: string;
}

/** Steps recorded for a run so far; read once per execution instead of once per step. */
export async function readJournal(database: Database, runId: string): Promise<JournalRow[]> {
  const result = await database.pool.query<{
    function_id: number;
    function_name: string;
    output: string | null;
  }>(
    'SELECT function_id, function_name, output FROM dbos.operation_outputs WHERE workflow_uuid = $1',
    [runId],
  );
  return result.rows.map((row) => ({
    number: row.function_id,
    name: row.function_name,
    output: row.output ?? 'null',
  }));
}

/**
 * Records a finished step if this process still owns the run; after a cancel or a take-over by another process it throws
 * {@link OwnershipLost} and nothing is recorded. Tries again while the database is away: the step has happened and must
 * not happen again. Must be called from the run's body.
 */
export async function recordStep(
  runId: string,
  row: JournalRow,
  startedAtMs: number,
): Promise<void> {
  const owner = currentOwnerXid(runId);
  if (!recorder || !current || owner === undefined)
    throw new Error('a step can only be recorded inside a run');
  const full = {
    ...row,
    runId,
    owner,
    serialization: jsonSerializer.name(),
    startedAtMs,
    endedAtMs: Date.now(),
  };
  for (;;) {
    try {
      const verdict = await recorder.record(full);
      if (verdict === 'recorded') return;
      if (verdict === 'conflict') throw diverged(row.name);
      throw new OwnershipLost();
    } catch (error) {
      if (!isConnectionLoss(error)) throw error;
      current.logger.warn(
        { run_id: runId, error: String(error) },
        'database away, a finished step waits to be recorded',
      );
      await systemClock.sleep(RECORD_RETRY_MS);
    }
  }
}

function diverged(name: string): PlatformError {
  return new PlatformError({
    code: 'runs.journal.diverged',
    kind: 'internal',
    message: `The call "${name}" was recorded already by another execution of this run; the run's code is not deterministic.`,
  });
}

/** Another process owns the run now, or it was cancelled; whoever notices stops without a trace. */
export class OwnershipLost extends Error {
  constructor() {
    super('this process does not own the run any more');
    this.name = 'OwnershipLost';
  }
}

function engineLogger(logger: Logger) {
  const text = (entry: unknown) =>
    entry instanceof Error
      ? entry.message
      : typeof entry === 'string'
        ? entry
        : JSON.stringify(entry);
  return {
    info: (entry: unknown) => logger.debug({ engine: true }, text(entry)),
    debug: (entry: unknown) => logger.debug({ engine: true }, text(entry)),
    warn: (entry: unknown) => logger.warn({ engine: true }, text(entry)),
    error: (entry: unknown) => logger.error({ engine: true }, text(entry)),
  };
}
