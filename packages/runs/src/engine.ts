import { DBOS } from '@dbos-inc/dbos-sdk';
import { getCurrentContextStore, runWithParentContext } from '@dbos-inc/dbos-sdk/internal/context';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import type { Database } from '@automatos/database';
import { PlatformError } from '@automatos/kernel';
import type { Logger } from '@automatos/kernel';

/** Journals written by one version are only replayed by code that says it still understands them. Raise it with a migration plan. */
export const JOURNAL_VERSION = '1';
/** Step numbers of one lane; the main sequence is lane 0. */
export const LANE_SIZE = 10_000;

/**
 * The durable engine, seen as five verbs. DBOS appears in this file only.
 */
export interface Engine {
  launch(): Promise<void>;
  /** Starts the run's workflow unless it exists already. */
  start(runId: string, workspaceId: string): Promise<void>;
  cancel(runId: string): Promise<void>;
  /** Hands the unfinished workflows of a dead executor to the queue that live ones serve; each is claimed once. */
  recoverExecutor(executorId: string): Promise<number>;
  /** Stops taking work; what is under way is left to recovery. */
  shutdown(): Promise<void>;
}

export interface EngineOptions {
  database: Database;
  executorId: string;
  logger: Logger;
  execute(runId: string, workspaceId: string): Promise<void>;
}

/** Plain JSON: values in the journal are JSON by type, and the default format spends time on what never occurs here. */
const jsonSerializer = {
  name: () => 'automatos_json',
  stringify: (value: unknown) => JSON.stringify(value ?? null),
  parse: (text: string | null | undefined): unknown => (text === null || text === undefined ? null : JSON.parse(text)),
};

let registered: ((runId: string, workspaceId: string) => Promise<void>) | null = null;
let current: EngineOptions | null = null;

/** The library keeps one registry and one executor per process, so there is one engine per process too. */
export function createEngine(options: EngineOptions): Engine {
  registered ??= DBOS.registerWorkflow(
    async (runId: string, workspaceId: string) => {
      if (!current) throw new Error('engine is not running');
      await current.execute(runId, workspaceId);
    },
    { name: 'automatos.run' },
  );
  const workflow = registered;
  return {
    async launch() {
      if (current) throw new PlatformError({ code: 'runs.engine.already_running', kind: 'conflict', message: 'This process runs a durable engine already.' });
      current = options;
      DBOS.setConfig({
        name: 'automatos',
        systemDatabasePool: options.database.pool,
        systemDatabaseSchemaName: 'dbos',
        applicationVersion: JOURNAL_VERSION,
        executorID: options.executorId,
        serializer: jsonSerializer,
        logger: engineLogger(options.logger),
        useListenNotify: false,
        schedulerPollingIntervalMs: 60_000,
      });
      await DBOS.launch();
    },
    async start(runId, workspaceId) {
      await DBOS.startWorkflow(workflow, { workflowID: runId })(runId, workspaceId);
    },
    cancel: (runId) => DBOS.cancelWorkflow(runId),
    async recoverExecutor(executorId) {
      const handles = await DBOSExecutor.globalInstance?.recoverPendingWorkflows([executorId]);
      return handles?.length ?? 0;
    },
    async shutdown() {
      await DBOS.shutdown();
      current = null;
    },
  };
}

/** Runs `body` once under the next step number of the current lane and records what it returns. */
export function recordedStep<T>(name: string, body: () => Promise<T>): Promise<T> {
  return DBOS.runStep(body, { name });
}

export function recordedNow(): Promise<number> {
  return DBOS.now();
}

export function durableSleep(ms: number): Promise<void> {
  return DBOS.sleep(ms);
}

/**
 * Runs `body` with step numbers from `index × LANE_SIZE` on. The library numbers steps by the order of calls, which
 * differs from run to run when branches race; an own range per branch makes the numbers independent of that order, at no
 * cost in the database (a child workflow per branch would cost three writes each).
 */
export async function inLane<T>(index: number, body: () => Promise<T>): Promise<T> {
  const parent = getCurrentContextStore();
  if (!parent) throw new Error('a lane can only be opened inside a run');
  let result: { value: T } | undefined;
  await runWithParentContext(parent, { curWFFunctionId: index * LANE_SIZE }, async () => {
    result = { value: await body() };
  });
  return (result as { value: T }).value;
}

function engineLogger(logger: Logger) {
  const text = (entry: unknown) => (entry instanceof Error ? entry.message : typeof entry === 'string' ? entry : JSON.stringify(entry));
  return {
    info: (entry: unknown) => logger.debug({ engine: true }, text(entry)),
    debug: (entry: unknown) => logger.debug({ engine: true }, text(entry)),
    warn: (entry: unknown) => logger.warn({ engine: true }, text(entry)),
    error: (entry: unknown) => logger.error({ engine: true }, text(entry)),
  };
}
