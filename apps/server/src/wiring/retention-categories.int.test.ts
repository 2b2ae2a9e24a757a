import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RETENTION_CATEGORIES } from './retention-categories.ts';

let place: TestDatabase;
beforeAll(async () => {
  place = await createTestDatabase();
});
afterAll(() => place.close());

const scopeOf = (scope: 'workspace' | 'platform', before = new Date()) => ({
  workspaceId: scope === 'platform' ? null : place.workspaceId,
  before,
});

test.each(RETENTION_CATEGORIES.map((category) => [category.category, category] as const))(
  '%s: its statements are right, its bounds too',
  async (_name, category) => {
    const { database } = place;
    const scope = scopeOf(category.scope);
    expect(await database.system((tx) => category.count(tx, scope))).toBe(0);
    expect(await database.system((tx) => category.delete(tx, scope, 10))).toBe(0);
    expect(category.minDays).toBeLessThanOrEqual(category.defaultDays ?? category.maxDays);
    expect(category.maxDays).toBeGreaterThanOrEqual(category.defaultDays ?? category.minDays);
    expect(category.minimumReason === '').toBe(category.minDays === 1);
  },
);

const RUNS = [
  { id: 1, status: 'completed', by: 'ada', finished: true },
  { id: 2, status: 'running', by: 'ada', finished: false },
  { id: 3, status: 'failed', by: 'kept', finished: true },
] as const;

test('runs that are over go with all that is theirs; open ones and those of people who are restricted stay', async () => {
  const { database, workspaceId } = place;
  const uuid = (n: number) => `01990000-0000-7000-8000-0000000000${String(n).padStart(2, '0')}`;
  for (const { id, status, by, finished } of RUNS) {
    await database.pool.query(
      `INSERT INTO runs (id, workspace_id, kind, title, status, plan, inputs, created_by_kind, created_by_id, created_by_name,
         created_at, finished_at) VALUES ($1, $2, 'recipe', 't', $3, '{}', '{}', 'user', $4, 'n', $5, $6)`,
      [uuid(id), workspaceId, status, by, '2020-01-01', finished ? '2020-01-02' : null],
    );
    await database.pool.query(
      `INSERT INTO events (id, workspace_id, run_id, seq, key, type, subject, at, data)
       VALUES ($1, $2, $3, 1, 'k', 't', 's', '2020-01-01', '{}')`,
      [uuid(id + 10), workspaceId, uuid(id)],
    );
  }
  await database.pool.query(
    `INSERT INTO privacy_requests (id, workspace_id, type, status, filed_by, details, received_at, due_at, closed_at)
     VALUES ($1, $2, 'restriction', 'completed', 'person', '', '2020-01-01', '2020-02-01', '2020-01-02')`,
    [uuid(50), workspaceId],
  );
  await database.pool.query(
    `INSERT INTO privacy_restrictions (id, workspace_id, user_id, request_id, since) VALUES ($1, $2, 'kept', $3, '2020-01-02')`,
    [uuid(51), workspaceId, uuid(50)],
  );
  const named = (name: string) => RETENTION_CATEGORIES.find(({ category }) => category === name);
  const remove = (name: string) =>
    database.system(async (tx) => named(name)?.delete(tx, scopeOf('workspace'), 100));
  expect(await remove('runs')).toBe(1);
  const left = await database.pool.query('SELECT id FROM runs ORDER BY id');
  expect(left.rows).toEqual([{ id: uuid(2) }, { id: uuid(3) }]);
  const events = await database.pool.query('SELECT run_id FROM events ORDER BY run_id');
  expect(events.rows).toEqual([{ run_id: uuid(2) }, { run_id: uuid(3) }]);
  // The request whose restriction still holds stays, however old it is.
  expect(await remove('closed_requests')).toBe(0);
});
