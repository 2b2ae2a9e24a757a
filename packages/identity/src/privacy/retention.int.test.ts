import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { silentLogger } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { tableRetention } from './retention-category.ts';
import { createRetentionJob } from './retention-job.ts';
import { createRetention } from './retention.ts';

const DAY = 86_400_000;
const START = Date.parse('2026-06-10T12:00:00.000Z');

let place: TestDatabase;
let now = START;
const clock = { now: () => now };
beforeAll(async () => {
  place = await createTestDatabase();
});
afterAll(() => place.close());
beforeEach(async () => {
  now = START;
  await place.database.pool.query(
    'TRUNCATE privacy_retention, privacy_retention_runs, llm_semantic_answers, sessions, users CASCADE',
  );
});

const base = { description: '', minimumReason: '', maxDays: 400 };
const ANSWERS = tableRetention({
  ...base,
  category: 'answers',
  name: 'Answers',
  scope: 'workspace',
  defaultDays: 30,
  minDays: 7,
  minimumReason: 'Somebody needs a week.',
  table: 'llm_semantic_answers',
  key: ['id'],
  time: sql`t.kept_at`,
});
const SESSIONS = tableRetention({
  ...base,
  category: 'sessions',
  name: 'Sessions',
  scope: 'platform',
  defaultDays: null,
  minDays: 1,
  table: 'sessions',
  key: ['id'],
  time: sql`t.expires_at`,
});
/** One process. */
const processOf = () =>
  createRetention({ database: place.database, clock, categories: [ANSWERS, SESSIONS] });

async function keep(workspaceId: WorkspaceId, ageDays: number, count = 1): Promise<void> {
  await place.database.pool.query(
    `INSERT INTO llm_semantic_answers (id, workspace_id, scope, embedding, answer, kept_at)
     SELECT gen_random_uuid(), $1, 's', '[1]', '{}', $2 FROM generate_series(1, $3)`,
    [workspaceId, new Date(now - ageDays * DAY).toISOString(), count],
  );
}
const left = async (workspaceId: WorkspaceId): Promise<number> => {
  const { rows } = await place.database.pool.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM llm_semantic_answers WHERE workspace_id = $1',
    [workspaceId],
  );
  return rows[0]?.n ?? 0;
};

test('periods have defaults and bounds; those of the installation are set by its administrators', async () => {
  const retention = processOf();
  const { workspaceId } = place;
  const set = (category: string, days: number | null, mayChangePlatform = false) =>
    retention.set(workspaceId, { category, days, mayChangePlatform });
  expect(await retention.list(workspaceId)).toMatchObject([
    { category: 'answers', days: 30, updated_at: null },
    { category: 'sessions', days: null },
  ]);
  expect(await set('answers', 60)).toMatchObject({ days: 60 });
  await expect(set('answers', 6)).rejects.toMatchObject({
    code: 'privacy.retention.out_of_bounds',
    message: expect.stringContaining('Somebody needs a week.'),
  });
  await expect(set('answers', null)).rejects.toMatchObject({ kind: 'invalid-input' });
  await expect(set('sessions', 5)).rejects.toMatchObject({
    code: 'privacy.retention.platform_only',
  });
  expect(await set('sessions', 5, true)).toMatchObject({ days: 5 });
  expect(await set('sessions', null, true)).toMatchObject({ days: null });
  await expect(set('unknown', 5)).rejects.toMatchObject({ kind: 'not-found' });
  // Another workspace keeps its own period.
  expect(await retention.list(place.otherWorkspaceId)).toMatchObject([{ days: 30 }, {}]);
});

test('what is too old goes, in chunks, in its own workspace only; the evidence says how much', async () => {
  const retention = processOf();
  await keep(place.workspaceId, 31, 1_203);
  await keep(place.workspaceId, 29, 2);
  await keep(place.otherWorkspaceId, 31);
  expect(await retention.preview(place.workspaceId)).toEqual([
    { category: 'answers', before: new Date(now - 30 * DAY).toISOString(), rows: 1_203 },
  ]);
  const done = await retention.run(place.workspaceId);
  expect(done).toMatchObject({ trigger: 'person', error: null, deleted: [{ rows: 1_203 }] });
  expect([await left(place.workspaceId), await left(place.otherWorkspaceId)]).toEqual([2, 1]);
  expect(await retention.listRuns(place.workspaceId, { limit: 5, before: undefined })).toEqual([
    done,
  ]);
  expect(await retention.listRuns(place.otherWorkspaceId, { limit: 5, before: undefined })).toEqual(
    [],
  );
});

test('the scheduled deletion of a day is made once, whatever number of processes look', async () => {
  await keep(place.workspaceId, 31, 3);
  const processes = [processOf(), processOf(), processOf()];
  now = Date.parse('2026-06-11T02:59:59.000Z');
  expect(await processes[0]?.runDue()).toBe(0);
  now = Date.parse('2026-06-11T03:00:00.000Z');
  const made = await Promise.all(processes.map((each) => each.runDue()));
  const { rows } = await place.database.pool.query(
    "SELECT workspace_id, deleted FROM privacy_retention_runs WHERE trigger = 'schedule'",
  );
  const workspaces = await place.database.pool.query('SELECT id FROM workspaces');
  // One for each workspace, and one for the installation.
  expect(rows).toHaveLength(workspaces.rows.length + 1);
  expect(made.reduce((sum, n) => sum + n, 0)).toBe(rows.length);
  expect(await left(place.workspaceId)).toBe(0);
  expect(await processes[1]?.runDue()).toBe(0);
  now += DAY;
  expect(await processes[1]?.runDue()).toBe(rows.length);
});

test('one that its process left in the middle is made by another, and a failure is told', async () => {
  const broken = createRetention({
    database: place.database,
    clock,
    categories: [{ ...ANSWERS, delete: () => Promise.reject(new Error('disk full')) }],
  });
  await keep(place.workspaceId, 31);
  await expect(broken.run(place.workspaceId)).rejects.toThrow('disk full');
  expect(
    await processOf().listRuns(place.workspaceId, { limit: 1, before: undefined }),
  ).toMatchObject([{ error: 'disk full' }]);
  await place.database.pool.query(
    `INSERT INTO privacy_retention_runs (id, workspace_id, trigger, day, started_at, deleted)
     VALUES (gen_random_uuid(), $1, 'schedule', '2026-06-10', $2, '[]')`,
    [place.workspaceId, new Date(now).toISOString()],
  );
  await processOf().runDue();
  expect(await left(place.workspaceId)).toBe(1);
  now += 3_600_001;
  await processOf().runDue();
  expect(await left(place.workspaceId)).toBe(0);
});

test('the job looks at once, again after ten minutes, and ends when it is told', async () => {
  const looks: number[] = [];
  const waits: { ms: number; go: () => void }[] = [];
  const steps: Clock = {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        waits.push({ ms, go: resolve });
        signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      }),
  };
  const job = createRetentionJob({
    retention: {
      runDue: () => {
        looks.push(looks.length);
        return looks.length === 1 ? Promise.reject(new Error('away')) : Promise.resolve(0);
      },
    },
    clock: steps,
    logger: silentLogger,
  });
  job.start();
  await expect.poll(() => waits.length).toBe(1);
  expect(waits[0]?.ms).toBe(600_000);
  waits[0]?.go();
  await expect.poll(() => looks.length).toBe(2);
  await job.stop();
  expect(looks).toHaveLength(2);
});
