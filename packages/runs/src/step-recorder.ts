import type { Database } from '@automatos/database';
import { deferred } from '@automatos/kernel';
import type { Deferred } from '@automatos/kernel';

export interface StepRow {
  runId: string;
  number: number;
  name: string;
  /** JSON text. */
  output: string;
  serialization: string;
  /** Token under which this process executes the run; a cancel or a take-over changes the one in the table. */
  owner: string;
  startedAtMs: number;
  endedAtMs: number;
}

/** `lost`: the run belongs to another process now or was cancelled, and nothing was recorded. */
export type StepVerdict = 'recorded' | 'lost' | 'conflict';

/**
 * Records finished steps of all runs, many in one statement: whatever ends while one commit is under way goes into the
 * next. The statement locks the runs' rows and compares owners in the same breath, which is what makes a frozen process
 * that wakes up harmless. Writes the engine's own table, whose layout a test pins.
 */
export interface StepRecorder {
  record(row: StepRow): Promise<StepVerdict>;
}

const BATCH_MAX = 200;

const RECORD = `
  WITH x AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(
      "runId" text, number int, name text, output text, serialization text, owner text, "startedAtMs" bigint, "endedAtMs" bigint)
  ), owned AS (
    SELECT workflow_uuid, owner_xid FROM dbos.workflow_status WHERE workflow_uuid IN (SELECT "runId" FROM x)
    ORDER BY workflow_uuid FOR NO KEY UPDATE
  )
  INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, output, function_name, started_at_epoch_ms, completed_at_epoch_ms,
    serialization, application_name, retention_timestamp)
  SELECT x."runId", x.number, x.output, x.name, x."startedAtMs", x."endedAtMs", x.serialization, $2,
    (EXTRACT(EPOCH FROM now()) * 1000)::bigint
  FROM x JOIN owned ON owned.workflow_uuid = x."runId" AND owned.owner_xid = x.owner
  ON CONFLICT (workflow_uuid, function_id) DO UPDATE SET completed_at_epoch_ms = operation_outputs.completed_at_epoch_ms
  RETURNING workflow_uuid, function_id, completed_at_epoch_ms`;

export function createStepRecorder(deps: {
  database: Database;
  applicationName: string;
}): StepRecorder {
  let waiting: { row: StepRow; done: Deferred<StepVerdict> }[] = [];
  let running = false;

  async function write(rows: StepRow[]): Promise<Map<string, number>> {
    const result = await deps.database.pool.query<{
      workflow_uuid: string;
      function_id: number;
      completed_at_epoch_ms: string;
    }>({
      name: 'automatos_record_steps',
      text: RECORD,
      values: [JSON.stringify(rows), deps.applicationName],
    });
    return new Map(
      result.rows.map((row) => [
        `${row.workflow_uuid} ${row.function_id}`,
        Number(row.completed_at_epoch_ms),
      ]),
    );
  }

  async function drain(): Promise<void> {
    running = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH_MAX);
      waiting = waiting.slice(BATCH_MAX);
      try {
        const written = await write(batch.map((item) => item.row));
        for (const { row, done } of batch) {
          const endedAtMs = written.get(`${row.runId} ${row.number}`);
          // A row with another end stands for another execution of the same step: the code is not deterministic.
          done.resolve(
            endedAtMs === undefined
              ? 'lost'
              : endedAtMs === row.endedAtMs
                ? 'recorded'
                : 'conflict',
          );
        }
      } catch (error) {
        for (const { done } of batch) done.reject(error);
      }
    }
    running = false;
  }

  return {
    record(row) {
      const done = deferred<StepVerdict>();
      waiting.push({ row, done });
      if (!running) void drain();
      return done.promise;
    },
  };
}
