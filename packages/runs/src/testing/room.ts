import { createTestDatabase } from '@automatos/database/testing';
import { silentLogger } from '@automatos/kernel';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import { createRuns } from '../runs-service.ts';
import type { RunsOptions, RunsRoom } from '../runs-service.ts';
import type { Actor, RunContext, RunKind, StartRun } from '../types.ts';

export const TESTER: Actor = { kind: 'user', id: 'tester', name: 'Tester' };

export interface TestRoom {
  runs: RunsRoom;
  database: Awaited<ReturnType<typeof createTestDatabase>>['database'];
  workspaceId: WorkspaceId;
  otherWorkspaceId: WorkspaceId;
  /** Sets what the next runs of kind `test` do. */
  body: (execute: RunKind['execute']) => void;
  close(): Promise<void>;
}

/** A launched runs room on a fresh database; one per test file, because the engine is one per process. */
export async function openTestRoom(options: Partial<RunsOptions> = {}): Promise<TestRoom> {
  const { database, workspaceId, otherWorkspaceId, close } = await createTestDatabase();
  const runs = createRuns({ database, logger: silentLogger, ...options });
  let execute: RunKind['execute'] = () => Promise.resolve({});
  runs.registerKind({ kind: 'test', execute: (context: RunContext) => execute(context) });
  await runs.launch();
  return {
    runs,
    database,
    workspaceId,
    otherWorkspaceId,
    body: (next) => {
      execute = next;
    },
    async close() {
      await runs.stop();
      await close();
    },
  };
}

export function testRun(inputs: JsonObject = {}, extra: Partial<StartRun> = {}): StartRun {
  return {
    kind: 'test',
    title: 'test run',
    plan: {},
    inputs,
    steps: [{ stepId: 'only', name: 'only', type: 'tool', dependsOn: [] }],
    by: TESTER,
    ...extra,
  };
}

/** Waits for the run's last event, by following its log. */
export async function ended(room: TestRoom, runId: string) {
  for await (const _event of room.runs.follow(room.workspaceId, runId, {
    after: 0,
    signal: new AbortController().signal,
  }));
  return room.runs.get(room.workspaceId, runId);
}
