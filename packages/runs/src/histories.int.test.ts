import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { PlatformError, silentLogger } from '@automatos/kernel';
import { createRuns } from './runs-service.ts';
import type { RunsRoom } from './runs-service.ts';
import { deriveState, isTerminal } from './run-state.ts';
import { TESTER, testRun } from './testing/room.ts';
import { eventually } from './testing/eventually.ts';
import type { Approver, RunContext } from './types.ts';

let base: TestDatabase;
let runs: RunsRoom;
beforeAll(async () => {
  base = await createTestDatabase();
  runs = await openRoom();
});
afterAll(async () => {
  await runs.stop();
  await base.close();
});

/** Two lanes that work and wait in turn: for a person, for a signal, for a short time that may run out. */
async function execute(context: RunContext) {
  const lanes = await context.fork('lanes', 2);
  const ask = (lane: RunContext, key: string, timeoutMs: number) =>
    lane.approval({ key, stepId: 'only', title: key, message: '', timeoutMs });
  const [long, short] = lanes as [RunContext, RunContext];
  const [first, second] = await Promise.all([
    ask(long, 'long', 3_600_000),
    ask(short, 'short', 400).then(async ({ decision }) => {
      await short.step('work', () => Promise.resolve());
      return decision;
    }),
  ]);
  const signal = await context.signalled({ key: 's', stepId: 'only', name: 'go', timeoutMs: 200 });
  if (first.decision === 'rejected')
    throw new PlatformError({ code: 'test.person.refused', kind: 'conflict', message: 'refused' });
  return { second, signalled: signal !== null };
}

async function openRoom(): Promise<RunsRoom> {
  const room = createRuns({ database: base.database, logger: silentLogger, drainMs: 0 });
  room.registerKind({ kind: 'test', execute });
  await room.launch();
  return room;
}

const OWNER: Approver = { ...TESTER, role: 'owner' };
const ACTIONS = [
  'pause',
  'resume',
  'approve',
  'reject',
  'signal',
  'restart',
  'look',
  'cancel',
] as const;
type Action = (typeof ACTIONS)[number];

/** What may be refused in the state at hand; any other failure is a fault. */
const REFUSALS = new Set([
  'runs.run.wrong_status',
  'runs.approval.already_decided',
  'runs.approval.expired',
]);
const refusable = (work: Promise<unknown>) =>
  work.catch((error: unknown) => {
    if (!(error instanceof PlatformError) || !REFUSALS.has(error.code)) throw error;
  });

async function act(action: Action, runId: string): Promise<void> {
  const { workspaceId } = base;
  if (action === 'restart') {
    await runs.stop();
    runs = await openRoom();
  }
  if (action === 'pause' || action === 'resume' || action === 'cancel')
    await refusable(runs[action](workspaceId, runId, TESTER));
  if (action === 'signal')
    await refusable(runs.signal(workspaceId, runId, { name: 'go', payload: 1, by: TESTER }));
  if (action === 'approve' || action === 'reject') {
    const filter = { limit: 10, status: 'open', run: runId, approver: OWNER };
    const asked = await runs.approvals(workspaceId, filter);
    for (const { id } of asked.items)
      await refusable(runs.decide(workspaceId, id, { decision: action, approver: OWNER }));
  }
}

/** Row and log agree at any moment, seen in one snapshot. */
async function snapshot(runId: string) {
  const { rows } = await base.database.pool.query<{
    row: string[];
    types: never[];
    dense: boolean;
  }>(
    `SELECT jsonb_build_array(r.status, r.open_approvals, r.started_at IS NOT NULL) AS row,
       (SELECT jsonb_agg(type ORDER BY seq) FROM events e WHERE e.run_id = r.id) AS types,
       (SELECT count(*) = max(seq) AND max(seq) = r.last_seq FROM events e WHERE e.run_id = r.id) AS dense
     FROM runs r WHERE id = $1`,
    [runId],
  );
  const { row, types, dense } = rows[0] as (typeof rows)[number];
  const { status, openApprovals, started } = deriveState(types);
  expect([row, dense]).toEqual([[status, openApprovals, started], true]);
  return status;
}

test('after any history of pauses, decisions, signals, restarts and cancels a run ends once, as its log says', async () => {
  const history = fc.array(fc.constantFrom(...ACTIONS), { minLength: 2, maxLength: 9 });
  await fc.assert(
    fc.asyncProperty(history, async (actions) => {
      const run = await runs.start(base.workspaceId, testRun());
      let end: string | null = null;
      for (const action of actions) {
        await act(action, run.id);
        const status = await snapshot(run.id);
        expect(end === null || end === status).toBe(true);
        if (isTerminal(status)) end = status;
      }
      await eventually(
        async () => {
          for (const action of ['resume', 'approve'] as const) await act(action, run.id);
          return snapshot(run.id);
        },
        (status) => isTerminal(status),
      );
      const approvals = await runs.approvals(base.workspaceId, {
        limit: 10,
        run: run.id,
        approver: OWNER,
      });
      expect(approvals.items.filter((item) => item.status === 'open')).toEqual([]);
    }),
    { numRuns: 8 },
  );
}, 240_000);
